import { willRestart } from './restart-decision.ts';
import { restartDelayMs } from './restart-delay.ts';
import type { RestartSettings } from './restart-settings.ts';
import { resultUnder, type RunEnding } from './run-ending.ts';
import { countStart, noStarts } from './start-limit.ts';
import { formatTimeSpan } from '../time-span.ts';

/** A run that a service would have, whoever started it. */
export interface SimulatedRun {
  /** From the start of its first process to its end. */
  readonly uptimeMs: number;
  readonly exit: RunEnding;
  /** Left out where it is not known: then it burns none. */
  readonly cpuMs?: number;
}

/** What a restart takes besides the delay that is asked for. */
export interface RestartOverhead {
  /** From the restart being queued to "Started". Measured in a lab: median 13 ms on 252 (5 to 42), 5 ms on 262 (2 to 11). */
  readonly startMs: number;
  /**
   * PID 1 sleeps to the next of evenly spaced moments, so as to wake for many timers at once (sd-event.c `sleep_between`).
   * So where it has nothing else to do, cycles are whole steps: RestartSec=1s each 1250 ms, 1300 ms mostly each 1500 ms
   * (measured: 252, 262). What else wakes it comes in between: then restarts come up to a step sooner than is said here.
   * RestartSec=0 waits for no step.
   */
  readonly timerStepMs: number;
}

export const usualOverhead: RestartOverhead = { startMs: 20, timerStepMs: 250 };

export interface Simulation {
  /** As NRestarts counts: with the one that the start limit refused. */
  readonly restarts: number;
  /** From the first start, at 0; the first {@link maxRestartTimes}. */
  readonly restartTimesMs: readonly number[];
  readonly burnedCpuMs: number;
  readonly endedBecause: 'span' | 'not-restarted' | 'start-limit';
  /** The rule that ended it, as a clause; undefined where the span did. */
  readonly because: string | undefined;
  /** The state in which it rests at the end; undefined where it goes on. */
  readonly restsAs: 'failed' | 'inactive' | undefined;
  /** Time without a process, from the end of the first run to the end of the span. */
  readonly downMs: number;
  readonly longestDownMs: number;
}

export const maxRestartTimes = 10_000;

/** No PID 1 restarts a service faster: what else would be nothing at all still takes time, so that every span ends. */
const leastCycleMs = 1;

/**
 * What systemd does within `spanMs` with a service whose runs end as given, the first start being at 0. The last run is
 * repeated where the list is over; a service without any runs through. A function is told when each run starts. `nRestarts` is the counter at the start, from
 * which a growing delay goes on.
 */
export function simulate(
  runs: readonly SimulatedRun[] | ((index: number, startedMs: number) => SimulatedRun | undefined),
  settings: RestartSettings,
  spanMs: number,
  { overhead = usualOverhead, nRestarts = 0 }: { overhead?: RestartOverhead; nRestarts?: number } = {},
): Simulation {
  const restartTimesMs: number[] = [];
  const sum = { restarts: 0, burnedCpuMs: 0, downMs: 0, longestDownMs: 0 };
  const end = (
    endedBecause: Simulation['endedBecause'],
    because?: string,
    restsAs?: Simulation['restsAs'],
  ): Simulation => ({ ...sum, restartTimesMs, endedBecause, because, restsAs });
  const down = (fromMs: number, toMs: number): void => {
    const ms = Math.min(toMs, spanMs) - fromMs;
    sum.downMs += ms;
    sum.longestDownMs = Math.max(sum.longestDownMs, ms);
  };

  let { window } = countStart(noStarts, 0, settings);
  let startedMs = overhead.startMs;
  for (let index = 0; ; index += 1) {
    const run = typeof runs === 'function' ? runs(index, startedMs) : (runs[index] ?? runs.at(-1));
    if (run === undefined || startedMs >= spanMs) return end('span');
    const endedMs = startedMs + run.uptimeMs;
    sum.burnedCpuMs += (run.cpuMs ?? 0) * shareWithin(run.uptimeMs, spanMs - startedMs);
    if (endedMs >= spanMs) return end('span');

    const { restarts, because } = willRestart(run.exit, settings);
    if (!restarts) {
      down(endedMs, spanMs);
      return end('not-restarted', because, restState(run.exit, settings));
    }
    const delayMs = restartDelayMs(nRestarts + sum.restarts + 1, settings);
    const queuedMs = delayMs > 0 ? nextStep(endedMs + delayMs, overhead.timerStepMs) : endedMs;
    if (queuedMs >= spanMs) {
      down(endedMs, spanMs);
      return end('span');
    }
    sum.restarts += 1;
    if (restartTimesMs.length < maxRestartTimes) restartTimesMs.push(queuedMs);

    const start = countStart(window, queuedMs, settings);
    if (!start.admitted) {
      down(endedMs, spanMs);
      return end('start-limit', limitWords(settings), 'failed');
    }
    window = start.window;
    const nextMs = Math.max(queuedMs + overhead.startMs, startedMs + leastCycleMs);
    down(endedMs, nextMs);
    startedMs = nextMs;
  }
}

/** The first start is taken to lie on a step itself. */
function nextStep(dueMs: number, stepMs: number): number {
  return stepMs > 0 ? Math.ceil(dueMs / stepMs) * stepMs : dueMs;
}

/** Which part of a run lies within the time that is left. */
function shareWithin(uptimeMs: number, leftMs: number): number {
  return uptimeMs <= leftMs ? 1 : leftMs / uptimeMs;
}

/** Service.c `service_enter_dead`: a run that ended well or was skipped leaves the unit inactive. */
function restState(exit: RunEnding, settings: RestartSettings): 'failed' | 'inactive' {
  const result = resultUnder(exit, settings);
  return result === 'success' || result === 'exec-condition' ? 'inactive' : 'failed';
}

function limitWords({ startLimitBurst, startLimitIntervalMs }: RestartSettings): string {
  return `the start limit allows ${startLimitBurst} starts in ${formatTimeSpan(startLimitIntervalMs)}`;
}
