import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyExitSet } from '../../../src/core/systemd/restart-settings.ts';
import {
  maxRestartTimes,
  simulate,
  type RestartOverhead,
  type SimulatedRun,
} from '../../../src/core/systemd/simulate.ts';
import { control, exited, killed, settingsOf, statuses } from './ending-cases.ts';

const second = 1000;
const hour = 3600 * second;
const none: RestartOverhead = { startMs: 0, timerStepMs: 0 };
const exact = { overhead: none };
const unlimited = { startLimitIntervalMs: 0 };

const dies = (uptimeMs: number, exit = exited(1), cpuMs?: number): SimulatedRun =>
  cpuMs === undefined ? { uptimeMs, exit } : { uptimeMs, exit, cpuMs };

describe('a service that is restarted', () => {
  const settings = settingsOf({ restartSecMs: 2 * second, ...unlimited });

  test('dies and waits in turn, to the end of the span', () => {
    expect(simulate([dies(8 * second, exited(1), 500)], settings, 35 * second, exact)).toEqual({
      restarts: 3,
      restartTimesMs: [10_000, 20_000, 30_000],
      burnedCpuMs: 1500 + 500 * (5 / 8),
      endedBecause: 'span',
      because: undefined,
      restsAs: undefined,
      downMs: 6000,
      longestDownMs: 2000,
    });
  });

  test('is down to the end of the span where that ends in its delay', () => {
    const { restarts, downMs, longestDownMs } = simulate([dies(8 * second)], settings, 19 * second, exact);
    expect({ restarts, downMs, longestDownMs }).toEqual({ restarts: 1, downMs: 3000, longestDownMs: 2000 });
  });

  test('has its runs in the order given, and the last one ever again', () => {
    const runs = [dies(second), dies(2 * second), dies(5 * second)];
    expect(simulate(runs, settings, 25 * second, exact).restartTimesMs).toEqual([3000, 7000, 14_000, 21_000]);
  });

  test('may have its runs made up as they come, and runs through where there is none', () => {
    const runs = (index: number): SimulatedRun | undefined =>
      index < 3 ? dies((index + 1) * second) : undefined;
    expect(simulate(runs, settings, hour, exact)).toMatchObject({
      restartTimesMs: [3000, 7000, 12_000],
      endedBecause: 'span',
      downMs: 6000,
    });
    expect(simulate([], settings, hour, exact)).toMatchObject({ restarts: 0, downMs: 0 });
  });

  test('is not restarted at the very end of the span, nor after a delay without end', () => {
    expect(simulate([dies(8 * second)], settings, 10 * second, exact).restarts).toBe(0);
    const waits = settingsOf({ restartSecMs: Infinity });
    expect(simulate([dies(second)], waits, hour, exact)).toMatchObject({
      restarts: 0,
      downMs: hour - second,
    });
  });

  test('comes to an end also where nothing takes any time, and keeps the first times only', () => {
    const atOnce = settingsOf({ restartSecMs: 0, ...unlimited });
    const { restarts, restartTimesMs } = simulate([dies(0)], atOnce, 20 * second, exact);
    expect(restarts).toBe(20_000);
    expect(restartTimesMs).toHaveLength(maxRestartTimes);
  });
});

describe('what a restart takes besides its delay', () => {
  test.each([
    { restartSecMs: 1000, uptimeMs: 30, each: 1250 },
    { restartSecMs: 1300, uptimeMs: 80, each: 1500 },
    { restartSecMs: 100, uptimeMs: 30, each: 250 },
    { restartSecMs: 500, uptimeMs: 530, each: 1250 },
    { restartSecMs: 0, uptimeMs: 30, each: 50 },
  ])(
    'RestartSec=$restartSecMs ms after $uptimeMs ms is each $each ms, as measured',
    ({ each, uptimeMs, ...change }) => {
      const { restartTimesMs } = simulate([dies(uptimeMs)], settingsOf({ ...unlimited, ...change }), 60_000);
      const gaps = restartTimesMs.slice(1).map((atMs, index) => atMs - (restartTimesMs[index] ?? 0));
      expect(new Set(gaps)).toEqual(new Set([each]));
    },
  );

  test('is not asked for twice', () => {
    const { restartTimesMs } = simulate(
      [dies(0)],
      settingsOf({ restartSecMs: 2 * second, ...unlimited }),
      20 * second,
      { overhead: { startMs: 500, timerStepMs: 1000 } },
    );
    expect(restartTimesMs.slice(0, 3)).toEqual([3000, 6000, 9000]);
  });
});

describe('a service that comes to rest', () => {
  test('is down for the rest of the span, failed where it failed', () => {
    const settings = settingsOf({ preventExitStatus: statuses(78), ...unlimited });
    expect(simulate([dies(second), dies(2 * second, exited(78))], settings, hour, exact)).toEqual({
      restarts: 1,
      restartTimesMs: [1100],
      burnedCpuMs: 0,
      endedBecause: 'not-restarted',
      because: 'RestartPreventExitStatus= lists 78/CONFIG',
      restsAs: 'failed',
      downMs: 100 + hour - 3100,
      longestDownMs: hour - 3100,
    });
  });

  test.each([
    { exit: killed(15), restsAs: 'inactive' },
    { exit: exited(0), restsAs: 'inactive' },
    { exit: control('ExecCondition', 1, 'exec-condition'), restsAs: 'inactive' },
  ])('is inactive where it ended well: %o', ({ exit, restsAs }) => {
    expect(simulate([dies(second, exit)], settingsOf(), hour, exact)).toMatchObject({
      endedBecause: 'not-restarted',
      restsAs,
    });
  });

  test('is inactive where the settings make a success of its end, and failed where nothing restarts it', () => {
    const run = [dies(second, exited(3))];
    expect(simulate(run, settingsOf({ successExitStatus: statuses(3) }), hour).restsAs).toBe('inactive');
    expect(simulate(run, settingsOf({ restart: 'no' }), hour).restsAs).toBe('failed');
  });
});

describe('a service whose start limit', () => {
  const settings = settingsOf({ restartSecMs: 1000 });

  test('trips is failed, and NRestarts counts the start that was refused', () => {
    expect(simulate([dies(second)], settings, hour, exact)).toEqual({
      restarts: 5,
      restartTimesMs: [2000, 4000, 6000, 8000, 10_000],
      burnedCpuMs: 0,
      endedBecause: 'start-limit',
      because: 'the start limit allows 5 starts in 10s',
      restsAs: 'failed',
      downMs: 4 * second + hour - 9 * second,
      longestDownMs: hour - 9 * second,
    });
  });

  test('does not trip by a hair is restarted for ever', () => {
    expect(simulate([dies(second + 1)], settings, hour, exact).endedBecause).toBe('span');
  });

  test('trips late does so when it first gathers enough starts in a window', () => {
    const runs = [dies(3 * second), dies(3 * second), dies(3 * second), dies(500)];
    const { restartTimesMs, endedBecause } = simulate(runs, settings, hour, exact);
    expect(endedBecause).toBe('start-limit');
    // The window that began at 0 ends before 12 s; the next one begins with the start at 12 s.
    expect(restartTimesMs).toEqual([4000, 8000, 12_000, 13_500, 15_000, 16_500, 18_000, 19_500]);
  });
});

describe('a delay that grows', () => {
  const settings = settingsOf({
    restartSecMs: 10 * second,
    restartSteps: 4,
    restartMaxDelayMs: 160 * second,
    ...unlimited,
  });

  test('makes each restart later than the one before, and counts from NRestarts', () => {
    const timesMs = simulate([dies(0)], settings, 500 * second, exact).restartTimesMs;
    expect(timesMs.map((atMs) => Math.round(atMs / second))).toEqual([10, 30, 70, 150, 310, 470]);
    expect(simulate([dies(0)], settings, 500 * second, { ...exact, nRestarts: 4 }).restartTimesMs).toEqual([
      160_000, 320_000, 480_000,
    ]);
  });

  test('is the same at every restart for a systemd that knows none', () => {
    const { restarts } = simulate([dies(0)], { ...settings, systemdVersion: 252 }, 500 * second, exact);
    expect(restarts).toBe(49);
  });
});

describe('whatever the runs', () => {
  const exit = fc.constantFrom(
    exited(0),
    exited(1),
    exited(78),
    killed(9),
    killed(15),
    control('ExecStartPre', 1),
  );
  const run = fc.record({ uptimeMs: fc.nat(5000), exit, cpuMs: fc.nat(1000) });
  const runs = fc.array(run, { minLength: 1, maxLength: 30 });
  const overhead = fc.record({ startMs: fc.nat(50), timerStepMs: fc.constantFrom(0, 100, 250) });
  const spanMs = 60_000;

  test('a longer delay never makes for more restarts, where the start limit is off', () => {
    fc.assert(
      fc.property(run, overhead, fc.nat(5000), fc.nat(5000), (each, costs, shorterMs, byMs) => {
        const count = (restartSecMs: number): number =>
          simulate([each], settingsOf({ restart: 'always', restartSecMs, ...unlimited }), spanMs, {
            overhead: costs,
          }).restarts;
        // RestartSec=0 sets no timer: 1 ms may wait for the next step, which is longer still.
        expect(count(shorterMs + byMs)).toBeLessThanOrEqual(count(shorterMs));
      }),
    );
  });

  test('a start limit never makes for more restarts, nor one that allows less', () => {
    fc.assert(
      fc.property(runs, overhead, fc.nat(10), fc.nat(10), (list, costs, burst, more) => {
        const count = (startLimitBurst: number): number =>
          simulate(list, settingsOf({ restart: 'always', startLimitBurst }), spanMs, { overhead: costs })
            .restarts;
        expect(count(burst + 1)).toBeLessThanOrEqual(count(burst + 1 + more));
        expect(count(burst + 1)).toBeLessThanOrEqual(count(0));
      }),
    );
  });

  test('a status that Prevent lists ends it, and time and CPU add up', () => {
    fc.assert(
      fc.property(runs, overhead, fc.boolean(), (list, costs, prevented) => {
        const settings = settingsOf({
          restart: 'always',
          preventExitStatus: prevented ? statuses(78) : emptyExitSet,
          ...unlimited,
        });
        const { restarts, restartTimesMs, burnedCpuMs, downMs, longestDownMs, endedBecause } = simulate(
          list,
          settings,
          spanMs,
          { overhead: costs },
        );
        const first = prevented ? list.findIndex((each) => each.exit.status === 78) : -1;
        if (first >= 0) expect(restarts).toBeLessThanOrEqual(first);
        if (endedBecause === 'not-restarted') expect(restarts).toBe(first);
        expect(restartTimesMs).toHaveLength(restarts);
        expect(restartTimesMs.every((atMs) => atMs < spanMs)).toBe(true);
        expect(burnedCpuMs).toBeLessThanOrEqual((restarts + 1) * 1000);
        expect(longestDownMs).toBeLessThanOrEqual(downMs);
        expect(downMs).toBeLessThanOrEqual(spanMs);
      }),
    );
  });
});
