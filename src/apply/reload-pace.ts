import { codeOf } from '../kit/errors.ts';
import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Reloads that the daemon asks for lie at least so far apart: each costs PID 1 a second on a large host, and below v255
 * empties every unit's start-limit window.
 */
export const reloadEveryMs = 10_000;

/** Waits until the last reload of flapd's is long enough ago, and notes this one. A person who asks is not kept waiting. */
export async function paceReload(folder: string, by: 'hand' | 'daemon', nowWallMs: number): Promise<void> {
  const note = path.join(folder, 'reloaded');
  const agoMs = nowWallMs - lastMs(note);
  // A clock that was set back says nothing of how long ago it was: then the whole time is waited for.
  if (by === 'daemon' && agoMs < reloadEveryMs) await sleep(Math.min(reloadEveryMs, reloadEveryMs - agoMs));
  try {
    writeFileSync(note, '');
  } catch {
    // On a full disk the next one may come too soon, which costs less than a change that is half in force.
  }
}

function lastMs(note: string): number {
  try {
    return statSync(note).mtimeMs;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return -Infinity;
    throw error;
  }
}
