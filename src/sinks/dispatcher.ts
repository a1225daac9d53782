import { isDeepStrictEqual } from 'node:util';
import type { Notification, Undelivered } from '../core/notification.ts';
import type { SinkSettings } from '../core/sink-settings.ts';
import type { IncidentView } from '../core/view.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import { Channel, type Counts, type Patience } from './channel.ts';
import { openSink } from './open-sink.ts';
import type { Sink } from './sink.ts';

export type SinkTable = Readonly<Record<string, SinkSettings>>;

export interface DispatcherDeps {
  /** Of this machine: who reads of a loop wants to know where. */
  readonly host: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly random?: () => number;
  readonly patience?: Partial<Patience>;
  /** `pending` has become less. */
  readonly onSettled?: () => void;
  readonly open?: (settings: SinkSettings, host: string, clock: Clock) => Sink;
}

export interface SinkCount {
  readonly sink: string;
  readonly outcome: keyof Counts;
  readonly count: number;
}

const usualPatience: Patience = {
  firstRetryMs: 1000,
  mostRetryMs: 60_000,
  giveUpMs: 24 * 60 * 60_000,
  mostHeld: 1000,
};

/** A stop of flapd takes five seconds at most, and this is one part of it. */
const flushMs = 500;

/** Tells each sink what it is to be told; none of them delays another. */
export class Dispatcher {
  readonly #deps: DispatcherDeps;
  readonly #channels = new Map<string, { readonly settings: SinkSettings; readonly channel: Channel }>();

  constructor(sinks: SinkTable, deps: DispatcherDeps) {
    this.#deps = deps;
    this.replace(sinks);
  }

  /** Returns at once. `sinks` undefined: all of them; a name that is none is passed over. */
  notify(notification: Notification, sinks: readonly string[] | undefined): void {
    for (const name of sinks ?? this.#channels.keys()) this.#channels.get(name)?.channel.add(notification);
  }

  /** What is to be told of the incident waits, for a moment, until more is known of it. */
  hold(incident: string): void {
    for (const { channel } of this.#channels.values()) channel.hold(incident);
  }

  release(incident: IncidentView): void {
    for (const { channel } of this.#channels.values()) channel.release(incident);
  }

  /** For sinks that must be told again and again what is open: at start, and after a reload brought a new one. */
  resume(
    open: readonly IncidentView[],
    sinksOf: (incident: IncidentView) => readonly string[] | undefined = () => undefined,
  ): void {
    for (const [name, { channel }] of this.#channels) {
      channel.resume(open.filter((incident) => sinksOf(incident)?.includes(name) ?? true));
    }
  }

  /** After a reload. A sink that stays keeps what it is still to be told, also under new settings. */
  replace(sinks: SinkTable): void {
    for (const [name, { channel }] of this.#channels)
      if (!Object.hasOwn(sinks, name)) this.#drop(name, channel);
    for (const [name, settings] of Object.entries(sinks)) {
      const known = this.#channels.get(name);
      if (known !== undefined && isDeepStrictEqual(known.settings, settings)) continue;
      const { open = openSink, host, clock, log, random = Math.random, onSettled = () => {} } = this.#deps;
      const sink = open(settings, host, clock);
      const patience = { ...usualPatience, ...this.#deps.patience };
      known?.channel.reconfigure(sink);
      const channel = known?.channel ?? new Channel(name, sink, { log, clock, random, patience, onSettled });
      this.#channels.set(name, { settings, channel });
    }
  }

  /** For flapd_notifications_total: each sink has all outcomes, from the start. */
  counts(): readonly SinkCount[] {
    return [...this.#channels].flatMap(
      ([
        sink,
        {
          channel: { counts },
        },
      ]) =>
        (['delivered', 'retried', 'dead'] as const).map((outcome) => ({
          sink,
          outcome,
          count: counts[outcome],
        })),
    );
  }

  /** JSON-safe: to be saved, and given to `notify` by the next flapd. Also after `close`. */
  pending(): readonly Undelivered[] {
    return [...this.#channels].flatMap(([sink, { channel }]) =>
      channel.pending().map((notification) => ({ sink, notification })),
    );
  }

  /** Tells what it can in half a second. */
  async close(): Promise<void> {
    await Promise.all([...this.#channels.values()].map(({ channel }) => channel.close(flushMs)));
    for (const [name, { channel }] of this.#channels) {
      const left = channel.pending().length;
      if (left > 0)
        this.#deps.log.warn(
          { sink: name, held: left },
          `Sink "${name}" was not told before flapd stopped: ${notifications(left)}.`,
        );
    }
  }

  #drop(name: string, channel: Channel): void {
    const left = channel.pending().length;
    this.#channels.delete(name);
    void channel.close(0);
    const rest = left === 0 ? '' : `; what it was still to be told is dropped: ${notifications(left)}`;
    this.#deps.log.info({ sink: name }, `Sink "${name}" is no longer configured${rest}.`);
  }
}

function notifications(count: number): string {
  return count === 1 ? '1 notification' : `${count} notifications`;
}
