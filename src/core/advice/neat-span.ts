const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** What a person would write, from short to long. */
const neat: readonly number[] = [
  ...[100, 200, 500],
  ...[1, 2, 5, 10, 15, 20, 30].map((count) => count * secondMs),
  ...[1, 2, 3, 5, 10, 15, 20, 30].map((count) => count * minuteMs),
  ...[1, 2, 3, 4, 6, 8, 12].map((count) => count * hourMs),
  ...[1, 2, 3, 5, 7].map((count) => count * dayMs),
];

/** The shortest round time span that is at least so long; a longer one than a week is left as it is. */
export function neatSpanFrom(ms: number): number {
  return neat.find((each) => each >= ms) ?? ms;
}

/** The longest round time span that is at most so long; a shorter one than 100 ms is left as it is. */
export function neatSpanTo(ms: number): number {
  return neat.findLast((each) => each <= ms) ?? ms;
}
