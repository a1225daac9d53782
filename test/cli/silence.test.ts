import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseArgv } from '../../src/cli/args.ts';
import type { Shell } from '../../src/cli/shell.ts';
import { renderSilences, silence } from '../../src/cli/silence.ts';
import { unsilence } from '../../src/cli/unsilence.ts';
import { untilWords } from '../../src/cli/until-words.ts';
import { buildFlapd, type Ended, type FlapdProgram } from './flapd-program.ts';

const isRoot = process.getuid?.() === 0;
const noBus = '--bus=unix:path=/nonexistent/bus';
const at = (hours: number, minutes = 0, seconds = 0): number =>
  new Date(2026, 0, 2, hours, minutes, seconds).getTime();

let state: string;
beforeEach(() => {
  state = mkdtempSync(path.join(tmpdir(), 'flapd-cli-silence-'));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

/** At noon, in words that are split at spaces, without a systemd that could be asked. */
async function run(line: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const parsed = parseArgv([...line.split(' '), noBus]);
  if (parsed.kind !== 'verb') throw new Error(`"${line}" is no verb`);
  const ended = { stdout: '', stderr: '' };
  const shell = {
    env: { STATE_DIRECTORY: state, USER: 'ann', ...env },
    uid: process.getuid?.() ?? 0,
    clock: { now: () => ({ wallMs: at(12), monotonicMs: 0 }) },
    stdout: { write: (text: string) => (ended.stdout += text) },
    stderr: { write: (text: string) => (ended.stderr += text) },
  } as unknown as Shell;
  const verb = parsed.typed.verb.name === 'silence' ? silence : unsilence;
  const code = await verb(parsed.typed, shell);
  return { ...ended, code };
}

describe('flapd silence', () => {
  test('says until when, and what goes on', async () => {
    const end = 'flapd watches and logs it, and tells nobody else.';
    expect(await run('silence web db@* --for 2h')).toEqual({
      code: 0,
      stdout:
        `web.service is silenced for 2h, until 14:00: ${end}\n` +
        `db@*.service is silenced for 2h, until 14:00: ${end}\n`,
      stderr: '',
    });
    expect(readdirSync(path.join(state, 'silences')).sort()).toEqual([
      'db@*.service.json',
      'web.service.json',
    ]);
    expect(JSON.parse(readFileSync(path.join(state, 'silences/web.service.json'), 'utf8'))).toEqual({
      format: 'flapd silence',
      version: 1,
      unit: 'web.service',
      untilWallMs: at(14),
      sinceWallMs: at(12),
      by: 'ann',
    });
  });

  test('lists what is silenced, as a table and as JSON', async () => {
    expect(await run('silence')).toEqual({ code: 0, stdout: 'Nothing is silenced.\n', stderr: '' });
    expect(await run('silence --json')).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
    await run('silence web --for 1d --reason kernel', { SUDO_USER: 'bob' });
    expect((await run('silence')).stdout).toBe(
      'UNIT         UNTIL             LEFT  BY   REASON\nweb.service  2026-01-03 12:00  1d    bob  kernel\n',
    );
    const [since, until] = [at(12), at(36)].map((ms) => new Date(ms).toISOString());
    expect(JSON.parse((await run('silence --json')).stdout)).toEqual([
      { unit: 'web.service', until, since, reason: 'kernel', by: 'bob' },
    ]);
  });

  test('tells of what lies there and is none, on standard error', async () => {
    mkdirSync(path.join(state, 'silences'), { recursive: true });
    writeFileSync(path.join(state, 'silences/web.service.json'), '{"form');
    const { code, stdout, stderr } = await run('silence');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Nothing is silenced.\n' });
    expect(stderr).toMatch(/^flapd: Ignored ".*\/web\.service\.json": it is torn: not whole JSON; expected /);
  });

  test('reads a configuration that was asked for by name', async () => {
    writeFileSync(path.join(state, 'flapd.yaml'), 'lisen: off\n');
    await expect(run(`silence --config ${state}`)).rejects.toMatchObject({ exitCode: 2 });
  });

  test.each<[line: string, sentence: string, hint: string]>([
    [
      'silence web',
      'Cannot silence "web.service": it is not said for how long; expected --for SPAN',
      'flapd silence web.service --for 2h',
    ],
    [
      'silence web --for 31d',
      'Cannot silence for "31d": longer than 30d; expected a time span such as 2h, of at most 30d',
      'flapd silence web.service --for 2h',
    ],
    [
      'silence web@* --for 0',
      'Cannot silence for "0": no time at all; expected a time span such as 2h, of at most 30d',
      "flapd silence 'web@*.service' --for 2h",
    ],
    [
      'silence web --for infinity',
      'Cannot silence for "infinity": longer than 30d; expected a time span such as 2h, of at most 30d',
      'flapd silence web.service --for 2h',
    ],
    [
      'silence web --for 2fortnights',
      'Cannot silence for "2fortnights": unknown unit "fortnights"; expected a time span such as 2h, of at most 30d',
      'flapd silence web.service --for 2h',
    ],
    [
      'silence dbus.socket --for 2h',
      'Cannot silence "dbus.socket": it is not a service; expected a service such as "logstash.service", or a pattern such as "web@*"',
      'systemctl list-units --type=service',
    ],
    [
      'silence --for 2h',
      'Cannot silence without a unit: --for is given, and no UNIT; expected one, such as "flapd silence logstash --for 2h"',
      'flapd silence --help',
    ],
    [
      'silence web --for 2h --reason a\tb',
      'Cannot note the reason "a?b": it holds a control character; expected one line of at most 300 characters',
      'flapd silence --help',
    ],
    ['unsilence', 'Cannot end a silence: no UNIT is given; expected UNIT…, or --all alone', 'flapd silence'],
    [
      'unsilence --all web',
      'Cannot end a silence: both --all and a UNIT are given; expected UNIT…, or --all alone',
      'flapd silence',
    ],
  ])('flapd %s is refused', async (line, message, hint) => {
    await expect(run(line)).rejects.toMatchObject({ message, hint, exitCode: 2 });
    expect(readdirSync(state)).toEqual([]);
  });
});

describe.skipIf(!isRoot)('an ordinary user', () => {
  let flapd: FlapdProgram;
  beforeAll(async () => {
    flapd = await buildFlapd();
  });
  afterAll(() => flapd.remove());
  const asNobody = (line: string, env: NodeJS.ProcessEnv): Promise<Ended> =>
    flapd.run([...line.split(' '), noBus], { uid: 65534, gid: 65534, env });

  test.each([
    ['silence web@* --for 2h', 'silence "web@*.service"', "sudo flapd silence 'web@*' --for 2h"],
    ['silence', 'list "silences"', 'sudo flapd silence'],
    ['unsilence web', 'unsilence "web"', 'sudo flapd unsilence web'],
  ])('may not: flapd %s', async (line, what, hint) => {
    const folder = path.join(state, 'silences');
    mkdirSync(folder);
    expect(await asNobody(line, { STATE_DIRECTORY: state })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `flapd: Cannot ${what}: this user may not use "${folder}" (EACCES); expected root, or the user that flapd runs as.\n` +
        `Try: ${hint}\n`,
    });
  });

  test('means the daemon of the system, and with --user the own one', async () => {
    chmodSync(state, 0o777);
    const own = await asNobody('silence web --for 1h --user', { HOME: state });
    expect(own).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(path.join(state, '.local/state/flapd/silences'))).toEqual(['web.service.json']);
    const system = await asNobody('silence web --for 1h', { HOME: state });
    expect(system).toMatchObject({ code: 1, stderr: expect.stringContaining('"/var/lib/flapd/silences"') });
  });
});

describe('flapd unsilence', () => {
  test('ends one, and says what still silences the unit', async () => {
    await run('silence web@1 web@* web@2 db --for 30d');
    expect((await run('unsilence web@1 web@3 mail')).stdout).toBe(
      'web@1.service is no longer silenced by itself, but by web@*.service until 2026-02-01 12:00.\n' +
        'web@3.service was not silenced by itself, but by web@*.service until 2026-02-01 12:00.\n' +
        'mail.service was not silenced.\n',
    );
    expect(await run('unsilence web@*')).toEqual({
      code: 0,
      stdout: 'web@*.service is no longer silenced.\nweb@2.service is no longer silenced.\n',
      stderr: '',
    });
    expect(await run('unsilence --all')).toMatchObject({ stdout: 'db.service is no longer silenced.\n' });
    expect(await run('unsilence --all')).toMatchObject({ code: 0, stdout: 'Nothing was silenced.\n' });
  });

  test('takes away one that is torn', async () => {
    mkdirSync(path.join(state, 'silences'), { recursive: true });
    writeFileSync(path.join(state, 'silences/web.service.json'), '{"form');
    expect((await run('unsilence web')).stdout).toBe('web.service is no longer silenced.\n');
    expect(await run('silence')).toMatchObject({ stderr: '' });
  });
});

describe('the time until which', () => {
  test.each([
    [at(14, 5), at(12), '14:05'],
    [at(12, 9, 59), at(12), '12:09:59'],
    [at(12, 10), at(12), '12:10'],
    [at(24, 5), at(12), '2026-01-03 00:05'],
  ])('%d from %d is %s', (untilMs, nowMs, words) => {
    expect(untilWords(untilMs, nowMs)).toBe(words);
  });

  test('stands in the table beside what is left', () => {
    const one = { unit: 'web.service', untilWallMs: at(14, 5), sinceWallMs: at(12), by: undefined };
    expect(renderSilences([{ ...one, reason: undefined }], at(12))).toBe(
      'UNIT         UNTIL  LEFT     BY  REASON\nweb.service  14:05  2h 5min  -   -\n',
    );
  });
});
