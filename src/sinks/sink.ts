import type { Notification } from '../core/notification.ts';
import type { IncidentView } from '../core/view.ts';

/** What came of one attempt. Sentences never hold a secret: see target.ts. */
export type Outcome = Delivered | Failed;

export interface Delivered {
  readonly kind: 'delivered';
  /** What the other side said: `200 OK`. */
  readonly answer: string;
  /** Delivered, but not to everybody. */
  readonly complaint?: string;
}

export interface Failed {
  readonly kind: 'failed';
  /** `Cannot <action> "<value>": <found>; expected <wanted>` */
  readonly why: string;
  /** False where the same again would be refused again. */
  readonly retryable: boolean;
  /** The other side asked not to be tried before. */
  readonly retryAfterMs?: number;
  /** What should never have been thrown. */
  readonly bug?: Error;
}

/** One way to tell somebody. */
export interface Sink {
  /** Never rejects but for a bug; over within the sink's own time limit, and soon after `signal` is aborted. */
  deliver(notification: Notification, signal: AbortSignal): Promise<Outcome>;
  /** For a far end that forgets what it is not told again. */
  readonly standing?: Standing;
}

/** What holds at the moment, told again and again. */
export interface Standing {
  readonly everyMs: number;
  /** Whether there is anything to tell again. */
  readonly isEmpty: boolean;
  /** These are open too. */
  resume(open: readonly IncidentView[]): void;
  /** This one is not to be told again. */
  forget(incident: string): void;
  /** All that is open, for a sink that takes over. */
  open(): readonly IncidentView[];
  tellAgain(signal: AbortSignal): Promise<Outcome>;
}
