import { advising, pastBesides } from '../advising.ts';
import type { Config } from '../config/load.ts';
import { presentIncidents, presentUnit, presentUnits } from '../core/present.ts';
import { newState, type State } from '../core/state.ts';
import { PastSteps } from '../core/past-steps.ts';
import type { Silence } from '../core/silence.ts';
import { step } from '../core/step.ts';
import type { UnitView } from '../core/view.ts';
import { longestSpanMs } from '../core/verdict.ts';
import type { Clock } from '../kit/clock.ts';
import { remediesOnDisk } from '../remedies-on-disk.ts';
import { readPast, type PastReading } from '../past.ts';
import { DropInFiles } from '../systemd/drop-in-files.ts';
import { systemdUnreachable } from '../systemd/unreachable.ts';
import { Watcher } from '../systemd/watcher.ts';
import { IncidentAdvice } from './incident-advice.ts';
import type { StatusPicture } from './status-picture.ts';

/** What was read by then counts; the rest is known from systemd's own counters. */
const readJournalWithinMs = 10_000;
/** Of one unit, beside the reading of them all. */
const readUnitWithinMs = 1500;

export interface DirectOptions {
  readonly config: Config;
  readonly address: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether this machine's journal is that systemd's. */
  readonly journal: boolean;
  readonly silences: readonly Silence[];
}

/** A daemon for as long as the command runs: the past from the journal, the present from systemd, the same `step`. */
export interface DirectLook {
  /** As `step` left it: to be read, not changed. */
  readonly state: State;
  picture(): StatusPicture;
  unit(name: string): UnitView | undefined;
  /** Advises on these incidents where that was not done yet. Answers on how many there was no time to. */
  advise(ids: ReadonlySet<string>): Promise<number>;
  close(): Promise<void>;
}

/** Rejects with an AppError where systemd can't be reached. */
export async function lookDirectly(options: DirectOptions): Promise<DirectLook> {
  const { config, address, clock, silences } = options;
  const state = newState(config.policies);
  state.silences = silences;
  const past = await readJournalInto(state, options);
  const pastUnknown = past.warning !== undefined && past.records === 0;
  const warned = past.warning?.replace('.).', ').');
  let lost: string | undefined;
  const watcher = new Watcher(address, {
    onInput: (input) => step(state, input, clock.now()).effects,
    onConnected: () => {
      lost = undefined;
    },
    onDisconnected: (why) => {
      lost = `The connection to systemd is lost (${why}); connecting again.`;
    },
    onSynced: () => {},
  });
  await watcher.start().catch((error: unknown) => {
    throw systemdUnreachable(error, address);
  });
  if (pastUnknown) step(state, { kind: 'past-unknown' }, clock.now());
  if (config.manager === 'system' && options.journal) findRemedies(state, clock);
  const running = watcher.run();
  const incidentAdvice = new IncidentAdvice(
    state,
    advising({
      managerKind: config.manager,
      manager: () => watcher.manager,
      state: () => state,
      now: () => clock.now(),
      past: { ...pastBesides, withinMs: readUnitWithinMs, ...(options.journal ? {} : { backMs: 0 }) },
      onAdvice: ({ unit, id }, advice) => {
        step(state, { kind: 'advice', unit, incident: id, advice }, clock.now());
      },
    }),
  );
  return {
    state,
    picture: () => {
      const now = clock.now();
      new PastSteps(state).take({ kind: 'tick' }, now);
      const warning = lost ?? (pastUnknown ? `${warned} What happened before now is not known.` : warned);
      return {
        from: 'systemd',
        units: presentUnits(state, now),
        incidents: presentIncidents(state),
        lookBackMs: lookBackMs(config),
        ...(warning === undefined ? {} : { warning }),
        pastUnknown,
      };
    },
    unit: (name) => {
      const record = state.units.get(name);
      return record && presentUnit(record, clock.now(), state.silences);
    },
    advise: (ids) => incidentAdvice.advise(ids, options.signal),
    close: async () => {
      await watcher.stop();
      await running;
    },
  };
}

/** As far back as any rule looks. */
function lookBackMs({ policies }: Config): number {
  return Math.max(...policies.map(longestSpanMs));
}

const foreignBus = 'The journal was not read, since it need not be that of the systemd on another bus.';

/** Stops early when it takes too long, or is wanted no more. */
async function readJournalInto(
  state: State,
  { config, clock, signal, journal }: DirectOptions,
): Promise<PastReading> {
  if (!journal) return { records: 0, warning: foreignBus, cut: false };
  const now = clock.now();
  return readPast(state, {
    source: { kind: 'live' },
    manager: config.manager,
    sinceWallMs: now.wallMs - lookBackMs(config),
    now,
    signal: AbortSignal.any([signal, AbortSignal.timeout(readJournalWithinMs)]),
  });
}

/** What is in force, by its files; whether it helps is for a daemon to say. */
function findRemedies(state: State, clock: Clock): void {
  const now = clock.now();
  for (const remedy of remediesOnDisk(new DropInFiles(), state, [], now))
    step(state, { kind: 'remedy', remedy, known: true }, now);
}
