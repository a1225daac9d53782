import { execFile } from 'node:child_process';
import { childTurn } from './child-turn.ts';

export interface ProgramOutput {
  /** Undefined where it was ended by a signal: it took too long, or said too much. */
  readonly code: number | undefined;
  readonly stdout: string;
}

/** What a program prints, in the C locale; undefined where it can't be run. It is given its time and room, and then killed. */
export async function programOutput(
  [program = '', ...argv]: readonly string[],
  { timeoutMs, mostBytes = 256 * 1024 }: { readonly timeoutMs: number; readonly mostBytes?: number },
): Promise<ProgramOutput | undefined> {
  await childTurn();
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
    const options = { timeout: timeoutMs, maxBuffer: mostBytes, killSignal: 'SIGKILL', env } as const;
    execFile(program, argv, options, (error, stdout) => {
      if (error === null) return resolve({ code: 0, stdout });
      const { code } = error;
      if (typeof code === 'number') return resolve({ code, stdout });
      // ENOENT and its kin: there is no such program, or it may not be run.
      resolve(error.killed === true || error.signal ? { code: undefined, stdout } : undefined);
    });
  });
}
