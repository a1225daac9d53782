import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { dropInName } from '../core/remedy/drop-in.ts';

/** What `systemd-analyze verify` says of a unit because of our drop-in; `unknown` where it can't be asked. */
export type Verified =
  | { readonly kind: 'fine' }
  | { readonly kind: 'complains'; readonly complaint: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** It takes 10 ms where nothing hangs. */
const timeoutMs = 10_000;
const mostOutput = 65_536;

/**
 * Asks this host's own systemd-analyze, without and with the drop-in, in `folder`, which only this question looks into and which
 * is made for it, also where a crash left it. What it complains of in both is the unit's own; what is new comes of the drop-in.
 */
export async function verifyDropIn(
  folder: string,
  unit: string,
  dropIn: string,
  timeout = timeoutMs,
): Promise<Verified> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  try {
    const before = await verify(unit, folder, timeout);
    if ('why' in before) return { kind: 'unknown', why: before.why };
    mkdirSync(path.join(folder, `${unit}.d`));
    writeFileSync(path.join(folder, `${unit}.d`, dropInName), dropIn);
    const after = await verify(unit, folder, timeout);
    if ('why' in after) return { kind: 'unknown', why: after.why };
    const complaint = after.lines.find((line) => !before.lines.includes(line));
    return complaint === undefined
      ? { kind: 'fine' }
      : { kind: 'complains', complaint: oneLine(complaint, folder) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Output = { readonly lines: readonly string[] } | { readonly why: string };

/** The lines that it prints, or why it printed none. Its exit status also tells of faults that were there before. */
function verify(unit: string, folder: string, timeout: number): Promise<Output> {
  // The closing colon stands for the usual folders (systemd.unit(5)).
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', SYSTEMD_UNIT_PATH: `${folder}:` };
  const argv = ['verify', '--man=no', '--recursive-errors=no', '--', unit];
  return new Promise((resolve) => {
    const child = spawn('systemd-analyze', argv, {
      env,
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout,
      killSignal: 'SIGKILL',
    });
    const printed = text(child.stderr).catch(() => '');
    child.once('error', () => resolve({ why: 'systemd-analyze is not there' }));
    child.once('close', (_, signal) => {
      if (signal !== null) return resolve({ why: `systemd-analyze gave no answer within ${timeout} ms` });
      void printed.then((output) => resolve({ lines: linesOf(output) }));
    });
  });
}

function linesOf(output: string): readonly string[] {
  return output
    .slice(0, mostOutput)
    .split('\n')
    .filter((line) => line.trim() !== '');
}

function oneLine(complaint: string, folder: string): string {
  return complaint.replaceAll(`${folder}/`, '').replaceAll(/\p{C}/gu, '?').slice(0, 300);
}
