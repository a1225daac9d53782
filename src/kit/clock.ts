export interface Clock {
  /** Both clocks at once: CLOCK_MONOTONIC in milliseconds, and milliseconds since 1970-01-01 UTC. */
  now(): { readonly monotonicMs: number; readonly wallMs: number };
}

/** The machine's clocks. `process.hrtime` is CLOCK_MONOTONIC, the clock of systemd's `…TimestampMonotonic`. */
export const systemClock: Clock = {
  now: () => ({ monotonicMs: Number(process.hrtime.bigint()) / 1e6, wallMs: Date.now() }),
};
