import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeLabs } from './describe-lab.ts';
import { bootLab } from './lab.ts';
import { labRoot } from './roots.ts';
import { tracesOf, type Traces } from './traces.ts';

describeLabs('the end of a lab', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'flapd-end-'));
  const program = path.join(folder, 'owner.mjs');
  const owners: ChildProcess[] = [];

  /** A process of its own that boots a lab and, when told so on stdin, does what `last` says. */
  async function startOwner(): Promise<{ owner: ChildProcess; traces: Traces }> {
    const owner = spawn(process.execPath, [program, await labRoot()], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    owners.push(owner);
    const leader = await new Promise<number>((resolve) => {
      owner.stdout.once('data', (line: Buffer) => resolve(Number(line.toString())));
    });
    return { owner, traces: tracesOf(leader) };
  }

  beforeAll(async () => {
    const entry = path.join(folder, 'owner.ts');
    const lab = JSON.stringify(path.join(import.meta.dirname, 'lab.ts'));
    await writeFile(
      entry,
      `import { bootLab } from ${lab};
const lab = await bootLab({ root: process.argv[2] });
lab.spawn(['sleep', '1000']);
console.log(lab.leader);
process.stdin.on('data', () => process.exit(0)).on('end', () => process.exit(1));`,
    );
    // As Node can't run TypeScript; and without its own folder the bundle would not find keep.sh.
    const define = { 'import.meta.dirname': JSON.stringify(import.meta.dirname) };
    await build({
      entryPoints: [entry],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      define,
    });
  });
  afterAll(async () => {
    for (const owner of owners) owner.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });

  it('leaves no process, mount, cgroup or file', async () => {
    const lab = await bootLab({ root: await labRoot() });
    const traces = tracesOf(lab.leader);
    const child = lab.spawn(['sleep', '1000']);
    const exited = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    expect(traces.left()).toContain(String(lab.leader));
    await Promise.all([lab.stop(), lab.stop()]);
    expect(traces.left()).toEqual([]);
    await exited;
    await lab.stop();
  });

  it('comes, even where a unit will not stop', async () => {
    const lab = await bootLab({ root: await labRoot() });
    const traces = tracesOf(lab.leader);
    await lab.addUnits({
      'stays.service': '[Service]\nExecStart=sh -c "trap : TERM; while :; do sleep 0.1; done"\n',
    });
    await lab.systemctl('start', 'stays');
    const startedMs = Date.now();
    await lab.stop();
    expect(traces.left()).toEqual([]);
    expect(Date.now() - startedMs).toBeLessThan(8000);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'is complete before %s ends its owner',
    async (signal) => {
      const { owner, traces } = await startOwner();
      owner.kill(signal);
      const ending = await new Promise((resolve) => {
        owner.once('exit', (_, by) => resolve(by));
      });
      expect(traces.left()).toEqual([]);
      expect(ending).toBe(signal);
    },
  );

  it('is complete before its owner exits', async () => {
    const { owner, traces } = await startOwner();
    owner.stdin?.write('exit\n');
    await new Promise((resolve) => {
      owner.once('exit', resolve);
    });
    expect(traces.left()).toEqual([]);
  });

  it('follows when its owner is killed without a word', async () => {
    const { owner, traces } = await startOwner();
    expect(traces.left()).not.toEqual([]);
    owner.kill('SIGKILL');
    expect(await traces.leftAfter(5000)).toEqual([]);
  });
});
