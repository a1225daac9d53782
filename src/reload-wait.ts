import { displayTimeSpan } from './core/time-span.ts';
import type { Log } from './kit/log.ts';

/** As long as a reload may take at all: then its end was not told, and what runs as root finds out. */
const mostReloadMs = 120_000;

/** What is due waits while systemd reloads, whoever told it to, and says so once. */
export class ReloadWait {
  readonly #reloading: () => boolean;
  readonly #log: Log;
  #sinceMs: number | undefined;

  constructor(reloading: () => boolean, log: Log) {
    this.#reloading = reloading;
    this.#log = log;
  }

  /** To be asked when something is due; on the monotonic clock. */
  goesOn(nowMs: number): boolean {
    if (!this.#reloading()) {
      this.#sinceMs = undefined;
      return false;
    }
    if (this.#sinceMs === undefined) {
      const most = displayTimeSpan(mostReloadMs);
      this.#log.info({}, `systemd is reloading: what is due waits for that, for ${most} at most.`);
    }
    this.#sinceMs ??= nowMs;
    return nowMs - this.#sinceMs < mostReloadMs;
  }
}
