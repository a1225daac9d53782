import type { Effect } from '../../src/core/effect.ts';
import { newsOf } from '../../src/core/held.ts';
import type { Input } from '../../src/core/input.ts';
import type { Instant } from '../../src/core/instant.ts';
import { JournalFold } from '../../src/core/journal-fold.ts';
import type { JournalRecord } from '../../src/core/journal-record.ts';
import { Missed } from '../../src/core/missed.ts';
import { PastSteps } from '../../src/core/past-steps.ts';
import { builtInPolicy } from '../../src/core/policy.ts';
import { savedOf } from '../../src/core/saved.ts';
import { newState, type State } from '../../src/core/state.ts';
import { step } from '../../src/core/step.ts';
import { instant, Timeline } from './timeline.ts';

export const bootId = 'boot';

type Told<T> = T extends unknown ? Omit<T, 'machineId' | 'bootId' | 'uid' | 'at'> : never;

export function record(seconds: number, told: Told<JournalRecord>, boot = bootId): JournalRecord {
  return { machineId: 'machine', bootId: boot, uid: undefined, at: instant(seconds), ...told };
}

/** What a service does next: its main process dies and systemd restarts it, or somebody restarts it. */
export interface Move {
  readonly unit: string;
  readonly kind: 'crash' | 'restart';
  readonly afterSeconds: number;
  readonly status: number;
}

/** The same life as the bus and as the journal tell it. */
export interface Life {
  readonly timeline: Timeline;
  readonly records: readonly JournalRecord[];
}

export function live(moves: readonly Move[]): Life {
  const timeline = new Timeline();
  // The journal reaches further back than the services' lives do.
  const earlier = { unit: 'earlier.service', invocationId: 'earlier' };
  const records: JournalRecord[] = [record(-300, { kind: 'started', ...earlier })];
  const units = new Map<string, { nRestarts: number }>();
  let at = 0;
  const started = (unit: string): void => {
    records.push(record(at, { kind: 'started', unit, invocationId: invocationOf(unit) }));
  };
  const invocationOf = (unit: string): string => timeline.service(unit).snapshot.invocationId;
  for (const { unit, kind, afterSeconds, status } of moves) {
    const service = timeline.service(unit);
    const known = units.get(unit);
    at += afterSeconds;
    if (known === undefined) {
      units.set(unit, { nRestarts: 0 });
      timeline.take(at, { kind: 'unit-new', unit });
      service.start(at);
      started(unit);
    } else if (kind === 'crash') {
      const of = { unit, invocationId: invocationOf(unit) };
      service.die(at, { status });
      records.push(record(at, { kind: 'process-exit', command: 'ExecStart', code: 1, status, ...of }));
      records.push(record(at, { kind: 'failed', result: 'exit-code', ...of }));
      at += 0.1;
      known.nRestarts += 1;
      records.push(record(at, { kind: 'restart-scheduled', nRestarts: known.nRestarts, ...of }));
      service.autoRestart(at);
      started(unit);
    } else {
      const of = { unit, invocationId: invocationOf(unit) };
      known.nRestarts = 0;
      records.push(record(at, { kind: 'stopping', ...of }));
      records.push(record(at, { kind: 'deactivated', ...of }));
      service.restart(at);
      started(unit);
    }
  }
  return { timeline, records };
}

export interface Interrupted {
  readonly state: State;
  readonly diedAt: Instant;
  readonly startsAt: Instant;
  /** What both flapds told, one after the other. */
  readonly told: readonly Effect[];
}

/**
 * flapd takes `upTo` inputs and is killed; another one subscribes when `from` of them are over, and reads the journal while
 * it goes on being written: what was signalled from then until `readTo` is in both.
 */
export function interrupted(
  { timeline, records }: Life,
  upTo: number,
  from: number,
  readTo = from,
): Interrupted {
  const { inputs } = timeline;
  const first = newState([builtInPolicy]);
  const told = takeAll(first, inputs.slice(0, upTo));
  const diedAt = inputs[upTo - 1]?.at ?? instant(0);
  const saved = savedOf(first, bootId, diedAt, []);

  const state = newState([builtInPolicy]);
  const steps = new PastSteps(state);
  const fold = new JournalFold();
  const missed = new Missed(saved);
  const startsAt = inputs[readTo - 1]?.at ?? diedAt;
  for (const each of records.filter(({ at }) => at.monotonicMs <= startsAt.monotonicMs)) {
    for (const input of fold.inputs(each)) {
      const effects = steps.take(input, each.at);
      if (each.at.wallMs > saved.savedAtWallMs - 5000) missed.add(effects, each);
    }
  }
  for (const input of fold.finish(bootId)) step(state, input, startsAt);
  missed.add(steps.take({ kind: 'tick' }, startsAt), undefined);
  told.push(...step(state, { kind: 'restore', saved, since: missed.units(), bootId }, startsAt).effects);

  const rest = inputs
    .slice(from)
    .map(({ at, input }, index) => ({ input, at: from + index < readTo ? startsAt : at }));
  const news = new Set<Input>(
    newsOf(
      state,
      rest.map(({ input }) => input),
    ),
  );
  told.push(
    ...takeAll(
      state,
      rest.filter(({ input }) => news.has(input)),
    ),
  );
  return { state, told, diedAt, startsAt };
}

function takeAll(state: State, inputs: readonly { readonly at: Instant; readonly input: Input }[]): Effect[] {
  const steps = new PastSteps(state);
  return inputs.flatMap(({ at, input }) => steps.take(input, at));
}
