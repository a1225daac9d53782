import { nobody } from './audience.ts';
import { closingOf } from './closing.ts';
import { tallyOf } from './exit-tally.ts';
import { incidentId, type CloseReason, type Incident } from './incident.ts';
import { instantAt, type Instant } from './instant.ts';
import type { LoopRule, Policy } from './policy.ts';
import type { PastRun, UnitRecord } from './unit-record.ts';
import { hasRestarted, longestSpanMs, periodMs, ruleThatHolds } from './verdict.ts';
import { recentPeriodMs, restartsBetween, type Restart } from './window.ts';

export interface Judged {
  readonly record: UnitRecord;
  readonly change: Change | undefined;
}

/** `braked`: systemd gave up on a loop; `faster`: it became twice as fast as was told. */
export interface Change {
  readonly kind: 'opened' | 'braked' | 'faster' | 'closed';
  readonly incident: Incident;
}

/**
 * Opens, worsens or closes the unit's incident. One loop is one incident: while it is open no rule is asked, and the
 * restarts it took open no second one. `newlyBraked`: systemd has just given up.
 */
export function judge(record: UnitRecord, now: Instant, newlyBraked: boolean): Judged {
  if (record.incident === undefined) return judgeQuiet(record, now, newlyBraked);
  const { incident } = record;
  if (newlyBraked && incident.kind === 'loop') {
    const worse: Incident = { ...incident, kind: 'braked', periodMs: periodMs(record, now.monotonicMs) };
    return { record: { ...record, incident: worse }, change: { kind: 'braked', incident: worse } };
  }
  return judgeOpen(record, incident, now);
}

function judgeQuiet(record: UnitRecord, now: Instant, newlyBraked: boolean): Judged {
  const rule = ruleThatHolds(record, now.monotonicMs);
  // The start limit counts every start: a job that a timer runs each second meets it without ever being restarted.
  const gaveUp = newlyBraked && hasRestarted(record, now.monotonicMs);
  if (rule === undefined && !gaveUp) return { record, change: undefined };
  const incident = open(record, rule, now, newlyBraked);
  return { record: { ...record, incident }, change: { kind: 'opened', incident } };
}

function open(record: UnitRecord, rule: LoopRule | undefined, now: Instant, braked: boolean): Incident {
  const spanMs = rule?.withinMs ?? longestSpanMs(record.policy);
  const afterMs = Math.max(record.judgedUntilMs, now.monotonicMs - spanMs);
  const restarts = restartsBetween(record.window, afterMs, now.monotonicMs);
  const firstMs = restarts[0]?.atMs ?? now.monotonicMs;
  // The run before the first restart is the loop's first failure, so it belongs to the loop though it started earlier.
  const runs = record.pastRuns.slice(-restarts.length - (braked ? 1 : 0));
  const incident: Incident = {
    id: incidentId(record.unit, now),
    unit: record.unit,
    kind: braked ? 'braked' : 'loop',
    policy: record.policy.name,
    rule,
    openedAt: now,
    beganMs: Math.min(runs[0]?.exit.atMs ?? firstMs, firstMs),
    afterMs,
    firstMs,
    lastMs: restarts.at(-1)?.atMs ?? firstMs,
    closed: undefined,
    ...countsOf(restarts),
    exits: tallyOf(runs.map(({ exit }) => exit)),
    firstExit: runs.find(({ exit }) => !exit.requested)?.exit,
    lastExit: runs.findLast(({ exit }) => !exit.requested)?.exit ?? record.lastExit,
    burnedCpuMs: cpuOf(runs),
    periodMs: undefined,
    root: undefined,
    causes: undefined,
    evidence: undefined,
    changes: undefined,
    advice: undefined,
    remedy: undefined,
    leader: undefined,
    groups: [],
    toldTo: nobody,
    toldMs: now.monotonicMs,
    toldPeriodMs: undefined,
  };
  const period = periodMs({ ...record, incident }, now.monotonicMs);
  return { ...incident, periodMs: period, toldPeriodMs: period };
}

function countsOf(restarts: readonly Restart[]): Pick<Incident, 'automatic' | 'external' | 'inferred'> {
  const external = restarts.filter((restart) => restart.external).length;
  const inferred = restarts.filter((restart) => restart.inferred).length;
  return { automatic: restarts.length - external, external, inferred };
}

function cpuOf(runs: readonly PastRun[]): number | undefined {
  const known = runs.flatMap((run) => run.cpuMs ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, cpuMs) => sum + cpuMs, 0);
}

/** A loop that restarts more often than this is as bad as it gets: that it is faster still is no news. */
const fastMs = 1000;

function judgeOpen(record: UnitRecord, incident: Incident, now: Instant): Judged {
  const closing = closingOf(record, now.monotonicMs);
  const period = periodMs(record, now.monotonicMs) ?? incident.periodMs;
  const paced: Incident =
    period === incident.periodMs
      ? incident
      : { ...incident, periodMs: period, toldPeriodMs: incident.toldPeriodMs ?? period };
  if (closing !== undefined && closing.atMs <= now.monotonicMs) {
    return close(record, paced, closing.reason, closing.sinceMs, now);
  }
  const toldMs = paced.toldPeriodMs ?? 0;
  const recentMs = toldMs < fastMs ? undefined : recentPeriodMs(record.window, incident.afterMs);
  if (recentMs !== undefined && 2 * recentMs <= toldMs) {
    const faster: Incident = { ...paced, periodMs: recentMs, toldPeriodMs: recentMs };
    return { record: { ...record, incident: faster }, change: { kind: 'faster', incident: faster } };
  }
  return { record: paced === incident ? record : { ...record, incident: paced }, change: undefined };
}

/** Restarts up to now open no other incident. */
function close(
  record: UnitRecord,
  incident: Incident,
  reason: CloseReason,
  sinceMs: number,
  now: Instant,
): Judged {
  const closed: Incident = {
    ...incident,
    closed: { at: instantAt(now.monotonicMs, now), reason, quietMs: now.monotonicMs - sinceMs },
  };
  return {
    record: { ...record, incident: undefined, judgedUntilMs: now.monotonicMs },
    change: { kind: 'closed', incident: closed },
  };
}

/**
 * Under another policy. The window stands: what the new rules call a loop is one, and goes on under its id where it was
 * one before; what they do not is over, and its restarts count on towards the new rules.
 */
export function judgeAnew(record: UnitRecord, policy: Policy, now: Instant): Judged {
  const { incident } = record;
  const moved: UnitRecord = { ...record, policy };
  if (incident === undefined) return judge(moved, now, false);
  const rule = sameRules(record.policy, policy)
    ? incident.rule
    : ruleThatHolds({ ...moved, judgedUntilMs: -Infinity }, now.monotonicMs);
  if (rule !== undefined || incident.kind === 'braked') {
    return judge({ ...moved, incident: { ...incident, policy: policy.name, rule } }, now, false);
  }
  const { record: closed, change } = close(moved, incident, 'policy', incident.lastMs, now);
  return { record: { ...closed, judgedUntilMs: record.judgedUntilMs }, change };
}

function sameRules(a: Policy, b: Policy): boolean {
  return (
    a.loop.length === b.loop.length &&
    a.loop.every(
      ({ restarts, withinMs }, index) =>
        restarts === b.loop[index]?.restarts && withinMs === b.loop[index].withinMs,
    )
  );
}
