import * as v from 'valibot';
import {
  type ApplyAnswer,
  type ApplyRequest,
  mostRequestBytes,
  mostUnitsAtOnce,
} from '../core/remedy/apply-request.ts';
import { type Directive, directiveNames, directiveValue, readDirective } from '../core/remedy/directive.ts';
import { isServiceName, splitUnitName } from '../core/unit-name.ts';

const format = 'flapd apply';
const version = 1;

const unit = v.pipe(
  v.string(),
  v.maxLength(255),
  v.check((text) => isServiceName(text) && splitUnitName(text)?.instance !== ''),
);
const line = v.pipe(v.string(), v.maxLength(1000));

const head = { format: v.literal(format), version: v.literal(version) };
const request = v.variant('verb', [
  v.strictObject({
    ...head,
    verb: v.literal('apply'),
    unit,
    directives: v.pipe(
      v.array(
        v.strictObject({
          directive: v.picklist(directiveNames),
          value: v.pipe(v.string(), v.maxLength(500)),
        }),
      ),
      v.minLength(1),
      v.maxLength(directiveNames.length),
    ),
    why: line,
    incident: line,
  }),
  v.strictObject({
    ...head,
    verb: v.literal('revert'),
    units: v.pipe(v.array(unit), v.minLength(1), v.maxLength(mostUnitsAtOnce)),
  }),
  v.strictObject({ ...head, verb: v.literal('recover') }),
]);

export type RequestReading =
  | { readonly ok: true; readonly request: ApplyRequest }
  /** A clause; it holds nothing of what was asked. */
  | { readonly ok: false; readonly found: string };

/** Reads what anybody may have sent. Nothing but names of services and numbers comes out; texts are for comments. */
export function readApplyRequest(text: string): RequestReading {
  if (Buffer.byteLength(text) > mostRequestBytes)
    return { ok: false, found: `it is longer than ${mostRequestBytes} bytes` };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, found: 'it is not JSON' };
  }
  const parsed = v.safeParse(request, json);
  if (!parsed.success)
    return { ok: false, found: `it has an unexpected ${known(v.getDotPath(parsed.issues[0]))}` };
  const { output } = parsed;
  if (output.verb === 'recover') return { ok: true, request: { verb: 'recover' } };
  if (output.verb === 'revert')
    return { ok: true, request: { verb: 'revert', units: [...new Set(output.units)] } };
  const directives: Directive[] = [];
  for (const { directive, value } of output.directives) {
    const reading = readDirective(directive, value);
    if (!reading.ok) return { ok: false, found: `${directive}= is not ${reading.expected}` };
    directives.push(reading.directive);
  }
  const { verb, unit: wanted, why, incident } = output;
  return { ok: true, request: { verb, unit: wanted, directives, why, incident } };
}

/** Keys of ours are named; what else was sent as a key is not repeated. */
function known(dotPath: string | null): string {
  return dotPath !== null && /^[a-z]+(\.\d{1,3}(\.[a-z]+)?)?$/.test(dotPath) ? dotPath : 'content';
}

export function applyRequestText(wanted: ApplyRequest): string {
  const content =
    wanted.verb === 'apply'
      ? {
          ...wanted,
          directives: wanted.directives.map((each) => ({
            directive: each.name,
            value: directiveValue(each),
          })),
        }
      : wanted;
  return `${JSON.stringify({ format, version, ...content })}\n`;
}

const outcome = v.object({
  unit,
  outcome: v.picklist([
    'applied',
    'reverted',
    'would-apply',
    'would-revert',
    'already',
    'refused',
    'no-effect',
    'failed',
  ]),
  reason: v.exactOptional(v.string()),
  hint: v.exactOptional(v.string()),
  passes: v.exactOptional(v.object({ atWallMs: v.number(), of: v.picklist(['unit', 'host']) })),
  dropIn: v.exactOptional(v.string()),
  untilWallMs: v.exactOptional(v.number()),
});
const answer = v.object({
  format: v.literal(format),
  version: v.literal(version),
  outcomes: v.array(outcome),
  refused: v.exactOptional(v.string()),
});

export function applyAnswerText(given: ApplyAnswer): string {
  return `${JSON.stringify({ format, version, ...given })}\n`;
}

/** Undefined where it is none, as where what should have answered died. */
export function readApplyAnswer(text: string): ApplyAnswer | undefined {
  try {
    const parsed = v.safeParse(answer, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
