import { neverAppliesToAnyOf } from '../core/remedy/deny-list.ts';
import { displayTimeSpan, formatTimeSpan } from '../core/time-span.ts';
import { type PlacedPolicy, problemIn } from './placed-policy.ts';
import { comparePlaces, maxProblems, type Problem, quote } from './problem.ts';
import { ruleWarnings } from './rule-warnings.ts';
import { ruleText } from './rule-text.ts';
import { ownersOf, shadowWarnings } from './shadow-warnings.ts';

/** What these policies say and can hardly mean, in the order of their lines; not much more than {@link maxProblems}. */
export function policyWarnings(placed: readonly PlacedPolicy[]): Problem[] {
  const owners = ownersOf(placed);
  const warnings: Problem[] = [];
  for (const [index, policy] of placed.entries()) {
    if (warnings.length >= maxProblems) break;
    const found = [
      ...shadowWarnings(policy, owners[index] ?? []),
      ...ruleWarnings(policy),
      ...calmWarnings(policy),
      ...denyWarnings(policy),
    ];
    warnings.push(...found.toSorted(comparePlaces));
  }
  return warnings;
}

/** Shorter than the loops of the fastest rule have runs it decides nothing: twice a loop's own period does. */
function calmWarnings(placed: PlacedPolicy): Problem[] {
  const { loop, calmAfterMs } = placed.policy;
  const fastest = [...loop].sort((a, b) => a.withinMs / a.restarts - b.withinMs / b.restarts)[0];
  if (fastest === undefined) return [];
  const periodMs = fastest.withinMs / fastest.restarts;
  if (calmAfterMs >= periodMs) return [];
  const period = displayTimeSpan(periodMs);
  const message = `a loop that its fastest rule is about (${ruleText(fastest)}) may have ${period} between two restarts, more than ${formatTimeSpan(calmAfterMs)}; flapd waits for twice the loop's own period in any case`;
  return [
    problemIn(placed, ['calm_after'], message, {
      id: 'calm-too-soon',
      severity: 'warning',
      fix: `set calm_after to ${period} or more`,
    }),
  ];
}

function denyWarnings(placed: PlacedPolicy): Problem[] {
  const { match, mode } = placed.policy;
  if (mode !== 'apply') return [];
  return match.flatMap((pattern, index) => {
    const because = neverAppliesToAnyOf(pattern);
    if (because === undefined) return [];
    const message = `flapd never applies a change to ${quote(pattern)}: ${because}`;
    return [
      problemIn(placed, ['match', index], message, {
        id: 'never-applied',
        severity: 'warning',
        fix: 'give it a policy with "mode: recommend"',
      }),
    ];
  });
}
