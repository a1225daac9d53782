import type { Incident } from './core/incident.ts';
import { pause } from './kit/backoff.ts';
import { coerceError } from './kit/errors.ts';
import { Limit } from './kit/limit.ts';
import type { Log } from './kit/log.ts';

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
    const { looks, log } = this.#deps;
    const { signal } = this.#stop;
    await Promise.all(
      looks.map(async ({ what, find }) => {
        if (signal.aborted) return;
        try {
          await find(incident, signal);
        } catch (thrown) {
          const error = coerceError(thrown);
          log.error(
            { error, unit: incident.unit },
            `Looking for ${what(incident)} failed; watching goes on.`,
          );
        }
      }),
    );
  }
}
