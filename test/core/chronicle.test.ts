import { describe, expect, test } from 'vitest';
import { Chronicle } from '../../src/core/chronicle.ts';
import type { Effect } from '../../src/core/effect.ts';
import { instant } from '../support/timeline.ts';

const ended = (unit: string, invocationId: string, status = 1): Effect => ({
  kind: 'run-ended',
  unit,
  run: {
    exit: {
      invocationId,
      atMs: 0,
      process: 'main',
      code: 'exited',
      status,
      result: 'exit-code',
      uptimeMs: 1,
      during: 'running',
      requested: false,
    },
    cpuMs: undefined,
  },
});
const restarted = (unit: string): Effect => ({
  kind: 'restarted',
  unit,
  automatic: 1,
  external: 0,
  inferred: 0,
  inWindow: 1,
});

describe('a chronicle', () => {
  test('keeps the latest runs, says how many it let go, and what followed each', () => {
    const chronicle = new Chronicle(3);
    for (let index = 0; index < 5; index += 1)
      chronicle.add([ended('a', `${index}`), restarted('a')], instant(index));
    chronicle.add([ended('a', '5')], instant(5));
    expect(chronicle.runs.map(({ run, sequel }) => `${run.exit.invocationId} ${sequel}`)).toEqual([
      '3 automatic',
      '4 automatic',
      '5 none',
    ]);
    expect(chronicle.runsDropped).toBe(3);
  });

  test('puts a run that is better known in the place of what it was', () => {
    const chronicle = new Chronicle(10);
    chronicle.add([ended('a', '1', 1), ended('b', '2'), ended('a', '1', 42)], instant(0));
    expect(chronicle.runs.map(({ unit, run }) => `${unit} ${run.exit.status}`)).toEqual(['a 42', 'b 1']);
  });

  test('has each restart in one slice, also where years made its slices longer', () => {
    const chronicle = new Chronicle(10);
    const count = 250_000;
    for (let minute = 0; minute < count; minute += 1) chronicle.add([restarted('a')], instant(minute * 60));
    const slices = chronicle.slices('a', instant(0).wallMs, instant(count * 60).wallMs, 10);
    expect(slices.reduce((sum, each) => sum + each, 0)).toBe(count);
    for (const each of slices) expect(Math.abs(each - count / 10)).toBeLessThan(20);
  });

  test('forgets the oldest units where there are too many names', () => {
    const chronicle = new Chronicle(10);
    for (let index = 0; index < 20_000; index += 1) chronicle.add([restarted(`u${index}`)], instant(0));
    const sum = (unit: string): number => Math.max(...chronicle.slices(unit, 0, instant(60).wallMs, 1));
    expect([sum('u0'), sum('u19999')]).toEqual([0, 1]);
  });
});
