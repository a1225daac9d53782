import { countText, countWords } from '../count-words.ts';
import type { Counterfactual } from './counterfactual.ts';
import { displayTimeSpan } from '../time-span.ts';

/** Less CPU than this is no argument, and less time down nobody's trouble. */
const worthSayingMs = 1000;

/** A moment of thinking is no past. */
const nowMs = 60_000;

/** "With this, over the last 1d: 4 restarts instead of 3,812; 2h 10min of CPU not burned; down for at most 3min longer." */
export function counterfactualSentence(counterfactual: Counterfactual, atMs: number): string {
  const { sinceMs, untilMs, restarts, burnedCpuMs, longestExtraDownMs } = counterfactual;
  const savedMs = burnedCpuMs === undefined ? 0 : burnedCpuMs.was - burnedCpuMs.wouldBe;
  const cpu = savedMs < worthSayingMs ? '' : `; ${displayTimeSpan(savedMs)} of CPU not burned`;
  const down =
    longestExtraDownMs < worthSayingMs
      ? '; never down for longer than it was'
      : `; down for up to ${displayTimeSpan(longestExtraDownMs)} while it was up in truth`;
  const span = displayTimeSpan(untilMs - sinceMs);
  const when = atMs - untilMs < nowMs ? `over the last ${span}` : `in those ${span}`;
  return `With this, ${when}: ${countWords(restarts.wouldBe, 'restart')} instead of ${countText(restarts.was)}${cpu}${down}.`;
}
