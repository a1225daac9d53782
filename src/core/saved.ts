import { dropInSections } from './remedy/drop-in-sections.ts';
import type { Exit } from './exit.ts';
import type { ExitTally } from './exit-tally.ts';
import type { Incident } from './incident.ts';
import { leavingOutEvidence } from './evidence/kept-evidence.ts';
import { instantAt, type Instant } from './instant.ts';
import type { Undelivered } from './notification.ts';
import type { Remedy } from './remedy/remedy.ts';
import type { State } from './state.ts';
import { hasTrouble, type UnitRecord } from './unit-record.ts';

/**
 * What the journal can't tell: which incidents were already reported, and how far the counters had come. Times are wall
 * clock milliseconds: the monotonic clock does not outlive a boot.
 */
export interface Saved {
  readonly savedAtWallMs: number;
  /** Restart counters and invocation ids are of this boot. */
  readonly bootId: string;
  readonly incidents: readonly SavedIncident[];
  readonly units: readonly SavedUnit[];
  /** What was done about units last. */
  readonly remedies: readonly SavedRemedy[];
  /** What sinks were still to be told. */
  readonly undelivered: readonly Undelivered[];
}

export type SavedIncident = Omit<
  Incident,
  | 'openedAt'
  | 'beganMs'
  | 'afterMs'
  | 'firstMs'
  | 'lastMs'
  | 'toldMs'
  | 'closed'
  | 'firstExit'
  | 'lastExit'
  | 'remedy'
> & {
  readonly openedAtWallMs: number;
  readonly beganWallMs: number;
  readonly toldWallMs: number;
  readonly firstWallMs: number;
  readonly lastWallMs: number;
  readonly firstExit: SavedExit | undefined;
};

export type SavedExit = Omit<Exit, 'atMs'> & { readonly atWallMs: number };

/** What the file of a remedy does not say, and once that is gone, what it was. */
export interface SavedRemedy extends Pick<
  Remedy,
  'unit' | 'incident' | 'restartsBefore' | 'periodMs' | 'forecast' | 'outcome' | 'reason'
> {
  /** As they stand in the file. */
  readonly sections: string;
  readonly atWallMs: number;
}

/**
 * How far flapd had come with a unit: all up to here is in its counters. A time would not say it: what PID 1 did a moment
 * before the file was written may have been on its way.
 */
export interface Mark {
  readonly nRestarts: number | undefined;
  readonly invocationId: string | undefined;
  /** Of the last run whose end was counted. */
  readonly endedInvocationId: string | undefined;
}

/** Counters of a unit since flapd first saw it. */
export interface UnitCounters {
  readonly unit: string;
  readonly automatic: number;
  readonly external: number;
  readonly inferred: number;
  readonly exits: ExitTally;
  readonly burnedCpuMs: number | undefined;
}

export type SavedUnit = UnitCounters & Mark;

/** All that has to outlive the process: open incidents, and the counters of units that restarted or failed. */
export function savedOf(
  state: State,
  bootId: string,
  now: Instant,
  undelivered: readonly Undelivered[],
): Saved {
  const records = [...state.units.values()];
  const wallMs = (monotonicMs: number): number => instantAt(monotonicMs, now).wallMs;
  const incidents = records.flatMap(({ incident }): readonly SavedIncident[] => {
    if (incident === undefined) return [];
    const {
      openedAt,
      beganMs,
      toldMs,
      afterMs: _after,
      firstMs,
      lastMs,
      closed: _closed,
      firstExit,
      lastExit: _exit,
      remedy: _remedy,
      ...rest
    } = incident;
    const times = {
      openedAtWallMs: openedAt.wallMs,
      beganWallMs: wallMs(beganMs),
      toldWallMs: wallMs(toldMs),
      firstWallMs: wallMs(firstMs),
      lastWallMs: wallMs(lastMs),
    };
    return [{ ...rest, ...times, firstExit: firstExit && savedExit(firstExit, wallMs(firstExit.atMs)) }];
  });
  const units = records.filter(hasTrouble).map(savedUnit);
  const remedies = records.flatMap(({ remedy }) => (remedy === undefined ? [] : savedRemedy(remedy, now)));
  // One of these for each sink: the evidence is with the incidents.
  const lighter = undelivered.map(({ sink, notification }) => ({
    sink,
    notification: { ...notification, incident: leavingOutEvidence(notification.incident) },
  }));
  return { savedAtWallMs: now.wallMs, bootId, incidents, units, remedies, undelivered: lighter };
}

function savedExit({ atMs: _at, ...exit }: Exit, atWallMs: number): SavedExit {
  return { ...exit, atWallMs };
}

function savedRemedy(remedy: Remedy, now: Instant): SavedRemedy {
  const { unit, incident, restartsBefore, periodMs, forecast, outcome, reason, atMs } = remedy;
  const sections = dropInSections(remedy.directives);
  const atWallMs = instantAt(atMs, now).wallMs;
  return { unit, incident, sections, restartsBefore, periodMs, forecast, outcome, reason, atWallMs };
}

function savedUnit(record: UnitRecord): SavedUnit {
  const { unit, automatic, external, inferred, exits, burnedCpuMs, nRestarts, run, lastExit } = record;
  const counters = { unit, automatic, external, inferred, exits, burnedCpuMs };
  return {
    ...counters,
    nRestarts,
    invocationId: run?.invocationId,
    endedInvocationId: lastExit?.invocationId,
  };
}

/** The incident as it goes on now, on the time scale of this boot. */
export function revive(saved: SavedIncident, now: Instant): Incident {
  const { openedAtWallMs, beganWallMs, toldWallMs, firstWallMs, lastWallMs, firstExit, ...rest } = saved;
  const monotonicMs = (wallMs: number): number => now.monotonicMs - (now.wallMs - wallMs);
  const firstMs = monotonicMs(firstWallMs);
  return {
    ...rest,
    openedAt: { wallMs: openedAtWallMs, monotonicMs: monotonicMs(openedAtWallMs) },
    beganMs: monotonicMs(beganWallMs),
    toldMs: monotonicMs(toldWallMs),
    afterMs: firstMs - 1,
    firstMs,
    lastMs: monotonicMs(lastWallMs),
    closed: undefined,
    firstExit: firstExit && revivedExit(firstExit, monotonicMs(firstExit.atWallMs)),
    lastExit: undefined,
    remedy: undefined,
  };
}

function revivedExit({ atWallMs: _at, ...exit }: SavedExit, atMs: number): Exit {
  return { ...exit, atMs };
}
