import type { Effect } from './core/effect.ts';
import { Missed } from './core/missed.ts';
import type { Saved } from './core/saved.ts';
import type { Dependencies } from './core/trouble.ts';
import { newState, type State } from './core/state.ts';
import { step } from './core/step.ts';
import type { Clock } from './kit/clock.ts';
import { readPast, type PastReading } from './past.ts';

/** The journal of a busy host reads in seconds; past this the start is worth more than the rest of it. */
const defaultMostMs = 30_000;

/**
 * Then the latest hour is read instead, which journalctl finds at once, wherever it is in gigabytes. The older part alone
 * would do harm: what loops still would seem to have run in peace since then, and its incident would be closed.
 */
const recentMs = 3_600_000;

/** What was on its way when the state was saved is looked for so far back. */
const overlapMs = 5000;

/** Open incidents that are looked at for what they have in common. */
const mostAsked = 500;

export interface Backfill {
  readonly state: State;
  readonly clock: Clock;
  readonly manager: 'system' | 'user';
  readonly backfillMs: number;
  readonly saved: Saved | undefined;
  readonly bootId: string;
  /** What ties units together is not in the journal. */
  readonly dependenciesOf: (unit: string) => Promise<Dependencies | undefined>;
  /** Called for each entry of the journal. */
  readonly onLine?: (() => void) | undefined;
  /** For the whole journal, and again for its latest hour. */
  readonly mostMs?: number;
}

export interface Backfilled {
  /** What nobody was told yet. */
  readonly effects: readonly Effect[];
  readonly records: number;
  readonly warning: string | undefined;
}

/** Brings the state to where flapd would be, had it been running all the time: by the journal, and by what was saved. */
export async function backfill(options: Backfill): Promise<Backfilled> {
  const { state, clock, backfillMs, saved, bootId, dependenciesOf } = options;
  let read = await readBack(options, backfillMs);
  if (read.cut && backfillMs > recentMs) {
    const recent = await readBack(options, recentMs);
    const warning = 'Reading the journal took too long, so only its last hour counts.';
    read = recent.cut ? recent : { ...recent, warning };
  }
  // Of what was cut short nothing is known for sure.
  if (!read.cut) Object.assign(state, { ...read.state, policies: state.policies, silences: state.silences });
  const { missed, records, warning } = read;
  await Promise.all(
    [...state.open].slice(0, mostAsked).map(async (unit) => {
      const dependencies = await dependenciesOf(unit);
      if (dependencies !== undefined) step(state, { kind: 'dependencies', unit, dependencies }, clock.now());
    }),
  );
  const { effects } = step(state, { kind: 'restore', saved, since: missed.units(), bootId }, clock.now());
  return { effects, records, warning };
}

/** Reads so far back into a state of its own: what was cut short is thrown away. */
async function readBack(
  { state: { policies }, clock, manager, saved, onLine, mostMs = defaultMostMs }: Backfill,
  backMs: number,
): Promise<PastReading & { readonly state: State; readonly missed: Missed }> {
  const now = clock.now();
  const state = newState(policies);
  const missed = new Missed(saved);
  if (backMs === 0) return { state, missed, records: 0, warning: undefined, cut: false };
  const fromMs = (saved?.savedAtWallMs ?? -Infinity) - overlapMs;
  const query = {
    source: { kind: 'live' },
    manager,
    sinceWallMs: now.wallMs - backMs,
    now,
    signal: AbortSignal.timeout(mostMs),
    onLine,
  } as const;
  const reading = await readPast(state, query, (effects, at, record) => {
    if (at.wallMs > fromMs) missed.add(effects, record);
  });
  return { state, missed, ...reading };
}
