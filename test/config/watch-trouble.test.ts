import type * as nodeFs from 'node:fs';
import { mkdtempSync, realpathSync, rmSync, writeFileSync, type FSWatcher } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchConfig } from '../../src/config/watch.ts';

const fault = vi.hoisted(() => ({ isOn: false, watchers: [] as FSWatcher[] }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof nodeFs>();
  const watch = (...given: Parameters<typeof fs.watch>): FSWatcher => {
    if (fault.isOn) throw new Error("ENOSPC: System limit for number of file watchers reached, watch '/x'");
    const watcher = fs.watch(...given);
    fault.watchers.push(watcher);
    return watcher;
  };
  return { ...fs, watch };
});

const immediate = setImmediate;
const delivered = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => immediate(resolve));
};

let dir: string;
let calls: number;
let troubles: string[];
let close: () => void;
function start(): void {
  const watching = watchConfig(
    dir,
    () => (calls += 1),
    (sentence) => troubles.push(sentence),
  );
  close = () => watching.close();
}
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  dir = realpathSync(mkdtempSync(path.join(tmpdir(), 'flapd-watch-trouble-')));
  writeFileSync(path.join(dir, 'flapd.yaml'), 'x');
  calls = 0;
  troubles = [];
  fault.isOn = false;
  fault.watchers.length = 0;
});
afterEach(() => {
  close();
  vi.useRealTimers();
  rmSync(dir, { recursive: true });
});

test('a folder that can not be watched is told of once, and tried again each minute', async () => {
  fault.isOn = true;
  start();
  expect(troubles).toEqual([
    `Cannot watch "${dir}" for changes of the configuration: ENOSPC: System limit for number of file watchers reached; ` +
      'a reload (SIGHUP) reads them.',
  ]);
  vi.advanceTimersByTime(60_500);
  expect(calls).toBe(1);
  fault.isOn = false;
  vi.advanceTimersByTime(60_500);
  expect({ calls, told: troubles.length }).toEqual({ calls: 2, told: 1 });
  writeFileSync(path.join(dir, 'flapd.yaml'), 'y');
  await delivered();
  vi.advanceTimersByTime(600_000);
  expect(calls).toBe(3);
});

test('a watch that fails is opened again, and what it has missed is read', async () => {
  start();
  expect(fault.watchers).toHaveLength(1);
  fault.watchers[0]?.emit('error', new Error('EIO'));
  vi.advanceTimersByTime(500);
  expect({ calls, troubles, opened: fault.watchers.length }).toEqual({ calls: 1, troubles: [], opened: 2 });
  writeFileSync(path.join(dir, 'flapd.yaml'), 'y');
  await delivered();
  vi.advanceTimersByTime(500);
  expect(calls).toBe(2);
});
