import type { Instant } from '../core/instant.ts';

/** Boots remembered: a persistent journal has some hundred. */
const mostBoots = 1000;

/**
 * Puts journal entries of any boot on one time scale. Within a boot the monotonic clock says how far apart things were,
 * whatever was done to the wall clock meanwhile; where a boot lies, the wall clock of its first entry says.
 */
export class JournalTimes {
  readonly #now: Instant;
  readonly #bootId: string | undefined;
  /** Per other boot: what to add to its monotonic milliseconds to be on the scale of `now`. */
  readonly #offsets = new Map<string, number>();

  /** `bootId`: of the boot that `now` is in; without one, entries lie on the scale of the wall clock. */
  constructor(now: Instant, bootId?: string) {
    this.#now = now;
    this.#bootId = bootId;
  }

  /** Milliseconds, as `__REALTIME_TIMESTAMP` and `__MONOTONIC_TIMESTAMP` have microseconds. */
  instant(bootId: string, wallMs: number, bootMs: number): Instant {
    if (bootId === this.#bootId) return { wallMs, monotonicMs: bootMs };
    let offset = this.#offsets.get(bootId);
    if (offset === undefined) {
      offset = this.#now.monotonicMs - (this.#now.wallMs - wallMs) - bootMs;
      this.#offsets.set(bootId, offset);
      const [oldest] = this.#offsets.keys();
      if (this.#offsets.size > mostBoots && oldest !== undefined) this.#offsets.delete(oldest);
    }
    return { wallMs, monotonicMs: bootMs + offset };
  }
}
