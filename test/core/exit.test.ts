import { describe, expect, test } from 'vitest';
import { describeExit, exitName, type Exit } from '../../src/core/exit.ts';
import { byCount, countExit, maxExitKinds, recountExit, type ExitTally } from '../../src/core/exit-tally.ts';
import { exitStatusName, signalName } from '../../src/core/systemd/exit-status.ts';

const exit = (change: Partial<Exit>): Exit => ({
  invocationId: 'a',
  atMs: 0,
  process: 'main',
  code: 'exited',
  status: 1,
  result: 'exit-code',
  uptimeMs: 8000,
  during: 'running',
  requested: false,
  ...change,
});

describe('describeExit()', () => {
  test.each<[Partial<Exit>, string]>([
    [{}, 'the main process exited with status 1/FAILURE'],
    [{ status: 71 }, 'the main process exited with status 71/OSERR'],
    [{ status: 203 }, 'the main process exited with status 203/EXEC'],
    [{ status: 42 }, 'the main process exited with status 42'],
    [{ status: 0, result: 'success' }, 'the main process exited with status 0/SUCCESS'],
    [{ code: 'killed', status: 11, result: 'signal' }, 'the main process was killed by SIGSEGV'],
    [{ code: 'killed', status: 9, result: 'signal' }, 'the main process was killed by SIGKILL'],
    [{ code: 'dumped', status: 11, result: 'core-dump' }, 'the main process dumped core on SIGSEGV'],
    [{ code: 'killed', status: 6, result: 'watchdog' }, 'the watchdog ran out and systemd sent SIGABRT'],
    [
      { code: 'killed', status: 15, result: 'timeout', during: 'start' },
      'its start timed out and systemd sent SIGTERM',
    ],
    [
      { code: 'killed', status: 9, result: 'timeout', during: 'running' },
      'its time ran out and systemd sent SIGKILL',
    ],
    [{ process: 'ExecStartPre', status: 42 }, 'ExecStartPre exited with status 42'],
    [{ process: 'ExecStartPre', code: undefined, status: undefined }, 'ExecStartPre failed'],
    [{ code: 'killed', status: 9, result: 'oom-kill' }, 'the kernel ran out of memory for it and killed it'],
    [
      { process: undefined, code: undefined, status: undefined, result: 'resources' },
      'systemd could not start it (resources)',
    ],
    [{ status: 0, result: 'protocol' }, 'the main process exited with status 0/SUCCESS before it was ready'],
    [
      { process: undefined, code: undefined, status: undefined, result: 'brand-new' },
      'it ended with result "brand-new"',
    ],
  ])('%o is: %s', (change, words) => {
    expect(describeExit(exit(change))).toBe(words);
  });
});

describe('exit names', () => {
  test('a status is named by the exit tables, a signal by its number', () => {
    expect(exitName({ code: 'exited', status: 78 })).toBe('CONFIG');
    expect(exitName({ code: 'killed', status: 15 })).toBe('SIGTERM');
    expect(exitName({ code: undefined, status: 1 })).toBeUndefined();
  });

  test('numbers without a name have none', () => {
    expect([exitStatusName(8), exitStatusName(223), exitStatusName(256)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([signalName(0), signalName(32), signalName(65)]).toEqual([undefined, undefined, undefined]);
    expect([signalName(34), signalName(36), signalName(31)]).toEqual(['SIGRTMIN', 'SIGRTMIN+2', 'SIGSYS']);
  });
});

describe('exit tally', () => {
  test('counts by process, code, status and result', () => {
    const tally = [exit({}), exit({ status: 2 }), exit({})].reduce<ExitTally>(
      (sum, each) => countExit(sum, each),
      [],
    );
    expect(tally.map(({ exit: { status }, count }) => [status, count])).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });

  test('lumps statuses together past its bound, and loses no exit', () => {
    let tally: ExitTally = [];
    for (let status = 1; status <= 200; status += 1) tally = countExit(tally, exit({ status }));
    expect(tally).toHaveLength(maxExitKinds + 1);
    expect(tally.reduce((sum, { count }) => sum + count, 0)).toBe(200);
    expect(tally.at(-1)).toMatchObject({ exit: { code: undefined, status: undefined, result: 'exit-code' } });
  });

  test('counts an exit anew once its status is known', () => {
    const unknown = exit({ process: 'ExecStartPre', code: undefined, status: undefined });
    const known = exit({ process: 'ExecStartPre', status: 42 });
    const tally = recountExit(countExit(countExit([], known), unknown), unknown, known);
    expect(tally).toEqual([{ exit: expect.objectContaining({ status: 42 }), count: 2 }]);
  });

  test('puts the most frequent first, of equals the more recent', () => {
    const tally = [exit({ status: 1 }), exit({ status: 2 }), exit({ status: 3 }), exit({ status: 2 })];
    const order = byCount(tally.reduce<ExitTally>((sum, each) => countExit(sum, each), []));
    expect(order.map(({ exit: { status } }) => status)).toEqual([2, 3, 1]);
  });
});
