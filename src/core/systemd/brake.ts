import { restartDelayMs } from './restart-delay.ts';
import type { RestartSettings } from './restart-settings.ts';

/** PID 1 wakes for a timer up to a quarter of a second late (facts §5), which makes cycles longer than they are set. */
export const timerSlackMs = 250;

/**
 * What a unit's start limit can do about a loop at this pace:
 * - `works`: it stops the loop;
 * - `dead`: a burst takes longer than its interval, so the window never fills;
 * - `off`: interval or burst is 0.
 */
export interface Brake {
  readonly kind: 'works' | 'dead' | 'off';
  /** A cycle at its longest: the run, the delay and the timer's slack. */
  readonly cycleMs: number;
  /** What the interval must be at least for its burst to fill it. */
  readonly neededMs: number;
}

/** Of runs that are up for `uptimeMs` each. A growing delay counts at its longest, at which it stays. */
export function brakeOf(settings: RestartSettings, uptimeMs: number): Brake {
  const { startLimitBurst, startLimitIntervalMs } = settings;
  const cycleMs = uptimeMs + longestDelayMs(settings) + timerSlackMs;
  const neededMs = startLimitBurst * cycleMs;
  if (startLimitBurst <= 0 || startLimitIntervalMs <= 0) return { kind: 'off', cycleMs, neededMs };
  return { kind: neededMs <= startLimitIntervalMs ? 'works' : 'dead', cycleMs, neededMs };
}

/** The delay to which one that grows comes, and stays at. */
export function longestDelayMs(settings: RestartSettings): number {
  return restartDelayMs(Infinity, settings);
}
