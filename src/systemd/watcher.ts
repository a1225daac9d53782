import type { Effect } from '../core/effect.ts';
import type { Input } from '../core/input.ts';
import type { Dependencies } from '../core/trouble.ts';
import { Backoff, pause } from '../kit/backoff.ts';
import { Limit } from '../kit/limit.ts';
import { unlessAborted } from '../kit/unless-aborted.ts';
import { BusError } from './bus-error.ts';
import { Connection } from './connection.ts';
import type { Manager } from './manager.ts';
import { isRefusal } from './refusal.ts';

/** dbus-daemon allows 128 replies outstanding per connection; past 32 nothing gets faster. */
const callsInFlight = 32;

/** Questions that may wait. In a storm of restarts the CPU of some stays unknown, which is better than asking for ever. */
const questionsWaiting = 256;

/** Reloads come in bursts (package upgrades): one look after the last of them is enough. */
const settleMs = 50;
/** A bus that is lost so often before the first comparison is no bus to start on. */
const lossesAtStart = 10;

/** Longest pause before a comparison that failed is tried again. */
const mostSettleMs = 5000;

/** Some seconds of the fastest restarts that PID 1 can produce. */
const mostHeld = 10_000;

export type Question = Extract<
  Effect,
  { kind: 'ask-cpu' | 'ask-control-exit' | 'ask-service-type' | 'ask-dependencies' }
>;
export type Reading = Extract<Effect, { kind: 'read-counters' | 'read-unit' }>;

/** Reads the past, with a way to ask what a unit builds on: undefined where systemd does not know the unit. */
export type ReadPast = (dependenciesOf: (unit: string) => Promise<Dependencies | undefined>) => Promise<void>;

export interface WatcherEvents {
  /** Takes an input; answers what is to be read or asked because of it. */
  readonly onInput: (input: Input) => readonly Effect[];
  /** Of signals that came while the past was read, answers those that tell more than it; all of them, where it is left out. */
  readonly onHeld?: (held: readonly Input[]) => readonly Input[];
  readonly onConnected: (connection: { systemdVersion: string; units: number; again: boolean }) => void;
  readonly onDisconnected: (why: string) => void;
  readonly onSynced: () => void;
}

/**
 * Keeps flapd's picture of systemd true: connects, compares everything after each moment in which signals may have been
 * lost, answers the core's questions, and connects again for as long as it runs.
 */
export class Watcher {
  readonly #address: string;
  readonly #events: WatcherEvents;
  readonly #readings = new Limit(callsInFlight / 2);
  readonly #questions = new Limit(4, questionsWaiting);
  /** Apart from the others, which must be answered before the next start and are not to wait behind these. */
  readonly #dependencyQuestions = new Limit(4, questionsWaiting);
  readonly #stop = new AbortController();
  /**
   * Units of which everything was asked. Signals are taken as they come, an answer some turns after it came: a signal
   * strikes its unit off, for it shows as much, and the answer may be older. Taken all the same, the answer would set the
   * restart counter back, and the next signal would count a restart twice.
   */
  readonly #asked = new Set<string>();
  #connection: Connection | undefined;
  #syncing: Promise<void> | undefined;
  #syncAgain = false;
  /** Signals of the time before the past was read. */
  #held: Input[] | undefined;
  #loaded = new Set<string>();
  signals = 0;
  reconnects = 0;

  constructor(address: string, events: WatcherEvents) {
    this.#address = address;
    this.#events = events;
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** As far as its signals say. */
  get reloading(): boolean {
    return this.#connection?.reloading === true;
  }

  /** To be asked things; undefined while systemd can't be heard. */
  get manager(): Manager | undefined {
    return this.#connection?.manager;
  }

  /** Services that systemd has loaded, as far as flapd has heard. */
  get units(): number {
    return this.#loaded.size;
  }

  /**
   * Connects once and reads everything; rejects where systemd can't be reached. `run` goes on from there. Signals that
   * come while `readPast` is at work are taken after it: the past ends where they begin, without a gap.
   */
  async start(readPast?: ReadPast): Promise<void> {
    if (readPast !== undefined) this.#held = [];
    let past: Promise<void> | undefined;
    const readPastOnce = async (): Promise<void> =>
      (past ??= readPast?.((unit) => this.#dependenciesOf(unit)));
    const backoff = new Backoff(100, 5000);
    for (let lost = 0; ; lost += 1) {
      try {
        return await this.#connect(false, readPastOnce);
      } catch (error) {
        // It was there, and has gone meanwhile: that is waited for, here as later.
        const isLost = error instanceof BusError && (error.kind === 'lost' || lost > 0);
        if (!isLost || lost === lossesAtStart || this.#stop.signal.aborted) throw error;
      }
      await pause(backoff.nextMs(), this.#stop.signal);
    }
  }

  /** Resolves after `stop`, at once: an attempt to connect that hangs is not waited for. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    const backoff = new Backoff(100, 5000);
    while (!signal.aborted) {
      if (this.#connection !== undefined) await this.#untilLost(this.#connection);
      if (signal.aborted) return;
      await pause(backoff.nextMs(), signal);
      try {
        await unlessAborted(this.#connect(true), signal);
        this.reconnects += 1;
        backoff.reset();
      } catch (error) {
        if (!(error instanceof BusError)) throw error;
      }
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#connection?.close();
  }

  async #connect(again: boolean, readPast?: () => Promise<void>): Promise<void> {
    const connection = await Connection.open(this.#address, {
      onInput: (input) => this.#input(input),
      onStale: () => this.#soon(),
      onSignal: () => {
        this.signals += 1;
      },
    });
    if (this.#stop.signal.aborted) return connection.close();
    this.#connection = connection;
    connection.onLost((reason) => {
      this.#connection = undefined;
      if (!this.#stop.signal.aborted) this.#events.onDisconnected(reason.message);
    });
    try {
      const systemdVersion = await connection.manager.version();
      await readPast?.();
      this.#release();
      const units = await this.#sync(connection.manager);
      this.#events.onConnected({ systemdVersion, units, again });
      this.#events.onSynced();
    } catch (error) {
      // Connected, but not compared, would be taken for a true picture for as long as nothing happens.
      this.#connection = undefined;
      await connection.close();
      throw error;
    }
  }

  /** A bus that is lost meanwhile leaves it open, as for any question. */
  async #dependenciesOf(unit: string): Promise<Dependencies | undefined> {
    const manager = this.#connection?.manager;
    return manager === undefined ? undefined : answerOf(async () => manager.dependencies(unit));
  }

  async #untilLost(connection: Connection): Promise<void> {
    const lost = new Promise<void>((resolve) => connection.onLost(() => resolve()));
    await unlessAborted(lost, this.#stop.signal);
  }

  /** Compares everything, once what is going on has settled; a need that comes up meanwhile is served after. */
  #soon(): void {
    if (this.#syncing !== undefined) {
      this.#syncAgain = true;
      return;
    }
    this.#syncing = this.#syncSettled().finally(() => {
      this.#syncing = undefined;
      if (!this.#syncAgain) return;
      this.#syncAgain = false;
      this.#soon();
    });
  }

  async #syncSettled(): Promise<void> {
    const backoff = new Backoff(settleMs, mostSettleMs);
    for (;;) {
      await pause(backoff.nextMs(), this.#stop.signal);
      const manager = this.#connection?.manager;
      if (manager === undefined || this.#stop.signal.aborted) return;
      try {
        await manager.subscribe();
        await this.#sync(manager);
        return this.#events.onSynced();
      } catch (error) {
        // Of a bus lost meanwhile `run` hears itself; a PID 1 that is busy or just re-executes is asked again.
        if (!(error instanceof BusError)) throw error;
      }
    }
  }

  async #sync(manager: Manager): Promise<number> {
    const listed = await manager.listServices();
    // Loaded because others name it, and no service; but one whose file was deleted may still run.
    const services = listed.filter(
      ({ loadState, activeState }) => loadState !== 'not-found' || activeState !== 'inactive',
    );
    this.#loaded = new Set(services.map(({ unit }) => unit));
    const wanted = this.#events.onInput({ kind: 'listed', units: services });
    await this.#read(manager, wanted);
    return services.length;
  }

  /** In rounds: what an answer makes worth reading is read after it, never while it holds a place in the line. */
  async #read(manager: Manager, effects: readonly Effect[]): Promise<void> {
    for (let wanted = effects; wanted.length > 0;) {
      const readings = wanted.filter(
        (effect): effect is Reading => effect.kind === 'read-counters' || effect.kind === 'read-unit',
      );
      for (const effect of wanted) this.#ask(effect);
      const answers = await Promise.all(
        readings.map((reading) => this.#readings.run(() => this.#readOne(manager, reading))),
      );
      wanted = answers.flat();
    }
  }

  async #readOne(manager: Manager, { kind, unit }: Reading): Promise<readonly Effect[]> {
    try {
      if (kind === 'read-counters')
        return this.#events.onInput({ kind: 'counters', unit, ...(await manager.counters(unit)) });
      this.#asked.add(unit);
      const snapshot = await manager.snapshot(unit);
      const stands = this.#asked.delete(unit);
      return stands ? this.#events.onInput({ kind: 'snapshot', origin: 'resync', snapshot }) : [];
    } catch (error) {
      if (isRefusal(error)) return [];
      throw error;
    }
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    // One that is missing may be the one that shows others to be old news; the comparison that follows finds out.
    if (held.length === mostHeld) return;
    for (const input of this.#events.onHeld?.(held) ?? held) this.#input(input);
  }

  #input(input: Input): void {
    if (this.#held !== undefined) {
      if (this.#held.length < mostHeld) this.#held.push(input);
      return;
    }
    if (input.kind === 'unit-new') this.#loaded.add(input.unit);
    if (input.kind === 'unit-removed') this.#loaded.delete(input.unit);
    if (input.kind === 'snapshot') this.#asked.delete(input.snapshot.unit);
    const effects = this.#events.onInput(input);
    for (const effect of effects) this.#ask(effect);
  }

  #ask(effect: Effect): void {
    const manager = this.#connection?.manager;
    if (manager === undefined) return;
    if (!isQuestion(effect)) return;
    const line = effect.kind === 'ask-dependencies' ? this.#dependencyQuestions : this.#questions;
    void line.tryRun(async () => {
      const input = await answerOf(() => answer(manager, effect));
      if (input !== undefined) this.#input(input);
    });
  }
}

function isQuestion(effect: Effect): effect is Question {
  return effect.kind.startsWith('ask-');
}

async function answer(manager: Manager, question: Question): Promise<Input | undefined> {
  const { kind, unit } = question;
  if (kind === 'ask-service-type')
    return { kind: 'service-type', unit, serviceType: await manager.serviceType(unit) };
  if (kind === 'ask-dependencies')
    return { kind: 'dependencies', unit, dependencies: await manager.dependencies(unit) };
  const { invocationId } = question;
  if (kind === 'ask-cpu') {
    const cpuMs = await manager.cpuMs(unit);
    return cpuMs === undefined ? undefined : { kind: 'cpu', unit, invocationId, cpuMs };
  }
  const exit = await manager.controlExit(unit, question.process);
  return exit === undefined ? undefined : { kind: 'control-exit', unit, invocationId, ...exit };
}

/** A unit that is gone by now, or a bus that is lost, leaves the question open; neither is an error of ours. */
async function answerOf<Answer>(ask: () => Promise<Answer | undefined>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof BusError) return undefined;
    throw error;
  }
}
