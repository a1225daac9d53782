import { describe, expect, it, test } from 'vitest';
import { builtInPolicy } from '../../src/core/policy.ts';
import type { Remedy } from '../../src/core/remedy.ts';
import { judgeRemedy, watchMs } from '../../src/core/remedy-judge.ts';
import { newRecord, type UnitRecord } from '../../src/core/unit-record.ts';
import { runInProgress } from '../../src/core/run.ts';

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
  outcome: 'pending',
  reason: undefined,
  retryAtMs: -Infinity,
};
const slows: Remedy = { ...prevents, directives: [{ name: 'RestartSec', ms: 60_000 }] };

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
  ['one that was judged', { ...slows, outcome: 'helped' }, record(20), 80_000, undefined],
  ['one that is not in force', { ...slows, dropIn: undefined }, record(20), 80_000, undefined],
];

describe('judgeRemedy', () => {
  test.each(cases)('%s: %5$s', (_, remedy, unit, afterMs, outcome) => {
    expect(judgeRemedy(remedy, unit, applied + afterMs)?.outcome).toBe(outcome);
  });

  it('says the numbers', () => {
    expect(judgeRemedy(slows, record(3), applied + 80_000)?.reason).toBe(
      '3 restarts in 1min 20s, where 10 were to be expected',
    );
    expect(judgeRemedy(prevents, record(3), applied + 24_000)?.reason).toBe(
      'it restarts as before: 3 restarts in 24s',
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
