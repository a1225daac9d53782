import type { Notification } from '../core/notification.ts';
import { displayTimeSpan } from '../core/time-span.ts';
import type { IncidentView } from '../core/view.ts';
import { Backoff, pause } from '../kit/backoff.ts';
import type { Clock } from '../kit/clock.ts';
import { coerceError } from '../kit/errors.ts';
import type { Log } from '../kit/log.ts';
import { DeliveryLog } from './delivery-log.ts';
import { amend, enqueue, giveBack, takeNext, type Pending, type Queue } from './queue.ts';
import type { Failed, Outcome, Sink } from './sink.ts';

/** How long a sink is given; tests have less time than an outage. */
export interface Patience {
  readonly firstRetryMs: number;
  readonly mostRetryMs: number;
  /** A notification that could not be told for so long is given up. */
  readonly giveUpMs: number;
  /** So many incidents are held for one sink. */
  readonly mostHeld: number;
}

export interface ChannelDeps {
  readonly log: Log;
  readonly clock: Clock;
  readonly random: () => number;
  readonly patience: Patience;
  /** Something is no longer to be told: whoever keeps `pending` over a crash writes it anew. */
  readonly onSettled: () => void;
}

/** What became of each try. */
export interface Counts {
  delivered: number;
  retried: number;
  dead: number;
}

/** One sink with what it is to be told: one delivery at a time, and nobody else waits for it. */
export class Channel {
  readonly counts: Counts = { delivered: 0, retried: 0, dead: 0 };
  readonly #deps: ChannelDeps;
  readonly #log: DeliveryLog;
  readonly #backoff: Backoff;
  readonly #stop = new AbortController();
  #sink: Sink;
  #queue: Queue = new Map();
  /** Incidents of which more will be known in a moment. */
  readonly #held = new Set<string>();
  #order = 0;
  #inFlight: Pending | undefined;
  #running: Promise<void> | undefined;
  /** Ends the pause after a failure early. */
  #hurry = new AbortController();
  #isClosing = false;
  #mustTellAgain = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(name: string, sink: Sink, deps: ChannelDeps) {
    const { firstRetryMs, mostRetryMs } = deps.patience;
    this.#sink = sink;
    this.#deps = deps;
    this.#log = new DeliveryLog(name, deps.log);
    this.#backoff = new Backoff(firstRetryMs, mostRetryMs, deps.random);
    this.#keepStanding();
  }

  /** Returns at once. */
  add(notification: Notification): void {
    const current = this.#inFlight?.notification;
    // nothing follows the end of an incident
    if (current?.event === 'closed' && current.incident.id === notification.incident.id) return;
    const { mostHeld } = this.#deps.patience;
    this.#order += 1;
    const added = { notification, order: this.#order, newestMs: this.#nowMs() };
    const { queue, dropped } = enqueue(this.#queue, added, mostHeld);
    this.#queue = queue;
    for (const each of dropped) this.#giveUp(each, `more than ${mostHeld} incidents wait for it`);
    this.#wake();
  }

  /** Tells nothing of the incident until `release`, or until it is closed itself; the others do not wait for it. */
  hold(incident: string): void {
    this.#held.add(incident);
  }

  release(incident: IncidentView): void {
    if (!this.#held.delete(incident.id)) return;
    this.#queue = amend(this.#queue, incident);
    this.#wake();
  }

  resume(open: readonly IncidentView[]): void {
    if (this.#sink.standing === undefined || open.length === 0) return;
    this.#sink.standing.resume(open);
    this.#mustTellAgain = true;
    this.#wake();
  }

  /** The next try is for `sink`, and soon: its settings may be what was wrong. */
  reconfigure(sink: Sink): void {
    const open = this.#sink.standing?.open() ?? [];
    this.#sink = sink;
    this.#keepStanding();
    this.#backoff.reset();
    this.#hurry.abort();
    this.resume(open);
  }

  /** What it has not been told, the next one first. */
  pending(): readonly Notification[] {
    const all = this.#inFlight === undefined ? this.#queue : giveBack(this.#queue, this.#inFlight);
    return [...all.values()].map(({ notification }) => notification);
  }

  /** Tells what it can within `limitMs`, and no longer tries what fails; then it is over. */
  async close(limitMs: number): Promise<void> {
    clearInterval(this.#timer);
    this.#isClosing = true;
    this.#mustTellAgain = false;
    this.#hurry.abort();
    if (this.#queue.size > 0) this.#wake();
    const done = new AbortController();
    await Promise.race([this.#running?.finally(() => done.abort()), pause(limitMs, done.signal)]);
    done.abort();
    this.#stop.abort();
    this.#hurry.abort();
  }

  #hasWork(): boolean {
    return [...this.#queue.keys()].some((incident) => !this.#held.has(incident));
  }

  #nowMs(): number {
    return this.#deps.clock.now().monotonicMs;
  }

  #keepStanding(): void {
    clearInterval(this.#timer);
    const { standing } = this.#sink;
    if (standing === undefined) return;
    this.#timer = setInterval(() => {
      this.#mustTellAgain = !standing.isEmpty;
      if (this.#mustTellAgain) this.#wake();
    }, standing.everyMs).unref();
  }

  #wake(): void {
    if (this.#stop.signal.aborted) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // something may have come between the last look and now
      if (!this.#isClosing && (this.#hasWork() || this.#mustTellAgain)) this.#wake();
    });
  }

  async #run(): Promise<void> {
    // Whoever notifies does not wait for as much as the making of a request.
    await Promise.resolve();
    while (!this.#stop.signal.aborted) {
      const taken = takeNext(this.#queue, (incident) => !this.#isClosing && this.#held.has(incident));
      if (taken !== undefined) {
        const waitMs = await this.#deliver(taken.next, taken.rest);
        if (waitMs === undefined) continue;
        if (this.#isClosing) return;
        this.#hurry = new AbortController();
        await pause(waitMs, this.#hurry.signal);
      } else if (this.#mustTellAgain) {
        await this.#tellAgain();
      } else {
        return;
      }
    }
  }

  /** How long to wait before the next try; undefined where it need not. */
  async #deliver(next: Pending, rest: Queue): Promise<number | undefined> {
    this.#queue = rest;
    this.#inFlight = next;
    const outcome = await this.#attempt((signal) => this.#sink.deliver(next.notification, signal));
    this.#inFlight = undefined;
    if (outcome.kind === 'delivered') {
      this.counts.delivered += 1;
      this.#worked(1 + this.#queue.size);
      if (outcome.complaint !== undefined) this.#log.complained(next.notification, outcome.complaint);
      this.#deps.onSettled();
      return undefined;
    }
    if (this.#stop.signal.aborted) {
      this.#queue = giveBack(this.#queue, next);
      return undefined;
    }
    return this.#failed(next, outcome);
  }

  #failed(next: Pending, { why, retryable, retryAfterMs = 0, bug }: Failed): number | undefined {
    const triedMs = this.#nowMs() - next.newestMs;
    if (!retryable) {
      this.#giveUp(next.notification, why, bug);
      return undefined;
    }
    this.#log.failed(why, this.#nowMs());
    if (triedMs >= this.#deps.patience.giveUpMs) {
      this.#giveUp(next.notification, `tried for ${displayTimeSpan(triedMs)}, last: ${why}`);
    } else {
      this.counts.retried += 1;
      this.#queue = giveBack(this.#queue, next);
    }
    return Math.max(this.#backoff.nextMs(), retryAfterMs);
  }

  async #tellAgain(): Promise<void> {
    this.#mustTellAgain = false;
    const { standing } = this.#sink;
    if (standing === undefined || standing.isEmpty) return;
    const outcome = await this.#attempt((signal) => standing.tellAgain(signal));
    if (outcome.kind === 'delivered') this.#worked(this.#queue.size);
    else if (!this.#stop.signal.aborted) this.#log.failed(outcome.why, this.#nowMs());
  }

  async #attempt(work: (signal: AbortSignal) => Promise<Outcome>): Promise<Outcome> {
    try {
      return await work(this.#stop.signal);
    } catch (thrown) {
      const error = coerceError(thrown);
      return { kind: 'failed', why: 'an error in flapd', retryable: false, bug: error };
    }
  }

  #worked(held: number): void {
    this.#backoff.reset();
    this.#log.worked(held, this.#nowMs());
  }

  #giveUp(notification: Notification, why: string, bug?: Error): void {
    this.counts.dead += 1;
    if (notification.event === 'closed') this.#sink.standing?.forget(notification.incident.id);
    this.#log.lost(notification, why, bug);
    this.#deps.onSettled();
  }
}
