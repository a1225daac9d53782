/**
 * One moment on both clocks. Windows and uptimes use `monotonicMs` (CLOCK_MONOTONIC, the clock of systemd's `…Monotonic`
 * timestamps and of `process.hrtime`), so that a stepped wall clock changes no verdict; people are shown `wallMs`.
 */
export interface Instant {
  /** Milliseconds on CLOCK_MONOTONIC; fractions are kept. */
  readonly monotonicMs: number;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly wallMs: number;
}

/** The moment `monotonicMs` as seen from `now`, its wall time worked out from the distance between the two. */
export function instantAt(monotonicMs: number, now: Instant): Instant {
  return { monotonicMs, wallMs: now.wallMs - (now.monotonicMs - monotonicMs) };
}
