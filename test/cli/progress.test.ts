import { describe, expect, it } from 'vitest';
import { Progress } from '../../src/cli/progress.ts';
import type { Shell } from '../../src/cli/shell.ts';

/** What is written to standard error within so many steps, each of which takes a tenth of a second. */
function shown(isTTY: boolean, steps: number): string {
  let nowMs = 0;
  let written = '';
  const shell = {
    clock: { now: () => ({ wallMs: nowMs, monotonicMs: nowMs }) },
    stderr: { isTTY, write: (text: string) => (written += text) },
  } as unknown as Shell;
  const progress = new Progress(shell, 'Reading unit files', { noun: 'services', stepsPerLook: 1 });
  for (let step = 0; step < steps; step += 1) {
    nowMs += 100;
    progress.step();
  }
  progress.done();
  return written;
}

describe('progress', () => {
  it('is shown on a terminal, now and then, and leaves nothing behind', () => {
    expect(shown(true, 7)).toBe(
      '\r\u001b[KReading unit files: 5 services\r\u001b[KReading unit files: 7 services\r\u001b[K',
    );
  });

  it('is not shown of what is soon done', () => {
    expect(shown(true, 4)).toBe('');
  });

  it('is not shown in a pipe', () => {
    expect(shown(false, 50)).toBe('');
  });
});
