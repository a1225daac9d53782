import type { AdviceEvidence } from './advice-evidence.ts';
import { countText, countWords } from '../count-words.ts';
import { isDeath, type LoopShape } from './loop-shape.ts';
import { displayTimeSpan } from '../time-span.ts';

/** Deaths that make a pattern beyond doubt, and a past that would have shown another one. */
const manyDeaths = 10;
const longPastMs = 3_600_000;

/** One sentence: what the advice goes by. Says so where that is little. */
export function basisOf(evidence: AdviceEvidence, loop: LoopShape): string {
  const { runs, sinceMs, nowMs } = evidence;
  const { deaths, spanMs } = loop;
  if (deaths.length === 0) return `By what is known of the last ${displayTimeSpan(nowMs - sinceMs)}.`;
  const loopBegan = deaths[0]?.exit.atMs ?? nowMs;
  const pastMs = Math.max(0, loopBegan - sinceMs);
  const earlier = runs.length === 0 ? 0 : runs.filter((run) => isDeath(run)).length - deaths.length;
  const now = countWords(deaths.length, 'death') + (spanMs > 0 ? ` in ${displayTimeSpan(spanMs)}` : '');
  const before =
    pastMs < longPastMs
      ? 'of the time before nothing is known'
      : `in the ${displayTimeSpan(pastMs)} before, ${earlier === 0 ? 'no other' : `${countText(earlier)} more`}`;
  const thin = deaths.length < manyDeaths || pastMs < longPastMs;
  return `By ${now}; ${before}${thin ? ': that is thin' : ''}.`;
}
