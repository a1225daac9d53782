import { Chronicle } from './core/chronicle.ts';
import type { Incident } from './core/incident.ts';
import type { Instant } from './core/instant.ts';
import { JournalFold } from './core/journal-fold.ts';
import type { JournalRecord } from './core/journal-record.ts';
import { PastSteps } from './core/past-steps.ts';
import type { Policy } from './core/policy.ts';
import { presentIncident, presentUnits } from './core/present.ts';
import { newState, type State } from './core/state.ts';
import type { IncidentView, UnitView } from './core/view.ts';
import { readJournal, type JournalQuery } from './systemd/journal.ts';

/** One manager's past: machines and users share no units, so they share no state. */
interface Manager {
  readonly machineId: string;
  readonly uid: string | undefined;
  readonly state: State;
  readonly steps: PastSteps;
  readonly fold: JournalFold;
  readonly chronicle: Chronicle;
  /** The latest moment that it told of. */
  last: Instant;
}

export interface ReplayedManager {
  readonly machineId: string;
  readonly uid: string | undefined;
  readonly units: readonly UnitView[];
  readonly incidents: readonly IncidentView[];
  /** The same as the core has them. */
  readonly told: readonly Incident[];
  readonly chronicle: Chronicle;
  /** Where what is known of it ends. */
  readonly until: Instant;
}

export interface Replayed {
  readonly managers: readonly ReplayedManager[];
  readonly records: number;
  readonly firstWallMs: number | undefined;
  readonly lastWallMs: number | undefined;
}

export interface ReplayOptions {
  readonly policies: readonly Policy[];
  readonly query: JournalQuery;
  /** Ended runs that are kept for showing. */
  readonly mostRuns: number;
  readonly wants?: (unit: string) => boolean;
}

/** Hosts in one stream: a fleet's collector has thousands, and then one host is to be chosen. */
const mostManagers = 100;

/**
 * What flapd would have said: the same `step` over what the journal tells, under any policies. A journal that goes on
 * until now ends now; a recording ends with its last entry.
 */
export async function replay({ policies, query, mostRuns, wants }: ReplayOptions): Promise<Replayed> {
  const managers = new Map<string, Manager>();
  let records = 0;
  let firstWallMs = Infinity;
  let lastWallMs = -Infinity;
  for await (const record of readJournal(query)) {
    records += 1;
    firstWallMs = Math.min(firstWallMs, record.at.wallMs);
    lastWallMs = Math.max(lastWallMs, record.at.wallMs);
    const key = `${record.machineId} ${record.uid ?? ''}`;
    let manager = managers.get(key);
    if (manager === undefined) {
      if (managers.size === mostManagers) continue;
      manager = newManager(record, policies, new Chronicle(mostRuns, wants));
      managers.set(key, manager);
    }
    take(manager, record);
  }
  const live = query.source.kind === 'live';
  return {
    managers: [...managers.values()].map((manager) =>
      finish(manager, live ? query.now : manager.last, wants !== undefined),
    ),
    records,
    firstWallMs: records === 0 ? undefined : firstWallMs,
    lastWallMs: records === 0 ? undefined : live ? query.now.wallMs : lastWallMs,
  };
}

function newManager(
  { machineId, uid, at }: JournalRecord,
  policies: readonly Policy[],
  chronicle: Chronicle,
): Manager {
  const state = newState(policies);
  return { machineId, uid, state, steps: new PastSteps(state), fold: new JournalFold(), chronicle, last: at };
}

function take(manager: Manager, record: JournalRecord): void {
  const { steps, fold, chronicle, last } = manager;
  if (record.at.monotonicMs > last.monotonicMs) manager.last = record.at;
  for (const input of fold.inputs(record)) {
    const effects = steps.take(input, record.at);
    if (effects.length > 0) chronicle.add(effects, record.at);
  }
}

/** `alone`: an incident that was part of another one is wanted by itself too. */
function finish(
  { machineId, uid, state, steps, chronicle }: Manager,
  now: Instant,
  alone: boolean,
): ReplayedManager {
  chronicle.add(steps.take({ kind: 'tick' }, now), now);
  const open = [...state.open].flatMap((unit) => state.units.get(unit)?.incident ?? []);
  const told = [...chronicle.incidents, ...open].filter(({ leader }) => alone || leader === undefined);
  told.sort((a, b) => a.openedAt.wallMs - b.openedAt.wallMs);
  const units = presentUnits(state, now);
  return { machineId, uid, units, incidents: told.map(presentIncident), told, chronicle, until: now };
}
