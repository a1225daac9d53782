import { describe, expect, test } from 'vitest';
import { JournalFold } from '../../src/core/journal-fold.ts';
import type { JournalRecord } from '../../src/core/journal-record.ts';
import { PastSteps } from '../../src/core/past-steps.ts';
import { builtInPolicy } from '../../src/core/policy.ts';
import { newState } from '../../src/core/state.ts';
import type { UnitRecord } from '../../src/core/unit-record.ts';
import { bootId, record } from '../support/past.ts';

const unit = 'loop.service';

function fold(
  records: readonly JournalRecord[],
  endBoot = bootId,
): { unit: UnitRecord | undefined; units: number } {
  const state = newState([builtInPolicy]);
  const steps = new PastSteps(state);
  const journal = new JournalFold();
  for (const each of records) for (const input of journal.inputs(each)) steps.take(input, each.at);
  const last = records.at(-1)?.at ?? record(0, started('x')).at;
  for (const input of journal.finish(endBoot)) steps.take(input, last);
  return { unit: state.units.get(unit), units: state.units.size };
}

const started = (invocationId: string) => ({ kind: 'started', unit, invocationId }) as const;
const failed = (invocationId: string) =>
  ({ kind: 'failed', unit, invocationId, result: 'exit-code' }) as const;
const scheduled = (invocationId: string, nRestarts: number) =>
  ({ kind: 'restart-scheduled', unit, invocationId, nRestarts }) as const;

describe('the journal', () => {
  test('that begins with a restart has that restart', () => {
    expect(fold([record(0, scheduled('a', 7)), record(1, started('b'))]).unit).toMatchObject({
      automatic: 1,
      nRestarts: 7,
    });
  });

  test('with a gap in the counter has the restarts of the gap, as inferred', () => {
    const { unit: seen } = fold([record(0, scheduled('a', 1)), record(60, scheduled('b', 5))]);
    expect(seen).toMatchObject({ automatic: 5, inferred: 3, nRestarts: 5 });
  });

  test('with a counter that fell, or stands still, counts from zero again', () => {
    expect(fold([record(0, scheduled('a', 5)), record(60, scheduled('b', 2))]).unit).toMatchObject({
      automatic: 3,
    });
    expect(fold([record(0, scheduled('a', 1)), record(60, scheduled('b', 1))]).unit).toMatchObject({
      automatic: 2,
    });
  });

  test('of a unit that tells of failures only (LogLevelMax=notice) has its exits, and knows no counter', () => {
    const { unit: seen } = fold([record(0, failed('a')), record(9, failed('b'))]);
    expect(seen).toMatchObject({ automatic: 0, nRestarts: undefined });
    expect(seen?.exits).toMatchObject([{ count: 2 }]);
  });

  test('knows that a unit which was started by hand has not been restarted since', () => {
    expect(fold([record(0, failed('z')), record(60, started('a'))]).unit?.nRestarts).toBe(0);
    const stopped = { kind: 'stopping', unit, invocationId: 'b' } as const;
    const records = [
      record(0, scheduled('a', 4)),
      record(1, started('b')),
      record(60, stopped),
      record(61, started('c')),
    ];
    expect(fold(records).unit?.nRestarts).toBe(0);
  });

  test('that begins right between a restart and its start does not take that for one by hand', () => {
    expect(fold([record(0, started('b'))]).unit?.nRestarts).toBeUndefined();
  });

  test('that begins within a slow start does not take its counter for restarts that nobody saw', () => {
    const other = { kind: 'failed', unit: 'other.service', invocationId: 'o', result: 'exit-code' } as const;
    const slow = (seconds: number) =>
      fold([record(0, other), record(seconds, started('b')), record(seconds + 60, scheduled('b', 700))]).unit;
    expect(slow(30)).toMatchObject({ automatic: 1, inferred: 0 });
    expect(slow(300)).toMatchObject({ automatic: 700, inferred: 699 });
  });

  test('that begins within a run does not know how long that one was up', () => {
    const exit = { kind: 'process-exit', command: 'ExecStart', code: 1, status: 1, unit } as const;
    const { unit: seen } = fold([
      record(0, { ...exit, invocationId: 'a' }),
      record(0, failed('a')),
      record(0.1, scheduled('a', 1)),
      record(0.2, started('b')),
      record(9.2, { ...exit, invocationId: 'b' }),
      record(9.2, failed('b')),
    ]);
    expect(seen?.pastRuns.map(({ exit: { uptimeMs } }) => uptimeMs)).toEqual([undefined, 9000]);
  });

  test('takes no reboot for a restart, and counts from zero after it', () => {
    const { unit: seen } = fold(
      [
        record(0, scheduled('a', 5)),
        record(1, started('b')),
        record(100, started('c'), 'next'),
        record(101, failed('c'), 'next'),
        record(102, scheduled('c', 1), 'next'),
      ],
      'next',
    );
    expect(seen).toMatchObject({ automatic: 2, external: 0, nRestarts: 1 });
  });

  test('that ends before this boot leaves no unit that runs', () => {
    const { unit: seen } = fold([record(0, scheduled('a', 5)), record(1, started('b'))], 'next');
    expect(seen).toMatchObject({ automatic: 1, nRestarts: 0, loaded: false, run: undefined });
  });

  test('whose boots lie one in the other (a host without a clock of its own) has each restart once', () => {
    const records = [1, 2, 3, 4].map((count) =>
      record(count, scheduled(`a${count}`, count), count % 2 === 0 ? 'one' : 'two'),
    );
    expect(fold(records).unit?.automatic).toBe(4);
  });

  test('that tells of a failure after the restart that followed it knows that nobody gave up', () => {
    const { unit: seen } = fold(
      [1, 2, 3].flatMap((count) => [
        record(count * 60, started(`a${count}`)),
        record(count * 60 + 50, scheduled(`a${count}`, count)),
        record(count * 60 + 49, failed(`a${count}`)),
      ]),
    );
    expect(seen).toMatchObject({ automatic: 3, external: 0, braked: false, incident: undefined });
  });

  test('keeps a bounded number of units, however many names it has', () => {
    const records = Array.from({ length: 20_000 }, (_, index) =>
      record(index, { kind: 'started', unit: `job-${index}.service`, invocationId: `i${index}` }),
    );
    expect(fold(records).units).toBeLessThanOrEqual(5000);
  });
});
