import { isInForce, type Remedy, type RemedyState } from './remedy.ts';
import { displayTimeSpan } from './time-span.ts';
import type { UnitRecord } from './unit-record.ts';

/** What a pending remedy has come to, with the numbers as a clause. */
export interface Judgement {
  readonly outcome: Extract<RemedyState, 'helped' | 'no-effect' | 'worse'>;
  readonly reason: string;
}

const watchedPeriods = 10;
const longestWatchMs = 15 * 60_000;
/** A loop that is faster than this restarts too often to be measured by its periods alone. */
const shortestWatchMs = 5000;

/** systemd shows a unit that waits for its restart as failed for a moment (facts §1.4, below v254). */
const restMs = 1000;

/** A restart that was pending when systemd reloaded still comes (facts §7.4), and one more may have been on its way. */
const mostAfterPrevention = 2;

/** How long a remedy is watched before it is judged by its pace: ten periods of the loop, at most a quarter of an hour. */
export function watchMs({ periodMs }: Pick<Remedy, 'periodMs'>): number {
  const periods = watchedPeriods * (periodMs ?? Infinity);
  return Math.max(shortestWatchMs, Math.min(longestWatchMs, periods));
}

/** Whether a remedy that is watched did what it is there for; undefined while that is not known. */
export function judgeRemedy(remedy: Remedy, record: UnitRecord, nowMs: number): Judgement | undefined {
  if (remedy.outcome !== 'pending' || !isInForce(remedy)) return undefined;
  const restarts = record.automatic + record.external - remedy.restartsBefore;
  const count = restarts === 1 ? '1 restart' : `${restarts} restarts`;
  const sinceMs = nowMs - remedy.atMs;
  if (isAtRest(record, nowMs) && restarts <= mostAfterPrevention)
    return { outcome: 'helped', reason: `it rests in failed after ${count}` };
  if (isForRest(remedy) && restarts > mostAfterPrevention)
    return { outcome: 'no-effect', reason: `it restarts as before: ${count} in ${displayTimeSpan(sinceMs)}` };
  if (sinceMs < watchMs(remedy)) return undefined;
  const expected = sinceMs / (remedy.periodMs ?? Infinity);
  const pace = `${count} in ${displayTimeSpan(sinceMs)}, where ${expected.toFixed(0)} were to be expected`;
  if (restarts >= 2 * expected && restarts > mostAfterPrevention) return { outcome: 'worse', reason: pace };
  if (restarts === 0 || 2 * restarts <= expected) return { outcome: 'helped', reason: pace };
  return { outcome: 'no-effect', reason: pace };
}

/** Made of nothing but statuses after which it is to rest: no pace is to be awaited. */
function isForRest({ directives }: Remedy): boolean {
  return directives.every(({ name }) => name === 'RestartPreventExitStatus');
}

function isAtRest({ run, braked }: UnitRecord, nowMs: number): boolean {
  if (braked) return true;
  return (
    run?.activeState === 'failed' && !run.waits && run.exit !== undefined && nowMs - run.exit.atMs >= restMs
  );
}
