import { expect, it, test } from 'vitest';
import type { RestartSettings } from '../../../src/core/systemd/restart-settings.ts';
import {
  type RemedyForecast,
  forecastOf,
  forecastWords,
  mostPredicted,
} from '../../../src/core/remedy/remedy-forecast.ts';
import { exited, killed, settingsOf, statuses } from '../systemd/ending-cases.ts';

const segv = { uptimeMs: 8000, exit: killed(11) };
const unlimited = { startLimitIntervalMs: 0 };
const ladder = { ...unlimited, restartSecMs: 5000, restartSteps: 6, restartMaxDelayMs: 300_000 };

function forecast(
  change: Partial<RestartSettings>,
  nRestarts: number,
  withinMs = 80_000,
  usualRun = segv,
): RemedyForecast | undefined {
  return forecastOf({ after: settingsOf(change), usualRun }, nRestarts, withinMs);
}

test.each([
  ['a ladder from its first step', ladder, 0, { restarts: 4, delayMs: 5000 }],
  [
    'one whose counter is past the last step',
    ladder,
    9,
    { restarts: 1, delayMs: 300_000, periodMs: 308_000 },
  ],
  ['a longer delay', { ...unlimited, restartSecMs: 30_000 }, 9, { restarts: 3, delayMs: 30_000 }],
  ['as it is', { ...unlimited, restartSecMs: 100 }, 9, { restarts: 10, delayMs: 100 }],
])('of %s', (_, change, nRestarts, expected) => {
  expect(forecast(change, nRestarts)).toMatchObject({ ...expected, rests: false, withinMs: 80_000 });
});

it('of one that is to rest, the restart that was pending alone', () => {
  const run = { uptimeMs: 8000, exit: exited(1) };
  expect(forecast({ ...unlimited, preventExitStatus: statuses(1) }, 9, 80_000, run)).toEqual({
    withinMs: 80_000,
    restarts: 1,
    rests: true,
    delayMs: undefined,
    periodMs: undefined,
  });
});

it('of a start limit, what it lets through, and none of a limit that the watch is too short for', () => {
  const limit = { startLimitBurst: 3, startLimitIntervalMs: 60_000, restartSecMs: 100 };
  expect(forecast(limit, 9)).toMatchObject({ restarts: 4, rests: true });
  expect(forecast(limit, 9, 10_000)).toMatchObject({ restarts: 2, rests: false });
});

it('is not known where no run is, and holds no number that JSON lacks', () => {
  expect(forecastOf({ after: settingsOf(), usualRun: undefined }, 9, 80_000)).toBeUndefined();
  expect(forecastOf({ after: undefined, usualRun: segv }, 9, 80_000)).toBeUndefined();
  expect(forecast({ ...unlimited, restartSecMs: Infinity }, 9)).toMatchObject({
    delayMs: undefined,
    periodMs: undefined,
  });
});

it('goes on after the watch at the pace that it has come to', () => {
  const slow = forecast(ladder, 9);
  if (slow === undefined) throw new Error('it is known');
  expect([0, 80_000, 387_000, 388_000].map((sinceMs) => mostPredicted(slow, sinceMs))).toEqual([1, 1, 1, 2]);
});

it('says what is to come', () => {
  const words = (...given: Parameters<typeof forecast>): string => {
    const known = forecast(...given);
    return known === undefined ? '' : forecastWords(known);
  };
  expect(words(ladder, 9)).toBe('at most 1 restart is predicted in 1min 20s, 5min after the end of a run');
  expect(words(ladder, 0)).toBe('at most 4 restarts are predicted in 1min 20s, 5s after the end of a run');
  const prevented = { ...unlimited, preventExitStatus: statuses(1) };
  expect(words(prevented, 9, 80_000, { uptimeMs: 8000, exit: exited(1) })).toBe(
    'at most 1 restart is predicted, then rest',
  );
});
