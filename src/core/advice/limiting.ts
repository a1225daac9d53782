import type { Advised } from './advised.ts';
import { brakeOf, type Brake } from '../systemd/brake.ts';
import { neatSpanFrom } from './neat-span.ts';
import { restartDelayMs } from '../systemd/restart-delay.ts';
import type { RestartSettings } from '../systemd/restart-settings.ts';
import { displayTimeSpan } from '../time-span.ts';

/** With growing delays it is tried for so long before systemd gives up: most of what passes by itself has passed by then. */
const persistMs = 20 * 60_000;

/** systemd's own default, where a unit has none that could count. */
const usualBurst = 5;
/** As many as a drop-in of flapd's may say. */
const mostStarts = 1000;

/**
 * A start limit that trips at this pace: `burst × (delay + run + 0.25 s)`, rounded up. `settings`: with the delays as they
 * are to be; `patient`: they were made longer, so that it takes more starts until giving up is right.
 */
export function limitFor(settings: RestartSettings, uptimeMs: number, patient: boolean): readonly Advised[] {
  const least = settings.startLimitBurst > 1 ? settings.startLimitBurst : usualBurst;
  const burst = patient ? Math.max(least, patientBurst(settings, uptimeMs)) : least;
  const { cycleMs, neededMs } = brakeOf({ ...settings, startLimitBurst: burst }, uptimeMs);
  const intervalMs = Math.min(neatSpanFrom(neededMs), longestIntervalMs);
  if (neededMs > longestIntervalMs) return [];
  const lasting = `${burst} × ${displayTimeSpan(cycleMs)} is ${displayTimeSpan(neededMs)}`;
  return [
    {
      directive: { name: 'StartLimitIntervalSec', ms: intervalMs },
      reason: `${lasting} at its slowest, so within ${displayTimeSpan(intervalMs)} the limit trips; ${beforeWords(settings, uptimeMs)}`,
    },
    {
      directive: { name: 'StartLimitBurst', count: burst },
      reason: `systemd gives up after ${burst} starts, here after about ${displayTimeSpan(burstMs(settings, uptimeMs, burst))}, and it rests in "failed", where everybody sees it`,
    },
  ];
}

const longestIntervalMs = 7 * 24 * 3_600_000;

/** What the limit in force would do with the same delays: "5 starts within 10s never would". */
function beforeWords(settings: RestartSettings, uptimeMs: number): string {
  const brake = brakeOf(settings, uptimeMs);
  if (brake.kind === 'off') return 'now there is no limit';
  const within = `${settings.startLimitBurst} starts within ${displayTimeSpan(settings.startLimitIntervalMs)}`;
  return brake.kind === 'dead' ? `${within} never would` : `${within} would too`;
}

/** "5 × 8.4s > 10s": why a brake that is there can't work. */
export function deadBrakeWords(settings: RestartSettings, brake: Brake): string {
  const { startLimitBurst, startLimitIntervalMs } = settings;
  return `its start limit can't stop it: ${startLimitBurst} × ${displayTimeSpan(brake.cycleMs)} > ${displayTimeSpan(startLimitIntervalMs)}`;
}

function patientBurst(settings: RestartSettings, uptimeMs: number): number {
  let sumMs = 0;
  for (let starts = 1; starts < mostStarts; starts += 1) {
    sumMs += uptimeMs + restartDelayMs(starts, settings);
    if (sumMs >= persistMs) return starts;
  }
  return mostStarts;
}

/** From the first start to the one that is refused. */
function burstMs(settings: RestartSettings, uptimeMs: number, starts: number): number {
  let sumMs = 0;
  for (let n = 1; n <= starts; n += 1) sumMs += uptimeMs + restartDelayMs(n, settings);
  return sumMs;
}
