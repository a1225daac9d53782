import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countStart, noStarts } from '../../../src/core/systemd/start-limit.ts';

interface Limit {
  readonly startLimitIntervalMs: number;
  readonly startLimitBurst: number;
}

const usual: Limit = { startLimitIntervalMs: 10_000, startLimitBurst: 5 };

/** Which of these starts are refused, were the unit started again and again whatever befell. */
function refused(timesMs: readonly number[], limit: Limit): number[] {
  let window = noStarts;
  return timesMs.filter((atMs) => {
    const start = countStart(window, atMs, limit);
    window = start.window;
    return !start.admitted;
  });
}

const every = (ms: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => index * ms);

describe('start limit', () => {
  test('admits the burst, the first start with it, and refuses the next', () => {
    expect(refused(every(100, 6), usual)).toEqual([500]);
    expect(refused(every(100, 5), usual)).toEqual([]);
    expect(refused(every(100, 3), { ...usual, startLimitBurst: 1 })).toEqual([100, 200]);
  });

  test('counts to the very end of the interval, and not a moment longer', () => {
    expect(refused(every(2000, 6), usual)).toEqual([10_000]);
    expect(refused(every(2001, 60), usual)).toEqual([]);
    expect(refused([0, 1, 2, 3, 4, 10_001], usual)).toEqual([]);
  });

  test('does not slide: the window begins with its first start, not with each', () => {
    // Nine starts in 4 s, and none refused: the second five belong to a new window.
    expect(refused([0, 7000, 8000, 9000, 10_000, 10_001, 10_500, 10_800, 11_000, 11_100], usual)).toEqual([]);
    expect(refused([0, 7000, 8000, 9000, 10_000, 10_000], usual)).toEqual([10_000]);
    expect(refused([0, 10_001, 10_002, 10_003, 10_004, 10_005, 10_006], usual)).toEqual([10_006]);
  });

  test('is off where either setting is 0, and has no end where the interval has none', () => {
    expect(refused(every(0, 100), { ...usual, startLimitIntervalMs: 0 })).toEqual([]);
    expect(refused(every(0, 100), { ...usual, startLimitBurst: 0 })).toEqual([]);
    expect(refused(every(1e9, 6), { ...usual, startLimitIntervalMs: Infinity })).toEqual([5e9]);
  });

  test('equals a naive model that writes every start down', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 4000 }), { maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.nat(12_000), fc.nat(8), (between, startLimitIntervalMs, startLimitBurst) => {
        const limit = { startLimitIntervalMs, startLimitBurst };
        let atMs = 0;
        const timesMs = between.map((gap) => (atMs += gap));
        expect(refused(timesMs, limit)).toEqual(naivelyRefused(timesMs, limit));
      }),
      { numRuns: 500 },
    );
  });
});

/** Cuts all starts into windows, then refuses what is past the burst in each. */
function naivelyRefused(timesMs: readonly number[], limit: Limit): number[] {
  if (limit.startLimitIntervalMs === 0 || limit.startLimitBurst === 0) return [];
  const windows: number[][] = [];
  for (const atMs of timesMs) {
    const open = windows.at(-1);
    if (open === undefined || atMs > (open[0] ?? 0) + limit.startLimitIntervalMs) windows.push([atMs]);
    else open.push(atMs);
  }
  return windows.flatMap((starts) => starts.slice(limit.startLimitBurst));
}
