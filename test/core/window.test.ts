import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxRuleRestarts } from '../../src/core/policy.ts';
import {
  addRestarts,
  countBetween,
  emptyWindow,
  forgetBefore,
  medianPeriodMs,
  restartsBetween,
  type Restart,
  type Window,
} from '../../src/core/window.ts';

const at = (atMs: number): Restart => ({ atMs, external: false, inferred: false });
const windowOf = (...times: number[]): Window => addRestarts(emptyWindow, times.map(at));

describe('window', () => {
  test('counts what lies after the start and up to the end of a span', () => {
    const window = windowOf(10, 20, 30);
    expect(countBetween(window, 10, 30)).toBe(2);
    expect(countBetween(window, 9, 29)).toBe(2);
    expect(countBetween(window, 30, 10)).toBe(0);
    expect(restartsBetween(window, 10, 20)).toEqual([at(20)]);
  });

  test('equals a naive recount over any sequence of additions and looks, in any order of time', () => {
    const addition = fc.record({ add: fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 8 }) });
    const look = fc.record({
      from: fc.integer({ min: -10, max: 5000 }),
      to: fc.integer({ min: -10, max: 5010 }),
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(addition, look), { maxLength: 60 }), (steps) => {
        let window = emptyWindow;
        const all: number[] = [];
        for (const each of steps) {
          if ('add' in each) {
            window = addRestarts(window, each.add.map(at));
            all.push(...each.add);
          } else {
            const naive = all.filter((time) => time > each.from && time <= each.to).length;
            expect(countBetween(window, each.from, each.to)).toBe(naive);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('keeps the latest and counts what it lets go, so that it never grows past its bound', () => {
    const window = windowOf(...Array.from({ length: maxRuleRestarts + 10 }, (_, index) => index));
    expect(window.restarts).toHaveLength(maxRuleRestarts);
    expect(window.restarts[0]?.atMs).toBe(10);
    expect(window.dropped).toBe(10);
  });

  test('forgets what no rule looks back to, and nothing else', () => {
    expect(forgetBefore(windowOf(10, 20, 30), 20).restarts).toEqual([at(30)]);
    const untouched = windowOf(10);
    expect(forgetBefore(untouched, 9)).toBe(untouched);
  });

  test.each([
    { times: [], after: 0, median: undefined },
    { times: [10], after: 0, median: undefined },
    { times: [10, 18], after: 0, median: 8 },
    { times: [10, 18, 28], after: 0, median: 9 },
    { times: [10, 18, 28, 1000], after: 0, median: 10 },
    { times: [10, 18, 28], after: 10, median: 10 },
    { times: [10, 18, 28], after: 18, median: undefined },
  ])('medianPeriodMs() of $times after $after is $median', ({ times, after, median }) => {
    expect(medianPeriodMs(windowOf(...times), after)).toBe(median);
  });
});
