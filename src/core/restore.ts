import { audienceOf, unlessLed } from './audience.ts';
import type { Effect } from './effect.ts';
import type { Exit } from './exit.ts';
import { countExit } from './exit-tally.ts';
import type { Incident } from './incident.ts';
import type { Instant } from './instant.ts';
import { policyFor } from './policy-choice.ts';
import { revive, type Saved, type SavedIncident, type SavedUnit, type UnitCounters } from './saved.ts';
import { runInProgress } from './run.ts';
import type { State } from './state.ts';
import { newRecord, type UnitRecord } from './unit-record.ts';

export interface Restored {
  /** All but those whose incident is still to be reported. */
  readonly records: readonly UnitRecord[];
  /** What nobody was told yet of incidents that were told. */
  readonly effects: readonly Effect[];
  /** Those whose incident opened while nobody looked, the first first. */
  readonly unreported: readonly UnitRecord[];
}

export interface Past {
  readonly saved: Saved | undefined;
  readonly since: readonly UnitCounters[];
  readonly bootId: string;
}

/**
 * Brings together what the journal told of the past and what flapd had saved. An incident that was reported goes on under
 * its id; one that opened or closed while flapd was away is reported now; nothing is reported twice. Counters go on from
 * where they were saved, by what happened `since`.
 */
export function restore(state: State, past: Past, now: Instant): Restored {
  const { saved, since, bootId } = past;
  const known = saved?.incidents ?? [];
  const reports = new Map(known.map((each) => [each.unit, each]));
  const counters = new Map((saved?.units ?? []).map((each) => [each.unit, each]));
  const missed = new Map(since.map((each) => [each.unit, each]));
  const units = new Set([...state.units.keys(), ...counters.keys(), ...known.map(({ unit }) => unit)]);
  const effects: Effect[] = [];
  const records = [...units].map((unit) => {
    const record = state.units.get(unit) ?? {
      ...newRecord(unit, policyFor(state.policies, unit)),
      loaded: false,
    };
    const reported = reports.get(unit);
    const judged = reconcile(state, record, reported, now);
    effects.push(...judged.effects);
    const before = counters.get(unit);
    const marked = saved?.bootId === bootId ? withMark(judged.record, before, now) : judged.record;
    return saved === undefined ? marked : withCounters(marked, before, missed.get(unit));
  });
  const isUnreported = ({ unit, incident }: UnitRecord): boolean =>
    incident !== undefined && !reports.has(unit);
  return {
    records: records.filter((record) => !isUnreported(record)).map((record) => withLeader(record, records)),
    effects,
    unreported: records
      .filter(isUnreported)
      .toSorted((a, b) => (a.incident?.beganMs ?? 0) - (b.incident?.beganMs ?? 0)),
  };
}

function reconcile(
  state: State,
  record: UnitRecord,
  reported: SavedIncident | undefined,
  now: Instant,
): { record: UnitRecord; effects: readonly Effect[] } {
  const { incident } = record;
  if (reported === undefined)
    return { record: incident === undefined ? record : standingAlone(record, incident), effects: [] };
  const to = audienceOf(state, record, now.wallMs);
  const revived = revive(reported, now);
  if (incident !== undefined) {
    const goesOn = merge(incident, revived);
    const worsened = goesOn.kind === 'braked' && revived.kind === 'loop';
    return {
      record: { ...record, incident: goesOn },
      effects: worsened
        ? [{ kind: 'incident-worsened', why: 'braked', incident: goesOn, to: unlessLed(goesOn, to) }]
        : [],
    };
  }
  const closed = state.closed.findLast(
    (each) => each.unit === record.unit && (each.closed?.at.wallMs ?? 0) >= reported.openedAtWallMs,
  );
  if (closed !== undefined) {
    const over = merge(closed, revived);
    return {
      record,
      effects: [{ kind: 'incident-closed', incident: over, to: unlessLed(over, over.toldTo) }],
    };
  }
  // The journal does not reach back so far: it goes on as it was saved, and time and systemd will tell.
  return { record: { ...record, incident: revived }, effects: [] };
}

/** What belongs together is found anew, among those that were told. */
function standingAlone(record: UnitRecord, incident: Incident): UnitRecord {
  return { ...record, incident: { ...incident, leader: undefined, groups: [] } };
}

/** The one that leads goes on under the id by which it was reported; where it is over, its members stand for themselves. */
function withLeader(record: UnitRecord, records: readonly UnitRecord[]): UnitRecord {
  const { incident } = record;
  if (incident?.leader === undefined) return record;
  const { unit } = incident.leader;
  const found = records.find((each) => each.unit === unit)?.incident;
  const leader = found === undefined || found.leader !== undefined ? undefined : { unit, id: found.id };
  return { ...record, incident: { ...incident, leader } };
}

/** What the journal told, under the name by which it was reported. What both counted is not added up. */
function merge(told: Incident, reported: Incident): Incident {
  const most = (key: 'automatic' | 'external' | 'inferred'): number => Math.max(told[key], reported[key]);
  return {
    ...told,
    id: reported.id,
    openedAt: reported.openedAt,
    rule: reported.rule,
    kind: told.kind,
    beganMs: Math.min(told.beganMs, reported.beganMs),
    root: reported.root ?? told.root,
    leader: reported.leader,
    groups: [...new Set([...reported.groups, ...told.groups])],
    toldTo: reported.toldTo,
    toldMs: reported.toldMs,
    toldPeriodMs: reported.toldPeriodMs,
    afterMs: Math.min(told.afterMs, reported.afterMs),
    firstMs: Math.min(told.firstMs, reported.firstMs),
    automatic: most('automatic'),
    external: most('external'),
    inferred: most('inferred'),
    firstExit: earlierOf(told.firstExit, reported.firstExit),
    exits: reported.automatic > told.automatic ? reported.exits : told.exits,
    causes: told.causes ?? reported.causes,
    evidence: told.evidence ?? reported.evidence,
    changes: told.changes ?? reported.changes,
    advice: told.advice ?? reported.advice,
    burnedCpuMs: Math.max(told.burnedCpuMs ?? 0, reported.burnedCpuMs ?? 0) || undefined,
  };
}

/** The journal may reach back to before what was saved, or no longer so far. Of one run it knows more. */
function earlierOf(told: Exit | undefined, saved: Exit | undefined): Exit | undefined {
  if (told === undefined || saved === undefined) return told ?? saved;
  return saved.invocationId !== told.invocationId && saved.atMs < told.atMs ? saved : told;
}

function withCounters(
  record: UnitRecord,
  saved: UnitCounters | undefined,
  since: UnitCounters | undefined,
): UnitRecord {
  const sum = (key: 'automatic' | 'external' | 'inferred'): number =>
    (saved?.[key] ?? 0) + (since?.[key] ?? 0);
  const cpuMs = (saved?.burnedCpuMs ?? 0) + (since?.burnedCpuMs ?? 0);
  return {
    ...record,
    automatic: sum('automatic'),
    external: sum('external'),
    inferred: sum('inferred'),
    exits: (since?.exits ?? []).reduce(
      (tally, { exit, count }) => countExit(tally, exit, count),
      saved?.exits ?? [],
    ),
    burnedCpuMs: saved?.burnedCpuMs === undefined && since?.burnedCpuMs === undefined ? undefined : cpuMs,
  };
}

/** Where the journal did not say how far PID 1's counter had come, what was saved does: the difference is what was missed. */
function withMark(record: UnitRecord, saved: SavedUnit | undefined, now: Instant): UnitRecord {
  if (record.nRestarts !== undefined || saved?.nRestarts === undefined) return record;
  const run =
    saved.invocationId === undefined ? undefined : runInProgress(saved.invocationId, now.monotonicMs);
  return { ...record, nRestarts: saved.nRestarts, run: record.run ?? run };
}
