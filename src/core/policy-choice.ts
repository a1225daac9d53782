import { builtInPolicy, type Policy } from './policy.ts';
import { matchesUnit } from './unit-pattern.ts';

/** The first policy that fits is the unit's; the built-in one fits whatever the others leave. */
export function policyFor(policies: readonly Policy[], unit: string): Policy {
  return policies.find((policy) => fits(policy, unit)) ?? builtInPolicy;
}

export function fits({ match }: Policy, unit: string): boolean {
  return match.some((pattern) => matchesUnit(pattern, unit));
}
