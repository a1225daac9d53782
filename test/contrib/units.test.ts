import { describe, expect, test } from 'vitest';
import { restartDelayMs } from '../../src/core/systemd/restart-delay.ts';
import { willRestart } from '../../src/core/systemd/restart-decision.ts';
import { emptyExitSet, type RestartSettings } from '../../src/core/systemd/restart-settings.ts';
import { countStart, noStarts } from '../../src/core/systemd/start-limit.ts';
import { parseTimeSpan } from '../../src/core/time-span.ts';
import { contrib, settingsOf } from './unit-file.ts';

const unit = contrib('systemd/flapd.service');
const userUnit = contrib('systemd/user/flapd.service');
const grows = contrib('systemd/flapd.service.d/10-v254.conf');

/** As systemd of this version reads them; what 253 and older do not know they pass over. */
function restartSettings(systemdVersion: number, ...texts: readonly string[]): RestartSettings {
  const all = settingsOf(...texts);
  const spanMs = (name: string): number => {
    const span = parseTimeSpan(all[name] ?? '');
    if (!span.ok) throw new Error(`${name}=${all[name]} is no time span`);
    return span.ms;
  };
  const prevent = (all['RestartPreventExitStatus'] ?? '').split(' ').map(Number);
  return {
    type: 'notify',
    restart: all['Restart'] === 'always' ? 'always' : 'no',
    restartSecMs: spanMs('RestartSec'),
    restartSteps: Number(all['RestartSteps'] ?? 0),
    restartMaxDelayMs: all['RestartMaxDelaySec'] === undefined ? Infinity : spanMs('RestartMaxDelaySec'),
    restartMode: 'normal',
    preventExitStatus: { statuses: prevent, signals: [] },
    forceExitStatus: emptyExitSet,
    successExitStatus: emptyExitSet,
    startLimitIntervalMs: spanMs('StartLimitIntervalSec'),
    startLimitBurst: Number(all['StartLimitBurst']),
    systemdVersion,
  };
}

/** How many starts there are before systemd gives up, of runs that last so long; undefined where it never does. */
function startsUntilGivenUp(settings: RestartSettings, runMs: number): number | undefined {
  let window = noStarts;
  let atMs = 0;
  for (let start = 0; start < 100; start += 1) {
    const counted = countStart(window, atMs, settings);
    if (!counted.admitted) return start;
    window = counted.window;
    // A quarter of a second is the slack of systemd's timer.
    atMs += runMs + restartDelayMs(start + 1, settings) + 250;
  }
  return undefined;
}

const kinds = [
  { what: 'the unit on systemd 252', settings: restartSettings(252, unit) },
  { what: 'the unit with its drop-in on systemd 257', settings: restartSettings(257, unit, grows) },
  { what: "the user's unit", settings: restartSettings(257, userUnit) },
];

describe.each(kinds)('$what', ({ settings }) => {
  const watchdogMs = 60_000;

  test.each([0, 1000, 10_000, watchdogMs])('is given up after ten starts that last %i ms each', (runMs) => {
    expect(startsUntilGivenUp(settings, runMs)).toBe(10);
  });

  test('is not given up where it runs for two minutes each time', () => {
    expect(startsUntilGivenUp(settings, 120_000)).toBeUndefined();
  });

  test.each([
    { how: 'wrong configuration', code: 'exited', status: 2, restarts: false },
    { how: 'systemd out of reach', code: 'exited', status: 3, restarts: true },
    { how: 'a kill', code: 'killed', status: 9, restarts: true },
    { how: "somebody's SIGTERM", code: 'exited', status: 0, restarts: true },
  ] as const)('is restarted after $how: $restarts', ({ code, status, restarts }) => {
    const result = code === 'killed' ? 'signal' : status === 0 ? 'success' : 'exit-code';
    const ending = { process: 'main', code, status, result, during: 'running', requested: false } as const;
    expect(willRestart(ending, settings).restarts).toBe(restarts);
  });
});

test('the wait before a restart grows where systemd can do that', () => {
  const settings = restartSettings(257, unit, grows);
  const seconds = [1, 2, 3, 4, 5, 6].map((n) => Math.floor(restartDelayMs(n, settings) / 1000));
  expect(seconds).toEqual([5, 7, 12, 19, 30, 30]);
});
