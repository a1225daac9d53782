import type { Notification } from '../core/notification.ts';
import { displayTimeSpan } from '../core/time-span.ts';
import type { Log } from '../kit/log.ts';

/** What the log hears of one sink: that it fails, once; that it works again; and each notification that is lost. */
export class DeliveryLog {
  readonly #sink: string;
  readonly #log: Log;
  #failingSinceMs: number | undefined;

  constructor(sink: string, log: Log) {
    this.#sink = sink;
    this.#log = log;
  }

  failed(why: string, nowMs: number): void {
    const fields = { sink: this.#sink };
    if (this.#failingSinceMs !== undefined) {
      this.#log.debug(fields, `Sink "${this.#sink}" still fails: ${why}.`);
      return;
    }
    this.#failingSinceMs = nowMs;
    this.#log.warn(
      fields,
      `Sink "${this.#sink}" fails: ${why}. What it is to be told is held, and tried again.`,
    );
  }

  /** `held`: how many notifications waited for this. */
  worked(held: number, nowMs: number): void {
    if (this.#failingSinceMs === undefined) return;
    const forSpan = displayTimeSpan(nowMs - this.#failingSinceMs);
    this.#failingSinceMs = undefined;
    const count = held === 1 ? '1 notification was' : `${held} notifications were`;
    this.#log.info(
      { sink: this.#sink, held },
      `Sink "${this.#sink}" works again after ${forSpan}; ${count} held meanwhile.`,
    );
  }

  complained(notification: Notification, complaint: string): void {
    this.#log.warn(
      this.#fieldsOf('notification-incomplete', notification),
      `Sink "${this.#sink}" did not reach everybody about ${notification.incident.unit}: ${complaint}.`,
    );
  }

  lost(notification: Notification, why: string, error?: Error): void {
    const { event, incident } = notification;
    this.#log.error(
      { ...this.#fieldsOf('notification-lost', notification), ...(error === undefined ? {} : { error }) },
      `Sink "${this.#sink}" will not be told that the incident of ${incident.unit} ${eventWords[event]}: ${why}.`,
    );
  }

  /** An event of its own: whoever counts `incident-opened` lines counts incidents. */
  #fieldsOf(event: string, { event: notification, incident }: Notification): object {
    return { sink: this.#sink, unit: incident.unit, incident: incident.id, event, notification };
  }
}

const eventWords: Readonly<Record<Notification['event'], string>> = {
  opened: 'has opened',
  worsened: 'has become worse',
  applied: 'has a remedy in force',
  helped: 'is helped by its remedy',
  reverted: 'has its remedy taken back',
  reminder: 'still goes on',
  closed: 'is over',
};
