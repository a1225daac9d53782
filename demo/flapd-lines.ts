import { createInterface } from 'node:readline';
import type { Lab } from '../test/lab/lab.ts';

/** One line of flapd's log, as the journal has it. */
export interface FlapdLine {
  readonly event?: string;
  readonly unit?: string;
  readonly restarts?: number;
  readonly message: string;
}

/** flapd's log from now on. Ends when the lab does. */
export async function* flapdLines(lab: Lab, signal: AbortSignal): AsyncGenerator<FlapdLine> {
  const child = lab.spawn(['journalctl', '--unit=flapd.service', '--follow', '--lines=all', '--output=cat']);
  if (child.stdout === null) return;
  const stop = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('{')) yield JSON.parse(line) as FlapdLine;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
