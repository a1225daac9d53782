import { ruleText } from '../config/rule-text.ts';
import { neverAppliesTo } from '../core/remedy/deny-list.ts';
import type { Policy } from '../core/policy.ts';
import { formatTimeSpan } from '../core/time-span.ts';
import { type EffectivePolicy, originOf, policyKeys } from './check-policy.ts';
import { columns } from './columns.ts';

/** Longer lists go on in the next line. */
const maxListWidth = 60;

/** The policy of a unit, each value with the place it comes from; without a closing newline. */
export function policyTable(effective: EffectivePolicy): string {
  const { unit, policy } = effective;
  const values = valuesOf(policy);
  const rows = policyKeys.flatMap((path) => {
    const key = path.join('.');
    const [first = '', ...more] = values[key] ?? [];
    return [[key, first, originOf(effective, path)], ...more.map((value) => ['', value, ''])];
  });
  const place = originOf(effective, []);
  const origin = place === 'default' ? 'the built-in one' : place;
  const never = policy.mode === 'apply' ? neverAppliesTo(unit) : undefined;
  return [
    `${unit} has policy ${JSON.stringify(policy.name)}, ${origin}:`,
    '',
    ...columns([['KEY', 'VALUE', 'FROM'], ...rows]),
    ...(never === undefined ? [] : ['', `flapd never applies a change to ${unit}: ${never}.`]),
  ].join('\n');
}

/** Lines for each key. */
function valuesOf(policy: Policy): Readonly<Record<string, readonly string[]>> {
  const { remedy } = policy;
  const { preventExitStatus, backoff } = remedy;
  return {
    match: lines(policy.match),
    loop: policy.loop.map(ruleText),
    calm_after: [formatTimeSpan(policy.calmAfterMs)],
    mode: [policy.mode],
    'remedy.prevent_exit_status':
      typeof preventExitStatus === 'string' ? [preventExitStatus] : lines(preventExitStatus.map(String)),
    'remedy.backoff': [
      typeof backoff === 'string'
        ? backoff
        : `${formatTimeSpan(backoff.fromMs)} to ${formatTimeSpan(backoff.toMs)}`,
    ],
    'remedy.start_limit': [remedy.startLimit],
    'remedy.lifetime': [remedy.lifetime],
    'remedy.revert_after': [spanOr(remedy.revertAfterMs, 'kept')],
    notify: policy.notify === undefined ? ['every sink'] : lines(policy.notify, 'the log only'),
    remind_every: [spanOr(policy.remindEveryMs, 'never')],
  };
}

function spanOr(ms: number, zero: string): string {
  return ms === 0 ? zero : formatTimeSpan(ms);
}

function lines(words: readonly string[], none = ''): readonly string[] {
  const found: string[] = [];
  for (const word of words) {
    const last = found.at(-1);
    if (last === undefined || last.length + word.length > maxListWidth) found.push(word);
    else found[found.length - 1] = `${last}, ${word}`;
  }
  return found.length === 0 ? [none] : found;
}
