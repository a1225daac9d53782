import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { execSink } from '../../src/sinks/exec.ts';
import { host, neverAborted, notificationOf, soon } from './samples.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flapd-exec-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a shell does is up to the script: the sink itself starts none. */
const run = (script: string, timeoutMs = 5000, signal = neverAborted, ...args: string[]) =>
  execSink({ type: 'exec', command: ['/bin/sh', '-c', script, 'page', ...args], timeoutMs }, host).deliver(
    notificationOf('opened'),
    signal,
  );

const whyOf = async (outcome: ReturnType<typeof run>): Promise<string> => {
  const found = await outcome;
  return found.kind === 'failed' ? found.why : '';
};

test('the command has the payload, three variables and nothing of flapd’s own', async () => {
  process.env['FLAPD_SECRET_OF_THE_SUPERVISOR'] = 'hunter2';
  expect(
    await run(`cd ${folder}; cat >in; env >env; echo "$@" >args`, 5000, neverAborted, '$(id)', '; id'),
  ).toEqual({
    kind: 'delivered',
    answer: 'exit status 0',
  });
  delete process.env['FLAPD_SECRET_OF_THE_SUPERVISOR'];
  expect(JSON.parse(readFileSync(path.join(folder, 'in'), 'utf8'))).toEqual({
    version: 1,
    event: 'opened',
    at: '2026-11-23T17:50:00.000Z',
    host,
    incident: notificationOf('opened').incident,
  });
  expect(readFileSync(path.join(folder, 'args'), 'utf8')).toBe('$(id) ; id\n');
  const names = readFileSync(path.join(folder, 'env'), 'utf8').match(/^\w+(?==)/gmu);
  expect(names?.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)).toSorted()).toEqual([
    'FLAPD_EVENT',
    'FLAPD_INCIDENT',
    'FLAPD_UNIT',
    'LANG',
    'PATH',
  ]);
});

test('a failure says how it ended and what it said last, but not its arguments', async () => {
  expect(
    await whyOf(run('yes x | head -100000; echo no route >&2; exit 3', 5000, neverAborted, 't0ken')),
  ).toMatch(
    /^Cannot run "\/bin\/sh": it ended with exit status 3 \(output: "[x ]{900,1100} no route"\); expected exit status 0$/u,
  );
  expect(await whyOf(run('kill -9 $$'))).toBe(
    'Cannot run "/bin/sh": it was killed by SIGKILL; expected exit status 0',
  );
});

test('a command that does not read what it is told is as good', async () => {
  expect(await run('exec <&-; exit 0')).toMatchObject({ kind: 'delivered' });
});

test('one that can not be started says why', async () => {
  const start = (file: string) =>
    whyOf(
      execSink({ type: 'exec', command: [file], timeoutMs: 1000 }, host).deliver(
        notificationOf('opened'),
        neverAborted,
      ),
    );
  expect(await start('/nonexistent/page')).toBe(
    'Cannot run "/nonexistent/page": there is no such file, or what its first line names is missing; expected exit status 0',
  );
  const plain = path.join(folder, 'plain');
  writeFileSync(plain, 'x');
  expect(await start(plain)).toContain('flapd may not execute it');
});

const isAlive = (marker: string): boolean =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(`sleep ${marker}`);

test('after its time it is killed with all that it started', async () => {
  const beganMs = performance.now();
  expect(await whyOf(run('echo start; sleep 98765.1 & sleep 98765.1', 300))).toBe(
    'Cannot run "/bin/sh": it was not done within 300ms, and was killed (output: "start"); expected exit status 0',
  );
  expect(performance.now() - beganMs).toBeLessThan(2000);
  await expect.poll(() => isAlive('98765.1'), soon).toBe(false);
});

test('and when flapd stops', async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 100);
  expect(await whyOf(run('sleep 98765.2', 60_000, stop.signal))).toContain('flapd stops');
  await expect.poll(() => isAlive('98765.2'), soon).toBe(false);
});

test('what it leaves behind is not waited for', async () => {
  const beganMs = performance.now();
  expect(await run('sleep 3 & exit 0')).toMatchObject({ kind: 'delivered' });
  expect(performance.now() - beganMs).toBeLessThan(1500);
});

test('a flood of output costs nothing', async () => {
  const before = process.memoryUsage().rss;
  expect(await whyOf(run('head -c 50000000 /dev/zero | tr "\\0" x; exit 1', 20_000))).toContain(
    'exit status 1',
  );
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
}, 20_000);
