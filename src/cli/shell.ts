import type { Clock } from '../kit/clock.ts';

/** What a verb has of the world around it; `main.ts` alone has the process. */
export interface Shell {
  readonly env: NodeJS.ProcessEnv;
  readonly pid: number;
  readonly uid: number;
  readonly clock: Clock;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream & { readonly fd: number };
  /** Calls `handler` when the process gets the signal, instead of dying of it. */
  onSignal(signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGCONT', handler: () => void): void;
}

/** Colour only on a terminal that has some, and where nobody said no (no-color.org). */
export function wantsColor(shell: Shell): boolean {
  return shell.stdout.isTTY && !shell.env['NO_COLOR'] && shell.env['TERM'] !== 'dumb';
}
