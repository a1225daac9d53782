import { codeOf } from '../kit/errors.ts';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** One at a time writes drop-ins on a host. `by` is the process that does, where another one does. */
export type Lock = { readonly ok: true; release(): void } | { readonly ok: false; readonly by: number };

/**
 * A file that names its process, by number and start time, put in place whole by link(2). One whose process is gone, as
 * after kill -9, is taken over.
 */
export function takeLock(folder: string, pid: number): Lock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = path.join(folder, 'lock');
  const own = path.join(folder, `lock.${pid}`);
  rmSync(own, { force: true });
  writeFileSync(own, `${pid} ${startTimeOf(pid)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    for (;;) {
      if (linked(own, lock)) return { ok: true, release: () => rmSync(lock, { force: true }) };
      const holder = textOf(lock);
      const by = livingPid(holder);
      if (by !== undefined) return { ok: false, by };
      if (holder !== undefined) removeStale(lock, `${own}.stale`, holder);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function textOf(lock: string): string | undefined {
  try {
    return readFileSync(lock, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function livingPid(holder: string | undefined): number | undefined {
  const [, pid, startTime] = /^(\d+) (\d+)\n$/.exec(holder ?? '') ?? [];
  return pid !== undefined && startTimeOf(Number(pid)) === startTime ? Number(pid) : undefined;
}

/** Somebody else may have taken it over since it was looked at: that one is put back. */
function removeStale(lock: string, aside: string, stale: string): void {
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (textOf(aside) !== stale) linked(aside, lock);
  rmSync(aside, { force: true });
}

/** Field 22 of /proc/PID/stat (proc(5)), counted from behind the name, which may hold anything; empty where it is gone. */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
