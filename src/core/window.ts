import { median } from './median.ts';
import { maxRuleRestarts } from './policy.ts';

/** One restart that counts towards a rule. */
export interface Restart {
  readonly atMs: number;
  /** Started from outside (`systemctl restart`), not by `Restart=`. */
  readonly external: boolean;
  /** Not seen, but known from the restart counter; its time is worked out. */
  readonly inferred: boolean;
}

/**
 * A unit's restarts, oldest first. At most {@link maxRuleRestarts} are kept one by one (about 40 KiB for a unit that
 * loops without end); what a rule may ask for is bounded by the same number, so no rule is judged on a cut window.
 */
export interface Window {
  readonly restarts: readonly Restart[];
  /** How many older restarts were let go for want of room. */
  readonly dropped: number;
}

export const emptyWindow: Window = { restarts: [], dropped: 0 };

/** Adds restarts; order among them and towards the window's own does not matter. */
export function addRestarts(window: Window, added: readonly Restart[]): Window {
  if (added.length === 0) return window;
  const newestMs = window.restarts.at(-1)?.atMs ?? -Infinity;
  const restarts = [...window.restarts, ...added];
  const inOrder = added.every((restart, index) => restart.atMs >= (added[index - 1]?.atMs ?? newestMs));
  if (!inOrder) restarts.sort((a, b) => a.atMs - b.atMs);
  const excess = Math.max(0, restarts.length - maxRuleRestarts);
  return { restarts: restarts.slice(excess), dropped: window.dropped + excess };
}

/** The restarts in (`afterMs`, `untilMs`], oldest first. */
export function restartsBetween(window: Window, afterMs: number, untilMs: number): readonly Restart[] {
  return window.restarts.slice(firstAfter(window, afterMs), firstAfter(window, untilMs));
}

/** How many restarts lie in (`afterMs`, `untilMs`]. */
export function countBetween(window: Window, afterMs: number, untilMs: number): number {
  return Math.max(0, firstAfter(window, untilMs) - firstAfter(window, afterMs));
}

/** Lets go of what lies at or before `beforeMs`: no rule looks back that far. */
export function forgetBefore(window: Window, beforeMs: number): Window {
  const keepFrom = firstAfter(window, beforeMs);
  return keepFrom === 0 ? window : { restarts: window.restarts.slice(keepFrom), dropped: 0 };
}

/** Index of the first restart later than `ms`. */
function firstAfter(window: Window, ms: number): number {
  let low = 0;
  let high = window.restarts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((window.restarts[middle]?.atMs ?? Infinity) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Gaps looked at for the period: enough for a steady median, and a loop that changed its pace shows soon. */
const maxGaps = 100;

/** A window is asked for its period at each signal of its unit, but changes only at restarts. */
const periods = new WeakMap<readonly Restart[], { readonly from: number; readonly ms: number | undefined }>();

/** Median time between consecutive restarts after `afterMs`; undefined below two restarts. */
export function medianPeriodMs(window: Window, afterMs: number): number | undefined {
  const from = Math.max(firstAfter(window, afterMs), window.restarts.length - maxGaps - 1);
  const known = periods.get(window.restarts);
  if (known?.from === from) return known.ms;
  const ms = medianGapMs(window, from);
  periods.set(window.restarts, { from, ms });
  return ms;
}

/** Gaps that show that a loop has changed its pace: one short one may be chance. */
const recentGaps = 5;

/** Median of the latest gaps between restarts after `afterMs`; undefined where there are too few. */
export function recentPeriodMs(window: Window, afterMs: number): number | undefined {
  const from = window.restarts.length - recentGaps - 1;
  return from < firstAfter(window, afterMs) ? undefined : medianGapMs(window, from);
}

function medianGapMs(window: Window, from: number): number | undefined {
  const gaps = window.restarts
    .slice(from + 1)
    .map((restart, index) => restart.atMs - (window.restarts[from + index]?.atMs ?? restart.atMs));
  return median(gaps);
}
