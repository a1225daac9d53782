import { countWords } from '../count-words.ts';
import { isInForce, type Remedy, type RemedyState } from './remedy.ts';
import { mostPredicted } from './remedy-forecast.ts';
import { displayTimeSpan } from '../time-span.ts';
import type { UnitRecord } from '../unit-record.ts';

/** What a pending remedy has come to, with the numbers as a clause. */
export interface Judgement {
  readonly outcome: Extract<RemedyState, 'helped' | 'no-effect' | 'worse'>;
  readonly reason: string;
}

const watchedPeriods = 10;
const longestWatchMs = 15 * 60_000;
/** A loop that is faster than this restarts too often to be measured by its periods alone. */
const shortestWatchMs = 5000;

/** systemd shows a unit that is about to wait for its restart as failed for a moment (facts §1.4). */
export const restMs = 1000;

/**
 * Beyond what was predicted: one that was on its way while systemd reloaded, and for runs that vary in length a quarter
 * more. Measured, a delay itself is as long as it is set to within 6 %: the quarter second by which PID 1 wakes late.
 */
const sparedRestarts = 1;
const sparedShare = 0.25;

/** Of a prevention whose prediction is not known: the one that was pending when systemd reloaded (facts §7.4). */
const mostBeforeRest = 1;

/** So few are no pace. */
const mostByChance = 2;

/** How long a remedy is watched before it is judged by its pace: ten periods of the loop, at most a quarter of an hour. */
export function watchMs({ periodMs }: Pick<Remedy, 'periodMs'>): number {
  const periods = watchedPeriods * (periodMs ?? Infinity);
  return Math.max(shortestWatchMs, Math.min(longestWatchMs, periods));
}

/**
 * Whether a remedy that is watched did what was predicted; undefined while that is not known. At rest it is judged at
 * once, by its pace at the end of the watch. It helped where there were no more restarts than predicted, with what is
 * spared; where that is nearly what there were before, the nearer of the two decides.
 */
export function judgeRemedy(remedy: Remedy, record: UnitRecord, nowMs: number): Judgement | undefined {
  if (remedy.outcome !== 'pending' || !isInForce(remedy)) return undefined;
  const sinceMs = nowMs - remedy.atMs;
  const since = displayTimeSpan(sinceMs);
  const restarts = record.automatic + record.external - remedy.restartsBefore;
  const count = countWords(restarts, 'restart');
  const expected = sinceMs / (remedy.periodMs ?? Infinity);
  const predicted = predictedOf(remedy, sinceMs);
  const mostAtRest = (predicted ?? mostBeforeRest) + sparedOf(predicted);
  const against = againstWords(predicted);

  if (isAtRest(record, nowMs) && restarts <= mostAtRest)
    return { outcome: 'helped', reason: `it rests in failed after ${count}${against}` };
  if (isToRest(remedy) && restarts > mostAtRest)
    return { outcome: 'no-effect', reason: `it restarts as before: ${count} in ${since}${against}` };
  if (sinceMs < watchMs(remedy)) return undefined;
  const reason = `${count} in ${since}${againstWords(predicted, expected)}`;
  if (restarts <= mostAtPace(predicted, expected)) return { outcome: 'helped', reason };
  const isWorse = restarts >= 2 * expected && restarts > mostByChance;
  return { outcome: isWorse ? 'worse' : 'no-effect', reason };
}

/** At most so many restarts; undefined where nothing is known of what was to come. */
function predictedOf(remedy: Remedy, sinceMs: number): number | undefined {
  if (remedy.forecast !== undefined) return mostPredicted(remedy.forecast, sinceMs);
  return isToRest(remedy) ? mostBeforeRest : undefined;
}

/** With which it helped, where it goes on. Where nothing was predicted, half the pace is help. */
function mostAtPace(predicted: number | undefined, expected: number): number {
  if (predicted === undefined) return expected / 2;
  const halfway = (predicted + Math.ceil(expected)) / 2;
  return Math.max(predicted, Math.min(predicted + sparedOf(predicted), halfway));
}

function sparedOf(predicted = 0): number {
  return Math.max(sparedRestarts, predicted * sparedShare);
}

/** " (at most 1 predicted, 10 without it)" */
function againstWords(predicted: number | undefined, expected?: number): string {
  const known = [
    ...(predicted === undefined ? [] : [`at most ${predicted} predicted`]),
    ...(expected === undefined ? [] : [`${expected.toFixed(0)} without it`]),
  ];
  return known.length === 0 ? '' : ` (${known.join(', ')})`;
}

/** Predicted to be restarted no more: no pace is to be awaited. */
function isToRest({ directives, forecast }: Remedy): boolean {
  return forecast?.rests ?? directives.every(({ name }) => name === 'RestartPreventExitStatus');
}

function isAtRest({ run, braked }: UnitRecord, nowMs: number): boolean {
  if (braked) return true;
  return (
    run?.activeState === 'failed' && !run.waits && run.exit !== undefined && nowMs - run.exit.atMs >= restMs
  );
}
