import type { Effect } from './effect.ts';
import { countExit, recountExit } from './exit-tally.ts';
import type { Exit } from './exit.ts';
import { exitCodeWord } from './exit.ts';
import { addExit, refineExit } from './incident.ts';
import type { Origin } from './input.ts';
import { isWaiting } from './phase.ts';
import { restartsOf, restartsSince, type RestartDelta } from './restarts.ts';
import { observeRun, type Run } from './run.ts';
import type { Snapshot } from './snapshot.ts';
import { maxPastRuns, type UnitRecord } from './unit-record.ts';
import { longestSpanMs } from './verdict.ts';
import { addRestarts, forgetBefore } from './window.ts';

export interface Observed {
  readonly record: UnitRecord;
  readonly effects: readonly Effect[];
}

/** Takes in one look at a unit: its run, how that ended, and the restarts since the last look. Judges nothing. */
export function observeSnapshot(
  record: UnitRecord,
  snapshot: Snapshot,
  origin: Origin,
  nowMs: number,
): Observed {
  const delta = restartsSince(record, snapshot, origin === 'resync');
  const sameRun = record.run?.invocationId === snapshot.invocationId ? record.run : undefined;
  const run = noteQueuedRestart(observeRun(sameRun, snapshot, nowMs), snapshot, delta, origin);
  const firstLook = record.nRestarts === undefined;
  const braked = isBraked(record, run, snapshot);
  const brakedUntilMs = record.braked && !braked ? nowMs : record.brakedUntilMs;
  const { nRestarts } = snapshot;
  let next: UnitRecord = { ...record, loaded: true, nRestarts, run, braked, brakedUntilMs };
  if (run.exit !== undefined && sameRun?.exit === undefined) next = addEndedRun(next, run.exit, firstLook);
  next = addDelta(next, delta, run.exit === undefined && origin === 'resync' ? run.startedMs : nowMs, nowMs);
  return { record: next, effects: questions(record, next, run, snapshot) };
}

/**
 * The counter rose while the dead run's id still stands: the run that comes next is explained. Where the rise itself was
 * not seen, the queued job tells.
 */
function noteQueuedRestart(run: Run, snapshot: Snapshot, delta: RestartDelta, origin: Origin): Run {
  const rose = delta.automatic > 0 || (origin === 'resync' && snapshot.jobId !== 0);
  return rose && isWaiting(snapshot) ? { ...run, restartQueued: true } : run;
}

/**
 * systemd gave up: it queued the restart (NRestarts rose), and the unit then failed without a new invocation. `Result`
 * says so only from about v260 on, or where a start by hand is refused after a success.
 */
function isBraked(before: UnitRecord, run: Run, snapshot: Snapshot): boolean {
  // From v254 on `failed-before-auto-restart` is a failure on its way to the next start, not the end of the road.
  if (snapshot.activeState !== 'failed' || snapshot.subState !== 'failed') {
    // Up to v253 the refused restart passes through inactive/dead: not a move of its own.
    return (
      before.braked &&
      snapshot.jobId !== 0 &&
      before.run?.invocationId === run.invocationId &&
      run.exit !== undefined
    );
  }
  return before.braked || run.restartQueued || snapshot.result === 'start-limit-hit';
}

/** A run that was over before flapd first looked is shown, but counted nowhere. */
function addEndedRun(record: UnitRecord, exit: Exit, firstLook: boolean): UnitRecord {
  if (firstLook) return { ...record, lastExit: exit };
  return {
    ...record,
    lastExit: exit,
    exits: countExit(record.exits, exit),
    pastRuns: [...record.pastRuns.slice(1 - maxPastRuns), { exit, cpuMs: undefined }],
    incident: record.incident === undefined ? undefined : addExit(record.incident, exit),
  };
}

/** Counts restarts; planned ones stay out of the window that rules look at. */
export function addDelta(
  record: UnitRecord,
  delta: RestartDelta,
  newestMs: number,
  nowMs: number,
): UnitRecord {
  const count = delta.automatic + delta.external;
  if (count === 0) return record;
  const restarts = delta.planned ? [] : restartsOf(delta, record.lastRestartMs, Math.min(newestMs, nowMs));
  const { incident } = record;
  return {
    ...record,
    window: forgetBefore(addRestarts(record.window, restarts), nowMs - longestSpanMs(record.policy)),
    automatic: record.automatic + delta.automatic,
    external: record.external + delta.external,
    inferred: record.inferred + delta.inferred,
    lastRestartMs: restarts.at(-1)?.atMs ?? record.lastRestartMs,
    incident:
      incident === undefined
        ? undefined
        : {
            ...incident,
            lastMs: Math.max(incident.lastMs, newestMs),
            automatic: incident.automatic + delta.automatic,
            external: incident.external + delta.external,
            inferred: incident.inferred + delta.inferred,
          },
  };
}

/**
 * What the signal does not carry is asked for once per run, and only while systemd is sure to keep the unit loaded:
 * reading an unloaded unit loads it again (facts §1.6).
 */
function questions(before: UnitRecord, after: UnitRecord, run: Run, snapshot: Snapshot): Effect[] {
  const { unit } = after;
  const { invocationId, exit } = run;
  const keepsLoaded = isWaiting(snapshot) || snapshot.activeState === 'failed';
  const asks: Effect[] = [];
  // A run that somebody's job cut short, also where that job came from what the unit requires, never waits. One such
  // restart is in good order, and no reason to ask anything.
  const isUpAgain =
    after.external > 0 &&
    after.window.restarts.length > 1 &&
    snapshot.activeState === 'active' &&
    before.run?.activeState !== 'active';
  if (after.dependencies === undefined && isUpAgain) asks.push({ kind: 'ask-dependencies', unit });
  if (exit === undefined || !keepsLoaded) return asks;
  if (after.serviceType === undefined && exit.result !== 'success' && before.run?.exit === undefined) {
    asks.push({ kind: 'ask-service-type', unit });
  }
  const wasWaiting = before.run?.invocationId === invocationId && before.run.waits;
  if (!isWaiting(snapshot) || wasWaiting) return asks;
  asks.push({ kind: 'ask-cpu', unit, invocationId });
  if (exit.process !== undefined && exit.process !== 'main' && exit.code === undefined) {
    asks.push({ kind: 'ask-control-exit', unit, invocationId, process: exit.process });
  }
  // Once per run, and last: the others' answers are gone with the next start, this one's stays.
  if (after.dependencies === undefined) asks.push({ kind: 'ask-dependencies', unit });
  return asks;
}

/** CPU of a run that ended; an answer that comes after the next start is not this run's. */
export function observeCpu(record: UnitRecord, invocationId: string, cpuMs: number): UnitRecord {
  const past = record.pastRuns.at(-1);
  if (past === undefined || past.exit.invocationId !== invocationId || past.cpuMs !== undefined)
    return record;
  if (record.run?.invocationId !== invocationId) return record;
  const { incident } = record;
  return {
    ...record,
    pastRuns: [...record.pastRuns.slice(0, -1), { ...past, cpuMs }],
    burnedCpuMs: (record.burnedCpuMs ?? 0) + cpuMs,
    incident:
      incident === undefined ? undefined : { ...incident, burnedCpuMs: (incident.burnedCpuMs ?? 0) + cpuMs },
  };
}

/** How a control process ended, for a run whose exit was counted without it. */
export function observeControlExit(
  record: UnitRecord,
  invocationId: string,
  code: number,
  status: number,
): UnitRecord {
  const before = record.lastExit;
  const word = exitCodeWord(code);
  if (
    before === undefined ||
    before.invocationId !== invocationId ||
    before.code !== undefined ||
    word === undefined
  ) {
    return record;
  }
  const after: Exit = { ...before, code: word, status };
  const counted = record.pastRuns.some((past) => past.exit.invocationId === invocationId);
  return {
    ...record,
    lastExit: after,
    exits: counted ? recountExit(record.exits, before, after) : record.exits,
    pastRuns: record.pastRuns.map((past) =>
      past.exit.invocationId === invocationId ? { ...past, exit: after } : past,
    ),
    incident: record.incident === undefined ? undefined : refineExit(record.incident, before, after),
    run: record.run?.invocationId === invocationId ? { ...record.run, exit: after } : record.run,
  };
}
