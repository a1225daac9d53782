import type { RestartSettings } from './restart-settings.ts';

/** The window of a unit's start limit as systemd keeps it. */
export interface StartWindow {
  /** When its first start was; undefined before any. */
  readonly beganMs: number | undefined;
  /** Starts in it, refused ones too. */
  readonly starts: number;
}

export const noStarts: StartWindow = { beganMs: undefined, starts: 0 };

/**
 * Counts a start, and says whether systemd lets it be (ratelimit.c `ratelimit_below`). The window does not slide: it
 * begins with a start, admits `startLimitBurst` of them, and the first start later than `startLimitIntervalMs` begins a
 * new one. Every start counts, the very first and manual ones too.
 */
export function countStart(
  window: StartWindow,
  atMs: number,
  limit: Pick<RestartSettings, 'startLimitIntervalMs' | 'startLimitBurst'>,
): { readonly window: StartWindow; readonly admitted: boolean } {
  const { startLimitIntervalMs, startLimitBurst } = limit;
  if (startLimitIntervalMs <= 0 || startLimitBurst <= 0) return { window, admitted: true };
  if (window.beganMs === undefined || atMs - window.beganMs > startLimitIntervalMs)
    return { window: { beganMs: atMs, starts: 1 }, admitted: true };
  const starts = window.starts + 1;
  return { window: { ...window, starts }, admitted: starts <= startLimitBurst };
}
