import { advise, type Advice } from './core/advice/advice.ts';
import type { AdviceEvidence, Sister } from './core/advice/advice-evidence.ts';
import { historyOf } from './core/advice/advice-history.ts';
import type { EndedRun } from './core/chronicle.ts';
import { diesAlike, isSister } from './core/grouping.ts';
import type { Incident } from './core/incident.ts';
import type { Instant } from './core/instant.ts';
import { policyFor } from './core/policy-choice.ts';
import type { State } from './core/state.ts';
import { presentAdvice } from './core/advice/present-advice.ts';
import { majorVersion } from './core/systemd/systemd-version.ts';
import { rootOf } from './core/trouble.ts';
import { newRecord, type UnitRecord } from './core/unit-record.ts';
import type { AdviceView } from './core/view.ts';
import type { Look } from './looking-into.ts';
import { replay } from './replay.ts';
import { JournalUnreadable, readJournal } from './systemd/journal.ts';
import type { Manager } from './systemd/manager.ts';
import { readUnitFiles } from './systemd/unit-files.ts';

export interface AdviceRequest {
  readonly unit: string;
  readonly manager: Manager;
  readonly systemdVersion: number;
  /** What is known of all units now. */
  readonly state: State;
  /** The service that its trouble follows, where that is known already. */
  readonly root?: string | undefined;
  readonly now: Instant;
  readonly past: PastToRead;
}

export interface PastToRead {
  readonly manager: 'system' | 'user';
  /** How far back the journal is read; 0 where there is none to read. */
  readonly backMs: number;
  /** At most so many entries of it, the latest: a run takes four to seven. */
  readonly mostEntries: number;
  /** Past this the latest hour is read alone, and then nothing. */
  readonly withinMs: number;
  readonly onLine?: (() => void) | undefined;
}

/** Of a loop that has gone on for a week the latest ten thousand runs tell enough. */
const mostRuns = 10_000;
const recentMs = 3_600_000;

export interface AdvisingDeps {
  readonly managerKind: 'system' | 'user';
  /** Undefined while systemd can't be heard: then there is nobody to ask. */
  readonly manager: () => Manager | undefined;
  readonly state: () => State;
  readonly now: () => Instant;
  readonly past?: Omit<PastToRead, 'manager' | 'onLine'>;
  /** Not called where nothing could be found out, or the policy only alerts. */
  readonly onAdvice: (incident: Incident, advice: AdviceView) => void;
}

/** So far back a cause that comes and goes has shown that it goes. */
export const usualBackMs = 7 * 24 * 3_600_000;

/** Beside what the daemon has to do: some 2000 runs. Three times as many took it 20 MB more, and seconds where it was busy. */
export const pastBesides = { backMs: usualBackMs, mostEntries: 8000, withinMs: 10_000 } as const;

/** Advises on a new incident. */
export function advising({
  managerKind,
  manager,
  state,
  now,
  onAdvice,
  past = pastBesides,
}: AdvisingDeps): Look {
  return {
    what: ({ unit }) => `advice on ${unit}`,
    find: async ({ unit, id }, signal) => {
      const asked = manager();
      const record = state().units.get(unit);
      if (asked === undefined || record?.incident?.id !== id || record.policy.mode === 'alert') return;
      const advice = await adviceFor({
        unit,
        manager: asked,
        systemdVersion: majorVersion(await asked.version()) ?? 0,
        state: state(),
        now: now(),
        past: { manager: managerKind, ...past },
      });
      if (!signal.aborted) onAdvice(record.incident, presentAdvice(advice, now()));
    },
  };
}

/** Asks systemd and the journal about one service, and advises. Rejects with a BusError where systemd does not answer. */
export async function adviceFor(request: AdviceRequest): Promise<Advice> {
  return advise(await gather(request));
}

async function gather(request: AdviceRequest): Promise<AdviceEvidence> {
  const { unit, manager, systemdVersion, state, now } = request;
  const record = state.units.get(unit) ?? newRecord(unit, policyFor(state.policies, unit));
  const [service, { files, unread }, dependencies, past] = await Promise.all([
    manager.loadedService(unit, systemdVersion),
    // Of a unit that is not loaded there is nothing to override.
    readUnitFiles(manager, unit, []),
    manager.dependencies(unit),
    readPast(request),
  ]);
  const runs = historyOf(past.runs, record);
  const beganMs = record.incident?.beganMs ?? now.monotonicMs;
  return {
    service,
    files,
    unread: unread.map(({ file }) => file),
    policy: record.policy,
    runs,
    sinceMs: Math.min(past.sinceMs, runs[0]?.exit.atMs ?? now.monotonicMs),
    nowMs: now.monotonicMs,
    upSinceMs: service.activeSinceMs,
    braked: record.braked,
    root: request.root ?? rootOf(state, { ...record, dependencies }, beganMs, now.monotonicMs)?.unit,
    sisters: sistersOf(state, record),
  };
}

interface Past {
  readonly runs: readonly EndedRun[];
  readonly sinceMs: number;
}

/** A journal that can't be read leaves what flapd saw itself. */
async function readPast(request: AdviceRequest): Promise<Past> {
  const { now, past } = request;
  const nothing = { runs: [], sinceMs: now.monotonicMs };
  for (const backMs of new Set([past.backMs, Math.min(past.backMs, recentMs)])) {
    if (backMs === 0) return nothing;
    const signal = AbortSignal.timeout(past.withinMs);
    try {
      return await readRuns(request, backMs, signal);
    } catch (error) {
      if (!(error instanceof JournalUnreadable)) throw error;
      if (!signal.aborted) return nothing;
    }
  }
  return nothing;
}

/** As far back as the journal goes, which need not be so far as was asked for. */
async function journalBeganMs(
  { now, past }: AdviceRequest,
  backMs: number,
  signal: AbortSignal,
): Promise<number> {
  const query = { source: { kind: 'live' }, manager: past.manager, now, signal } as const;
  for await (const { at } of readJournal({ ...query, sinceWallMs: now.wallMs - backMs }))
    return at.monotonicMs;
  return now.monotonicMs;
}

async function readRuns(request: AdviceRequest, backMs: number, signal: AbortSignal): Promise<Past> {
  const { unit, state, now, past } = request;
  let entries = 0;
  const query = {
    source: { kind: 'live' },
    manager: past.manager,
    unit,
    mostEntries: past.mostEntries,
    sinceWallMs: now.wallMs - backMs,
    now,
    signal,
    onLine: () => {
      entries += 1;
      past.onLine?.();
    },
  } as const;
  const { managers } = await replay({
    policies: state.policies,
    query,
    mostRuns,
    wants: (name) => name === unit,
  });
  const [own] = managers;
  const sinceMs = await journalBeganMs(request, backMs, signal);
  if (own === undefined) return { runs: [], sinceMs };
  const { runs, runsDropped } = own.chronicle;
  const isAll = runsDropped === 0 && entries < past.mostEntries;
  return { runs, sinceMs: isAll ? sinceMs : (runs[0]?.run.exit.atMs ?? sinceMs) };
}

function sistersOf(state: State, record: UnitRecord): readonly Sister[] {
  return [...state.units.values()]
    .filter((each) => each.loaded && each.unit !== record.unit && isSister(each, record.unit))
    .map((each) => ({
      unit: each.unit,
      diesAlike: each.incident !== undefined && diesAlike(each, record),
    }));
}
