import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Saved } from '../src/core/saved.ts';
import { Saving } from '../src/saving.ts';

const ignore = (): void => {};
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

let folder = '';
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  folder = mkdtempSync(path.join(tmpdir(), 'flapd-saving-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** `takesMs`: how long it takes to write the file. `savedAt`: which look at the state the file is of, the first one 1. */
async function opened(takesMs = 1) {
  const file = path.join(folder, 'state.json');
  let looks = 0;
  const current = (): Saved => {
    vi.advanceTimersByTime(takesMs);
    looks += 1;
    return {
      savedAtWallMs: looks,
      bootId: '',
      incidents: [],
      units: [],
      remedies: [],
      undelivered: [],
    };
  };
  const saving = new Saving(file, log, current);
  await saving.load(0);
  const savedAt = (): number => (JSON.parse(readFileSync(file, 'utf8')) as Saved).savedAtWallMs;
  return { saving, savedAt };
}

describe('the state file', () => {
  test('is written at once of what is about to be told, and of what a sink has taken', async () => {
    const { saving, savedAt } = await opened();
    saving.changed('now');
    expect(savedAt()).toBe(1);
    vi.advanceTimersByTime(300);
    saving.changed('soon');
    expect(savedAt()).toBe(2);
  });

  test('is written of counters within two seconds, once for all of them', async () => {
    const { saving, savedAt } = await opened();
    saving.changed('now');
    saving.changed('later');
    vi.advanceTimersByTime(1000);
    saving.changed('later');
    vi.advanceTimersByTime(999);
    expect(savedAt()).toBe(1);
    vi.advanceTimersByTime(1);
    expect(savedAt()).toBe(2);
    vi.advanceTimersByTime(10_000);
    expect(savedAt()).toBe(2);
  });

  test('takes a twentieth of the time where a sink takes one after the other', async () => {
    const { saving, savedAt } = await opened(20);
    for (let at = 0; at < 4000; at += 10) {
      saving.changed('soon');
      vi.advanceTimersByTime(10);
    }
    expect(savedAt()).toBe(11); // at 0, 400, … 4000
    vi.advanceTimersByTime(400);
    expect(savedAt()).toBe(12);
  });

  test('waits for two seconds at most, however long it takes', async () => {
    const { saving, savedAt } = await opened(1000);
    saving.changed('now');
    saving.changed('later');
    saving.changed('soon');
    vi.advanceTimersByTime(1999);
    expect(savedAt()).toBe(1);
    vi.advanceTimersByTime(1);
    expect(savedAt()).toBe(2);
  });

  test('does not wait with what is about to be told for what waits already', async () => {
    const { saving, savedAt } = await opened(20);
    saving.changed('now');
    saving.changed('soon');
    saving.changed('now');
    expect(savedAt()).toBe(2);
    vi.advanceTimersByTime(10_000);
    expect(savedAt()).toBe(2);
  });

  test('is left alone until it was read', () => {
    const current = vi.fn<() => Saved>();
    const saving = new Saving(path.join(folder, 'state.json'), log, current);
    saving.changed('now');
    saving.now();
    expect(current).not.toHaveBeenCalled();
  });
});
