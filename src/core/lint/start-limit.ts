import { longestDelayMs, timerSlackMs } from '../systemd/brake.ts';
import { neatSpanFrom } from '../advice/neat-span.ts';
import { restartDelayMs } from '../systemd/restart-delay.ts';
import type { RestartSettings } from '../systemd/restart-settings.ts';
import { formatTimeSpan } from '../time-span.ts';
import { dropIn } from './finding.ts';
import { placeOf, type LintSubject } from './subject.ts';

/** systemd's own default, for a limit that is off. */
const usualBurst = 5;

export function isLimitOff({ startLimitIntervalMs, startLimitBurst }: RestartSettings): boolean {
  return startLimitIntervalMs <= 0 || startLimitBurst <= 0;
}

/** What the delays alone take from the first start to the one that is refused, if each run failed at once. */
export function leastTimeMs(settings: RestartSettings): number {
  const { startLimitBurst: burst } = settings;
  const counted = Math.min(burst, mostCounted);
  let sumMs = 0;
  for (let n = 1; n <= counted; n += 1) sumMs += restartDelayMs(n, settings);
  return burst === counted ? sumMs : sumMs + (burst - counted) * restartDelayMs(counted + 1, settings);
}

/** Delays have long stopped to grow by then. */
const mostCounted = 10_000;

/** No run is so short that the limit would trip: it might as well not be there. */
export function isOutOfReach(settings: RestartSettings): boolean {
  return !isLimitOff(settings) && leastTimeMs(settings) > settings.startLimitIntervalMs;
}

/** `RestartSec=5s`, or `RestartSec=100ms, systemd's default`. */
export function delayWords(subject: LintSubject): string {
  const { restart } = subject;
  const set = placeOf(subject, 'Service.RestartSec') !== undefined;
  const sec = `RestartSec=${formatTimeSpan(restart.restartSecMs)}`;
  const last = longestDelayMs(restart);
  if (last > restart.restartSecMs) return `${sec} growing to ${formatTimeSpan(last)}`;
  return set ? sec : `${sec}, systemd's default`;
}

/** `5 starts in 10s`, and whose they are. */
export function limitWords(subject: LintSubject): string {
  const { startLimitBurst, startLimitIntervalMs } = subject.restart;
  const own = placeOf(subject, ...limitNames) === undefined ? ", systemd's default" : '';
  return `${startLimitBurst} starts in ${formatTimeSpan(startLimitIntervalMs)}${own}`;
}

/** Somebody wrote a limit for this unit, or what it is to do. */
export function isLimitSet(subject: LintSubject): boolean {
  return placeOf(subject, ...limitNames, 'Unit.StartLimitAction') !== undefined;
}

const limitNames = ['Unit.StartLimitIntervalSec', 'Unit.StartLimitBurst'];

/**
 * The fix for a limit that can't trip, with further lines for [Service]; of a unit for which a limit that trips, or the
 * failed state that it leads to, does something to the whole machine, only what to decide first.
 */
export function limitFix(
  subject: LintSubject,
  settings: RestartSettings = subject.restart,
  {
    periodMs,
    service = [],
  }: { readonly periodMs?: number | undefined; readonly service?: readonly string[] } = {},
): string {
  const action = ['Unit.StartLimitAction', 'Unit.FailureAction', 'Service.FailureAction']
    .map((name) => placeOf(subject, name))
    .find((each) => each !== undefined && each.value !== 'none');
  if (action === undefined) return dropIn({ Unit: limitThatTrips(settings, periodMs), Service: service });
  return `first decide on ${action.directive}=${action.value}: a start limit that trips would lead to it`;
}

/**
 * The `[Unit]` lines of a limit that trips for runs that fail at this pace, or, where it is not known, that take as long as
 * the delays do: `burst × (delay + run + 0.25 s)`, rounded up.
 */
export function limitThatTrips(settings: RestartSettings, periodMs?: number): readonly string[] {
  const burst = settings.startLimitBurst > 1 ? settings.startLimitBurst : usualBurst;
  const delaysMs = leastTimeMs({ ...settings, startLimitBurst: burst });
  const paceMs = periodMs === undefined ? 2 * delaysMs : Math.max(1.5 * periodMs * burst, delaysMs);
  const interval = `StartLimitIntervalSec=${formatTimeSpan(neatSpanFrom(paceMs + burst * timerSlackMs))}`;
  return burst === settings.startLimitBurst ? [interval] : [interval, `StartLimitBurst=${burst}`];
}
