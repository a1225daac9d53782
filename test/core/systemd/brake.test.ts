import { describe, expect, test } from 'vitest';
import { brakeOf } from '../../../src/core/systemd/brake.ts';
import { neatSpanFrom, neatSpanTo } from '../../../src/core/advice/neat-span.ts';
import { median } from '../../../src/core/median.ts';
import { settingsOf } from './ending-cases.ts';

describe('a start limit', () => {
  test('of 5 in 10 s works up to two seconds a cycle', () => {
    expect(brakeOf(settingsOf(), 1650)).toEqual({ kind: 'works', cycleMs: 2000, neededMs: 10_000 });
    expect(brakeOf(settingsOf(), 1651).kind).toBe('dead');
  });

  test('is off where burst or interval is 0', () => {
    expect(brakeOf(settingsOf({ startLimitBurst: 0 }), 0).kind).toBe('off');
    expect(brakeOf(settingsOf({ startLimitIntervalMs: 0 }), 0).kind).toBe('off');
  });

  test('is held against the longest delay, at which the loop stays', () => {
    const grows = { restartSecMs: 100, restartSteps: 3, restartMaxDelayMs: 60_000 };
    expect(brakeOf(settingsOf(grows), 0).cycleMs).toBe(60_250);
    expect(brakeOf(settingsOf({ ...grows, systemdVersion: 252 }), 0).kind).toBe('works');
  });

  test('without an end to its interval always works', () => {
    expect(brakeOf(settingsOf({ startLimitIntervalMs: Infinity }), 1e9).kind).toBe('works');
  });
});

test.each([
  [1, 100, 1],
  [100, 100, 100],
  [10_001, 15_000, 10_000],
  [38_730, 60_000, 30_000],
  [3_600_001, 7_200_000, 3_600_000],
  [700_000_000, 700_000_000, 604_800_000],
])('%s ms is between round spans', (ms, above, below) => {
  expect(neatSpanFrom(ms)).toBe(above);
  expect(neatSpanTo(ms)).toBe(below);
});

test.each([
  [[], undefined],
  [[3], 3],
  [[5, 1], 3],
  [[9, 1, 4], 4],
])('the median of %j is %s', (values, middle) => {
  expect(median(values)).toBe(middle);
});
