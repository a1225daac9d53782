import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { restartDelayMs } from '../../../src/core/systemd/restart-delay.ts';
import { settingsOf } from './ending-cases.ts';

const second = 1000;

function delays(count: number, ...change: Parameters<typeof settingsOf>): number[] {
  const settings = settingsOf(...change);
  return Array.from({ length: count }, (_, index) => Math.round(restartDelayMs(index + 1, settings)));
}

describe('restartDelayMs()', () => {
  const steps = { restartSecMs: 10 * second, restartSteps: 4, restartMaxDelayMs: 160 * second };

  test('grows by equal factors to RestartMaxDelaySec= and stays there', () => {
    expect(delays(6, steps)).toEqual([10, 20, 40, 80, 160, 160].map((each) => each * second));
    // Measured on 257, with up to 250 ms of its timer: 323 219 470 974 1724 1715.
    expect(delays(6, { restartSecMs: 100, restartSteps: 4, restartMaxDelayMs: 1600 })).toEqual([
      100, 200, 400, 800, 1600, 1600,
    ]);
    expect(delays(3, { restartSecMs: 5 * second, restartSteps: 1, restartMaxDelayMs: 20 * second })).toEqual([
      5000, 20_000, 20_000,
    ]);
  });

  test('does not grow where either setting is missing, or RestartSec= is 0', () => {
    expect(delays(6, { ...steps, restartSteps: 0 })).toEqual(Array(6).fill(10 * second));
    expect(delays(6, { ...steps, restartMaxDelayMs: Infinity })).toEqual(Array(6).fill(10 * second));
    expect(delays(6, { ...steps, restartSecMs: 0 })).toEqual(Array(6).fill(0));
  });

  test('is never more than RestartMaxDelaySec=, steps or none', () => {
    expect(delays(2, { ...steps, restartMaxDelayMs: 3 * second })).toEqual([3000, 3000]);
    expect(delays(2, { ...steps, restartSteps: 0, restartMaxDelayMs: 0 })).toEqual([0, 0]);
    expect(delays(2, { ...steps, restartMaxDelayMs: 10 * second })).toEqual([10_000, 10_000]);
  });

  test('does not grow before 254, which knows neither setting', () => {
    expect(delays(6, { ...steps, systemdVersion: 253 })).toEqual(Array(6).fill(10 * second));
    expect(delays(2, { ...steps, restartMaxDelayMs: 0, systemdVersion: 253 })).toEqual([10_000, 10_000]);
    expect(delays(6, { ...steps, systemdVersion: 254 }).at(-1)).toBe(160 * second);
  });

  test('never falls from one restart to the next, and stays between its bounds', () => {
    const spans = fc.integer({ min: 0, max: 3600 * second });
    fc.assert(
      fc.property(spans, spans, fc.nat(30), (restartSecMs, restartMaxDelayMs, restartSteps) => {
        const settings = settingsOf({ restartSecMs, restartMaxDelayMs, restartSteps });
        let last = 0;
        for (let n = 1; n <= restartSteps + 2; n += 1) {
          const delayMs = restartDelayMs(n, settings);
          expect(delayMs).toBeGreaterThanOrEqual(last);
          expect(delayMs).toBeLessThanOrEqual(restartMaxDelayMs);
          last = delayMs;
        }
      }),
    );
  });
});
