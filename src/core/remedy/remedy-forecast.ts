import type { Advice } from '../advice/advice.ts';
import { countWords } from '../count-words.ts';
import { restartDelayMs } from '../systemd/restart-delay.ts';
import { simulate } from '../systemd/simulate.ts';
import { displayTimeSpan } from '../time-span.ts';

/** What is to come once a remedy is in force, by the same simulation as the counterfactual of its advice. */
export interface RemedyForecast {
  /** As long as it is watched. */
  readonly withinMs: number;
  /** At most so many restarts within that. */
  readonly restarts: number;
  /** It is to rest within that, and be restarted no more. */
  readonly rests: boolean;
  /** How long systemd waits before the restarts that are to come; undefined where none is. */
  readonly delayMs: number | undefined;
  /** From one restart to the next, after `withinMs`; undefined where it rests. */
  readonly periodMs: number | undefined;
}

/** The watch begins anywhere in a cycle, and a restart that was pending when systemd reloaded still comes (facts §7.4). */
const underWay = 1;

/**
 * By what was advised, of a loop whose restart counter stands at `nRestarts`: a delay that grows goes on from there.
 * Undefined where too little is known of its runs.
 */
export function forecastOf(
  { after, usualRun }: Pick<Advice, 'after' | 'usualRun'>,
  nRestarts: number,
  withinMs: number,
): RemedyForecast | undefined {
  if (after === undefined || usualRun === undefined) return undefined;
  const { restarts, restsAs } = simulate([usualRun], after, withinMs, { nRestarts });
  const rests = restsAs !== undefined;
  const delayMs = rests && restarts === 0 ? undefined : finite(restartDelayMs(nRestarts + 1, after));
  const lastDelayMs = restartDelayMs(nRestarts + restarts + 1, after);
  const periodMs = rests ? undefined : finite(usualRun.uptimeMs + lastDelayMs);
  return { withinMs, restarts: restarts + underWay, rests, delayMs, periodMs };
}

function finite(ms: number): number | undefined {
  return Number.isFinite(ms) ? ms : undefined;
}

/** At most so many restarts, so long after it came into force: where flapd was away, that may be long after the watch. */
export function mostPredicted({ withinMs, restarts, periodMs }: RemedyForecast, sinceMs: number): number {
  if (periodMs === undefined || sinceMs <= withinMs) return restarts;
  return restarts + Math.floor((sinceMs - withinMs) / periodMs);
}

/** "at most 1 restart is predicted in 1min 21s, 2min 31s after the end of a run" */
export function forecastWords({ withinMs, restarts, rests, delayMs }: RemedyForecast): string {
  const count = `at most ${countWords(restarts, 'restart')} ${restarts === 1 ? 'is' : 'are'} predicted`;
  const after = delayMs === undefined ? '' : `, ${displayTimeSpan(delayMs)} after the end of a run`;
  return rests ? `${count}${after}, then rest` : `${count} in ${displayTimeSpan(withinMs)}${after}`;
}
