import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Complaint } from '../core/lint/subject.ts';
import { coerceError } from '../kit/errors.ts';

export type Verified =
  | { readonly ok: true; readonly complaints: readonly Complaint[] }
  /** `found`: why systemd-analyze said nothing. */
  | { readonly ok: false; readonly found: string };

/** Some hundred units take it a tenth of a second. */
const verifyWithinMs = 60_000;
/** Of a host where every unit is wrong the first ten thousand lines are enough. */
const mostComplaints = 10_000;
/** Below what the kernel lets a program be called with (128 KiB for each argument, 2 MiB in all). */
const filesAtOnce = 500;
/** `--recursive-errors=` came with it: without, everything that a unit needs is looked at too. */
const recursiveErrorsSince = 250;

/**
 * What this systemd itself says of lines in unit files, and in their drop-ins: systemd-analyze(1) verify. It loads them into
 * a manager of its own, for as long as it runs, and changes nothing.
 */
export async function verifyUnitFiles(
  files: readonly string[],
  { user, systemdVersion }: { readonly user: boolean; readonly systemdVersion: number },
): Promise<Verified> {
  const complaints = new Map<string, Complaint>();
  for (let at = 0; at < files.length && complaints.size < mostComplaints; at += filesAtOnce) {
    const argv = [
      ...['verify', '--man=no'],
      ...(user ? ['--user'] : []),
      ...(systemdVersion >= recursiveErrorsSince ? ['--recursive-errors=no'] : []),
      '--',
      ...files.slice(at, at + filesAtOnce),
    ];
    const said = await systemdAnalyze(argv).catch((error: unknown) => coerceError(error));
    if (said instanceof Error) return { ok: false, found: `systemd-analyze: ${said.message}` };
    // A file that several units have is complained about for each.
    for (const each of complaintsIn(said)) complaints.set(JSON.stringify(each), each);
  }
  return { ok: true, complaints: [...complaints.values()].slice(0, mostComplaints) };
}

/** Lines such as `/etc/systemd/system/a.service:4: Unknown key 'A' in section [Service], ignoring.` */
export function complaintsIn(output: string): readonly Complaint[] {
  return output.split('\n').flatMap((line) => {
    const [, file, number, message] = /^(\/.*?):(\d+): (.*\S)\s*$/.exec(line) ?? [];
    return file === undefined || message === undefined ? [] : [{ file, line: Number(number), message }];
  });
}

async function systemdAnalyze(argv: readonly string[]): Promise<string> {
  const child = spawn('systemd-analyze', argv, {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: verifyWithinMs,
    env: {
      ...process.env,
      LC_ALL: 'C',
      SYSTEMD_LOG_TARGET: 'console',
      SYSTEMD_LOG_LEVEL: 'notice',
      SYSTEMD_COLORS: '0',
    },
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (_, signal) =>
      signal === null ? resolve() : reject(new Error(`it was ended by ${signal}`)),
    );
  });
  const [said] = await Promise.all([text(child.stderr), ended]);
  return said;
}
