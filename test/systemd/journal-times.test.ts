import { expect, test } from 'vitest';
import { JournalTimes } from '../../src/systemd/journal-times.ts';

const now = { wallMs: 1_000_000_000, monotonicMs: 5_000_000 };

test('entries of this boot are where their own clock says, whatever the wall clock said', () => {
  const times = new JournalTimes(now, 'this');
  expect(times.instant('this', 999_000_000, 4_000_000)).toEqual({
    wallMs: 999_000_000,
    monotonicMs: 4_000_000,
  });
  expect(times.instant('this', 5, 4_000_500).monotonicMs).toBe(4_000_500);
});

test.each([
  ['forward', 3_600_000],
  ['back', -3_600_000],
])('a clock that is set %s within a boot changes no distance', (_what, stepMs) => {
  const times = new JournalTimes(now, 'this');
  const before = times.instant('past', 900_000_000, 1000);
  const after = times.instant('past', 900_010_000 + stepMs, 11_000);
  expect(after.monotonicMs - before.monotonicMs).toBe(10_000);
  expect(after.wallMs - before.wallMs).toBe(10_000 + stepMs);
});

test('boots lie as far apart as the wall clock says', () => {
  const times = new JournalTimes(now, 'this');
  const older = times.instant('a', 800_000_000, 1000);
  const newer = times.instant('b', 900_000_000, 1000);
  expect(newer.monotonicMs - older.monotonicMs).toBe(100_000_000);
  expect(now.monotonicMs - newer.monotonicMs).toBe(100_000_000);
});

test('entries out of order are as far apart as they were', () => {
  const times = new JournalTimes(now);
  const [late, early] = [times.instant('a', 900_000_000, 9000), times.instant('a', 899_999_000, 8000)];
  expect(late.monotonicMs - early.monotonicMs).toBe(1000);
});

test('of thousands of boots the current one stays known', () => {
  const times = new JournalTimes(now, 'this');
  for (let boot = 0; boot < 5000; boot += 1) times.instant(`boot-${boot}`, 900_000_000 + boot, 0);
  expect(times.instant('this', 0, 4_000_000).monotonicMs).toBe(4_000_000);
});
