import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Silence } from '../src/core/silence.ts';
import { systemClock } from '../src/kit/clock.ts';
import { SilenceWatch } from '../src/silence-watch.ts';
import { removeSilence, silencesFolder, writeSilence } from '../src/silences.ts';

/** Taken before the timers are replaced. */
const immediate = setImmediate;

/** What has changed is delivered in the loop's next turns, and then settles; a sweep is a change itself. */
async function settled(): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => immediate(resolve));
    vi.advanceTimersByTime(200);
  }
}

let state: string;
let folder: string;
let watch: SilenceWatch | undefined;
let changes: (readonly string[])[];
let troubles: string[];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  state = mkdtempSync(path.join(tmpdir(), 'flapd-silence-watch-'));
  folder = silencesFolder(path.join(state, 'state.json'));
  changes = [];
  troubles = [];
});
afterEach(() => {
  watch?.close();
  vi.useRealTimers();
  rmSync(state, { recursive: true, force: true });
});

function start(): SilenceWatch {
  watch = new SilenceWatch({
    folder,
    clock: systemClock,
    onChange: (silences) => changes.push(silences.map(({ unit }) => unit)),
    onTrouble: (sentence) => troubles.push(sentence),
  });
  return watch;
}

function silence(unit: string, forMs = 60_000): Silence {
  const now = Date.now();
  return { unit, untilWallMs: now + forMs, sinceWallMs: now, by: undefined, reason: undefined };
}

describe('the watch of the silences', () => {
  test('makes the folder, and has nothing to say where there is none', async () => {
    start();
    await settled();
    expect({ changes, troubles, made: readdirSync(state) }).toEqual({
      changes: [],
      troubles: [],
      made: ['silences'],
    });
  });

  test('tells of those that are there already', () => {
    writeSilence(folder, silence('a.service'));
    expect(start().current).toHaveLength(1);
    expect(changes).toEqual([['a.service']]);
  });

  test('tells once of several that are made, and of one that is ended', async () => {
    start();
    for (const unit of ['a.service', 'b@*.service', 'c.service']) writeSilence(folder, silence(unit));
    await settled();
    removeSilence(folder, 'b@*.service');
    await settled();
    expect(changes).toEqual([
      ['a.service', 'b@*.service', 'c.service'],
      ['a.service', 'c.service'],
    ]);
  });

  test('tells nothing of a file that changes nothing, and once of one that is no silence', async () => {
    writeSilence(folder, silence('a.service'));
    start();
    writeFileSync(path.join(folder, 'foreign'), 'x');
    await settled();
    writeFileSync(path.join(folder, 'foreign'), 'y');
    await settled();
    expect(changes).toEqual([['a.service']]);
    expect(troubles).toEqual([expect.stringMatching(/^Ignored ".*foreign": it is torn/)]);
  });

  test('tells when the time is up, and takes the file away', async () => {
    writeSilence(folder, silence('a.service', 10_000));
    writeSilence(folder, silence('b.service'));
    start();
    vi.advanceTimersByTime(9999);
    expect(changes).toHaveLength(1);
    vi.advanceTimersByTime(1);
    await settled();
    expect(changes).toEqual([['a.service', 'b.service'], ['b.service']]);
    expect(readdirSync(folder)).toEqual(['b.service.json']);
  });

  test('takes away what was over when it came', () => {
    writeSilence(folder, { ...silence('a.service'), sinceWallMs: 1, untilWallMs: 2 });
    start();
    expect(changes).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('has no timer while there is no silence, and one for the longest of them', () => {
    const one = start();
    expect(vi.getTimerCount()).toBe(0);
    // Node fires at once what is to last longer than 24.8 days.
    writeSilence(folder, silence('a.service', 30 * 24 * 3_600_000));
    one.refresh();
    one.refresh();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(60_000);
    removeSilence(folder, 'a.service');
    one.refresh();
    expect(vi.getTimerCount()).toBe(0);
    expect(changes).toEqual([['a.service'], []]);
  });

  test.each(['removed', 'moved away'])('goes on in a new folder where the old one is %s', async (how) => {
    writeSilence(folder, silence('a.service'));
    start();
    if (how === 'removed') rmSync(folder, { recursive: true });
    else renameSync(folder, `${folder}.old`);
    await settled();
    writeSilence(folder, silence('b.service'));
    await settled();
    expect({ changes, troubles }).toEqual({ changes: [['a.service'], [], ['b.service']], troubles: [] });
  });

  test('that is not to be had says so once, and looks again when it is asked to', () => {
    writeFileSync(folder, 'no folder');
    const one = start();
    const count = troubles.length;
    expect(troubles[0]).toMatch(/^Cannot .* the silences in ".*": .*; notifications/);
    one.refresh();
    expect(troubles).toHaveLength(count);
    rmSync(folder);
    mkdirSync(folder);
    writeSilence(folder, silence('a.service'));
    one.refresh();
    expect(changes).toEqual([['a.service']]);
  });

  test('is quiet once it is closed', async () => {
    const one = start();
    writeSilence(folder, silence('a.service'));
    one.close();
    await settled();
    one.refresh();
    expect(changes).toEqual([]);
  });
});
