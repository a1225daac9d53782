import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { labNode } from '../lab/lab.ts';
import { bundleProgram } from './bus-bundle.ts';

/** Prints what the journal tells of one unit, in its latest eight entries. */
const source = `
  const { readJournal } = await import('./journal.ts');
  const now = { wallMs: Date.now(), monotonicMs: Number(process.hrtime.bigint()) / 1e6 };
  const query = { source: { kind: 'live' }, manager: 'system', unit: 'loop.service', mostEntries: 8, now };
  const told = [];
  for await (const record of readJournal({ ...query, sinceWallMs: now.wallMs - 3_600_000 })) told.push(record);
  console.log(JSON.stringify(told));`;

const loop =
  '[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=always\nRestartSec=100ms\nExecStart=false\n';

describeLab('the journal of one unit', (given) => {
  it('is read from its end, the oldest entry first', async () => {
    const { lab } = given;
    await lab.addUnits({ 'loop.service': loop, 'other.service': loop });
    await lab.systemctl('start', '--no-block', 'loop.service', 'other.service');
    const restarts = async (): Promise<number> =>
      Number(await lab.systemctl('show', '--property=NRestarts', '--value', 'loop.service'));
    await expect.poll(restarts, { timeout: 30_000 }).toBeGreaterThan(6);
    await lab.systemctl('stop', 'loop.service', 'other.service');
    await lab.exec(['journalctl', '--sync']);

    const program = await bundleProgram(source);
    await lab.writeFile('/run/program.cjs', await readFile(program.file)).finally(() => program.remove());
    const { stdout, stderr } = await lab.exec([labNode(lab.root), '/run/program.cjs']);
    expect(stderr).toBe('');
    const told: readonly { unit: string; nRestarts?: number; at: { wallMs: number } }[] = JSON.parse(stdout);
    expect(told).toHaveLength(8);
    expect(told.map(({ unit }) => unit)).toEqual(told.map(() => 'loop.service'));
    const times = told.map(({ at }) => at.wallMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    // The first ones are left out: a run takes four entries.
    expect(Math.min(...told.flatMap(({ nRestarts }) => nRestarts ?? []))).toBeGreaterThan(3);
  });
});
