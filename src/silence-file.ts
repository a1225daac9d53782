import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { longestSilenceMs, silenceTarget, type Silence } from './core/silence.ts';
import { isRecord } from './kit/record.ts';

const format = 'flapd silence';
const version = 1;

/** Far above what the longest unit and reason take. */
export const mostSilenceBytes = 4096;
export const longestReason = 300;

const suffix = '.json';
/** NAME_MAX of Linux (limits.h). */
const longestFileName = 255;

/** Nothing that moves the cursor, hides or reorders text: it ends up on terminals. */
const line = v.pipe(v.string(), v.maxLength(longestReason), v.regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u));
/** As far as a Date reaches (ECMA-262, 21.4.1.1). */
const wallMs = v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e15));

const file = v.object({
  format: v.literal(format),
  version: v.literal(version),
  unit: v.pipe(
    v.string(),
    v.check((text) => {
      const target = silenceTarget(text);
      return target.ok && target.unit === text;
    }),
  ),
  untilWallMs: wallMs,
  sinceWallMs: wallMs,
  by: v.optional(line),
  reason: v.optional(line),
});

/** Whether this text can stand in a silence as its reason. */
export function isLine(text: string): boolean {
  return v.is(line, text);
}

/** Named after the unit; `~`, which no unit name holds, keeps a name that had to be cut apart from all others. */
export function silenceFileName(unit: string): string {
  if (unit.length + suffix.length <= longestFileName) return `${unit}${suffix}`;
  const hash = createHash('sha256').update(unit).digest('hex').slice(0, 32);
  return `${unit.slice(0, 200)}~${hash}${suffix}`;
}

export function silenceText(silence: Silence): string {
  return `${JSON.stringify({ format, version, ...silence })}\n`;
}

/** The silence that this text holds, or what is wrong with it. */
export function parseSilence(text: string, name: string): Silence | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'it is torn: not whole JSON';
  }
  if (!isRecord(json) || json['format'] !== format) return 'it is not a silence of flapd';
  if (json['version'] !== version)
    return `it is of version ${JSON.stringify(json['version'])?.slice(0, 20)}, and this flapd knows version ${version}`;
  const parsed = v.safeParse(file, json);
  if (!parsed.success) return `it has an unexpected ${v.getDotPath(parsed.issues[0]) ?? 'content'}`;
  const { unit, untilWallMs, sinceWallMs, by, reason } = parsed.output;
  if (untilWallMs <= sinceWallMs) return 'it ends before it begins';
  if (untilWallMs - sinceWallMs > longestSilenceMs) return 'it is longer than 30 days';
  if (silenceFileName(unit) !== name) return `it is about ${unit}, and is not named so`;
  return { unit, untilWallMs, sinceWallMs, by, reason };
}
