import type { LoopRule, Policy } from './policy.ts';
import type { UnitRecord } from './unit-record.ts';
import type { Verdict } from './view.ts';
import { countBetween, medianPeriodMs } from './window.ts';

/** The restarts that a rule counts now: those in its span that no closed incident has accounted for. */
export function countFor(rule: LoopRule, record: UnitRecord, nowMs: number): number {
  return countBetween(record.window, Math.max(record.judgedUntilMs, nowMs - rule.withinMs), nowMs);
}

/** The first rule of the unit's policy that holds. */
export function ruleThatHolds(record: UnitRecord, nowMs: number): LoopRule | undefined {
  return record.policy.loop.find((rule) => countFor(rule, record, nowMs) >= rule.restarts);
}

/** Whether it was restarted at all, as far back as the policy looks. */
export function hasRestarted(record: UnitRecord, nowMs: number): boolean {
  return record.policy.loop.some((rule) => countFor(rule, record, nowMs) > 0);
}

/** Half of what a rule asks for, and at least two: one crash that heals is no suspicion. */
function isSuspect(rule: LoopRule, record: UnitRecord, nowMs: number): boolean {
  const count = countFor(rule, record, nowMs);
  return count >= 2 && 2 * count >= rule.restarts;
}

/** How far back the policy looks. */
export function longestSpanMs(policy: Policy): number {
  return Math.max(...policy.loop.map((rule) => rule.withinMs));
}

/** Median time between the restarts of the loop at hand, or of the longest span a rule looks at. */
export function periodMs(record: UnitRecord, nowMs: number): number | undefined {
  const spanStartMs = nowMs - longestSpanMs(record.policy);
  return medianPeriodMs(
    record.window,
    record.incident?.afterMs ?? Math.max(record.judgedUntilMs, spanStartMs),
  );
}

/** How long the unit must stay up before its incident is closed: a slow loop needs twice its own period. */
export function calmAfterMs(record: UnitRecord, nowMs: number): number {
  return Math.max(record.policy.calmAfterMs, 2 * (periodMs(record, nowMs) ?? 0));
}

/**
 * `recovering`: the run at hand has outlived two periods of the loop, so that it would have died by now; or the unit has
 * rested for so long, stopped or failed, without anything to start it.
 */
export function verdictOf(record: UnitRecord, nowMs: number): Verdict {
  if (record.incident === undefined) {
    return record.policy.loop.some((rule) => isSuspect(rule, record, nowMs)) ? 'suspect' : 'calm';
  }
  if (record.braked) return 'braked';
  const { run } = record;
  if (run === undefined || run.waits) return 'looping';
  const quietMs = nowMs - (run.exit?.atMs ?? run.startedMs);
  return quietMs > 2 * (periodMs(record, nowMs) ?? 0) ? 'recovering' : 'looping';
}
