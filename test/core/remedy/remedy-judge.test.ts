import { describe, expect, it, test } from 'vitest';
import { builtInPolicy } from '../../../src/core/policy.ts';
import type { Remedy } from '../../../src/core/remedy/remedy.ts';
import type { RemedyForecast } from '../../../src/core/remedy/remedy-forecast.ts';
import { judgeRemedy, watchMs } from '../../../src/core/remedy/remedy-judge.ts';
import { newRecord, type UnitRecord } from '../../../src/core/unit-record.ts';
import { runInProgress } from '../../../src/core/run.ts';

const applied = 100_000;
const prevents: Remedy = {
  unit: 'loop.service',
  incident: 'loop.service@20260502T120000.000Z',
  dropIn: '/run/systemd/system/loop.service.d/90-flapd.conf',
  directives: [{ name: 'RestartPreventExitStatus', exits: { statuses: [1], signals: [] } }],
  by: 'daemon',
  atMs: applied,
  untilWallMs: undefined,
  restartsBefore: 7,
  periodMs: 8000,
  forecast: undefined,
  outcome: 'pending',
  reason: undefined,
  retryAtMs: -Infinity,
};
const slows: Remedy = { ...prevents, directives: [{ name: 'RestartSec', ms: 60_000 }] };
const foretold: RemedyForecast = {
  withinMs: 80_000,
  restarts: 1,
  rests: false,
  delayMs: 150_000,
  periodMs: 158_000,
};
const slowing: Remedy = { ...slows, forecast: foretold };
const slightly: Remedy = { ...slows, forecast: { ...foretold, restarts: 9, delayMs: 1000, periodMs: 9000 } };
const hourly: Remedy = { ...slowing, periodMs: 3_600_000, forecast: { ...foretold, withinMs: 900_000 } };
const limited: Remedy = {
  ...slows,
  directives: [{ name: 'StartLimitBurst', count: 3 }],
  forecast: { ...foretold, restarts: 4, rests: true, delayMs: 100, periodMs: undefined },
};

const exit = {
  process: 'main',
  code: 'exited',
  status: 1,
  result: 'exit-code',
  uptimeMs: 1,
  requested: false,
} as const;

/** After so many restarts more; at rest since then, or in a run. */
function record(restarts: number, rest?: { readonly sinceMs: number; readonly waits?: boolean }): UnitRecord {
  const run = runInProgress('b', applied);
  const ended = rest && {
    ...run,
    activeState: 'failed',
    waits: rest.waits ?? false,
    exit: { ...exit, atMs: rest.sinceMs, invocationId: 'b', during: 'running' },
  };
  return { ...newRecord('loop.service', builtInPolicy), automatic: 7 + restarts, run: ended ?? run };
}

const cases: readonly [
  what: string,
  remedy: Remedy,
  record: UnitRecord,
  afterMs: number,
  outcome: string | undefined,
][] = [
  ['it rests at once', prevents, record(0, { sinceMs: applied + 100 }), 2000, 'helped'],
  ['it rests after one that was pending', prevents, record(1, { sinceMs: applied + 9000 }), 11_000, 'helped'],
  [
    'it has failed for a moment, as one that waits looks on old systemds',
    prevents,
    record(1, { sinceMs: applied + 9000 }),
    9500,
    undefined,
  ],
  [
    'it waits for its restart',
    prevents,
    record(1, { sinceMs: applied + 9000, waits: true }),
    30_000,
    undefined,
  ],
  ['it runs', prevents, record(1), 30_000, undefined],
  ['it was restarted twice', prevents, record(2), 30_000, undefined],
  ['it was restarted three times', prevents, record(3), 30_000, 'no-effect'],
  ['it never died again', prevents, record(0), 80_000, 'helped'],
  ['systemd gave up', slows, { ...record(2), braked: true }, 20_000, 'helped'],
  ['slower, but watched for too short', slows, record(1), 79_999, undefined],
  ['half as fast', slows, record(5), 80_000, 'helped'],
  ['nearly half as fast', slows, record(6), 80_000, 'no-effect'],
  ['as fast as before', slows, record(10), 80_000, 'no-effect'],
  ['twice as fast', slows, record(20), 80_000, 'worse'],
  ['a loop without a known pace', { ...slows, periodMs: undefined }, record(0), 900_000, 'helped'],
  ['as predicted', slowing, record(1), 80_000, 'helped'],
  ['one more than predicted, that was under way', slowing, record(2), 80_000, 'helped'],
  ['less than half the pace, but more than predicted', slowing, record(3), 80_000, 'no-effect'],
  ['far more than predicted, before the watch is over', slowing, record(9), 79_999, undefined],
  ['twice as fast, where rest was near', slowing, record(20), 80_000, 'worse'],
  [
    'looked at long after the watch: so many more may come',
    slowing,
    record(3),
    80_000 + 2 * 158_000,
    'helped',
  ],
  ['a little slower, as predicted', slightly, record(9), 80_000, 'helped'],
  ['a little slower predicted, and the old pace', slightly, record(10), 80_000, 'no-effect'],
  ['a slow loop that was restarted once', hourly, record(1), 900_000, 'helped'],
  ['a slow loop that was restarted twice', hourly, record(2), 900_000, 'no-effect'],
  ['the limit trips as predicted', limited, { ...record(4), braked: true }, 4000, 'helped'],
  ['the limit does not trip', limited, record(6), 4000, 'no-effect'],
  ['the limit may still trip', limited, record(5), 4000, undefined],
  ['one that was judged', { ...slows, outcome: 'helped' }, record(20), 80_000, undefined],
  ['one that is not in force', { ...slows, dropIn: undefined }, record(20), 80_000, undefined],
];

describe('judgeRemedy', () => {
  test.each(cases)('%s: %5$s', (_, remedy, unit, afterMs, outcome) => {
    expect(judgeRemedy(remedy, unit, applied + afterMs)?.outcome).toBe(outcome);
  });

  it('says the numbers, observed and predicted', () => {
    const reason = (remedy: Remedy, unit: UnitRecord, afterMs: number) =>
      judgeRemedy(remedy, unit, applied + afterMs)?.reason;
    expect(reason(slowing, record(1), 80_000)).toBe(
      '1 restart in 1min 20s (at most 1 predicted, 10 without it)',
    );
    expect(reason(slows, record(3), 80_000)).toBe('3 restarts in 1min 20s (10 without it)');
    expect(reason(prevents, record(3), 24_000)).toBe(
      'it restarts as before: 3 restarts in 24s (at most 1 predicted)',
    );
    expect(reason(prevents, record(1, { sinceMs: applied + 9000 }), 11_000)).toBe(
      'it rests in failed after 1 restart (at most 1 predicted)',
    );
  });
});

test.each([
  [8000, 80_000],
  [100, 5000],
  [600_000, 900_000],
  [undefined, 900_000],
])('a loop of %s ms is watched for %i ms', (periodMs, ms) => {
  expect(watchMs({ periodMs })).toBe(ms);
});
