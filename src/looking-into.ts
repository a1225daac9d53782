import type { Incident } from './core/incident.ts';
import { pause } from './kit/backoff.ts';
import { coerceError } from './kit/errors.ts';
import { Limit } from './kit/limit.ts';
import type { Log } from './kit/log.ts';
import { BusError } from './systemd/bus-error.ts';

/** One thing to find out about a new incident; it tells what it finds by itself. */
export interface Look {
  /** What it looks for, as in "Looking for … failed": `the cause of logstash.service`. */
  readonly what: (incident: Incident) => string;
  readonly find: (incident: Incident, signal: AbortSignal) => Promise<void>;
}

export interface LookingIntoDeps {
  readonly looks: readonly Look[];
  readonly log: Log;
  /** Found out or not: nobody need wait any longer. */
  readonly onDone: (incident: Incident) => void;
}

/** Where fifty services fall at once, each look takes its turn; what waits too long is told without. */
const width = 2;
const room = 20;

/** Whoever is told of an incident waits no longer for what is found out about it. */
const withinMs = 2000;

/** A PID 1 that re-executes drops what it was asked, and is there again soon. */
const againMs = 500;

/** Finds out about new incidents: off the path of the news, a few at a time, and nobody waits for long. */
export class LookingInto {
  readonly #deps: LookingIntoDeps;
  readonly #limit = new Limit(width, room);
  readonly #stop = new AbortController();

  constructor(deps: LookingIntoDeps) {
    this.#deps = deps;
  }

  /** Returns at once; `onDone` follows, in any case, within two seconds. False: it is not looked at, and nothing follows. */
  start(incident: Incident): boolean {
    if (this.#stop.signal.aborted) return false;
    const looked = this.#limit.tryRun(async () => this.#look(incident));
    if (looked === undefined) return false;
    void this.#whenDone(incident, looked);
    return true;
  }

  close(): void {
    this.#stop.abort();
  }

  /** What comes late is not in the first notification any more, but known from then on. */
  async #whenDone(incident: Incident, looked: Promise<unknown>): Promise<void> {
    const done = new AbortController();
    const late = pause(withinMs, AbortSignal.any([done.signal, this.#stop.signal]));
    await Promise.race([looked, late]);
    done.abort();
    this.#deps.onDone(incident);
  }

  async #look(incident: Incident): Promise<void> {
    // The news goes out first.
    await new Promise(setImmediate);
    const { signal } = this.#stop;
    if (!signal.aborted)
      await Promise.all(this.#deps.looks.map(async (look) => this.#find(look, incident, signal)));
  }

  async #find({ what, find }: Look, incident: Incident, signal: AbortSignal): Promise<void> {
    const { log } = this.#deps;
    const failed = `Looking for ${what(incident)} failed; watching goes on.`;
    try {
      await find(incident, signal).catch(async (error: unknown) => {
        if (!(error instanceof BusError)) throw error;
        await pause(againMs, signal);
        if (!signal.aborted) await find(incident, signal);
      });
    } catch (thrown) {
      const error = coerceError(thrown);
      // That systemd is not there is said by others.
      if (error instanceof BusError) log.debug({ error, unit: incident.unit }, failed);
      else log.error({ error, unit: incident.unit }, failed);
    }
  }
}
