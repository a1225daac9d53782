import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { takeLock } from '../../src/apply/apply-lock.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flapd-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function taken(pid = process.pid) {
  const lock = takeLock(folder, pid);
  if (!lock.ok) throw new Error(`held by ${lock.by}`);
  return lock;
}

describe('takeLock', () => {
  it('lets one in, names it to the other, and leaves nothing', () => {
    const lock = taken();
    expect(takeLock(folder, process.ppid)).toEqual({ ok: false, by: process.pid });
    lock.release();
    taken(process.ppid).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ['of a process that is gone', () => `${spawnSync('true').pid} 1\n`],
    ['of a process whose number another one has now', () => `${process.pid} 1\n`],
    ['that says nothing', () => ''],
    ['that is torn', () => `${process.pid}`],
  ])('takes over one %s', (_, content) => {
    writeFileSync(path.join(folder, 'lock'), content());
    taken().release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('makes its folder, for root alone', () => {
    rmSync(folder, { recursive: true });
    taken().release();
    expect(readdirSync(folder)).toEqual([]);
  });
});
