import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { describeLabs } from '../lab/describe-lab.ts';
import { checkout } from '../lab/keeper.ts';

describeLabs('the demo, interrupted', () => {
  let demo: ChildProcess | undefined;
  afterEach(() => {
    demo?.kill('SIGKILL');
  });

  /** Starts it, and interrupts it so long after it has said its first word. */
  async function interruptedAfter(ms: number, ...flags: readonly string[]): Promise<[unknown, string]> {
    const child = spawn(process.execPath, [path.join(checkout, 'dist/demo.cjs'), ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    demo = child;
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (said === '') setTimeout(() => child.kill('SIGINT'), ms);
      said += text;
    });
    const [code] = await once(child, 'close');
    return [code, said];
  }

  // 20 ms: the lab is booting, and nobody tells the story yet.
  it.each([20, 150, 1500])('%i ms after its start ends', async (ms) => {
    const began = performance.now();
    const [code, said] = await interruptedAfter(ms, '--keep');
    expect([code, said.trimEnd().split('\n').at(-1)]).toEqual([130, 'Stopped; nothing is left of it.']);
    // A story is told in 57 s.
    expect(performance.now() - began).toBeLessThan(30_000);
  });
});
