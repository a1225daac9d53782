import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigResult, loadConfig } from '../../src/config/load.ts';
import { maxProblems, renderProblems } from '../../src/config/problem.ts';
import { builtInPolicy } from '../../src/core/policy.ts';
import { badFixtures } from './bad-fixtures.ts';

const fixtures = join(import.meta.dirname, '../fixtures/policies');
const loopback = { kind: 'tcp', host: '127.0.0.1', port: 9843 };
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `file:line:column: message`, files relative to `dir`; a sentence where the load went well. */
function problemsOf(result: ConfigResult, dir: string): string[] {
  if (result.ok) return ['nothing is wrong'];
  return result.problems.map(({ file, line, column, message }) =>
    `${file}:${line}:${column}: ${message}`.replaceAll(`${dir}/`, '').replaceAll(dir, 'DIR'),
  );
}

function policies(count: number, text: (index: number) => string): string {
  return `policies:\n${Array.from({ length: count }, (_, index) => text(index)).join('')}`;
}

function fullPolicy(index: number): string {
  return `  - name: policy-${index}
    match: [svc-${index}, "svc-${index}@*.service"]
    loop:
      - { restarts: 5, within: 2min }
      - { restarts: 10, within: 1h }
      - { restarts: 24, within: 24h }
    calm_after: 10min
`;
}

describe('loadConfig on fixtures', () => {
  it.each(badFixtures)('refuses %s', async (folder, problems) => {
    const dir = join(fixtures, 'bad', folder);
    expect(problemsOf(await loadConfig(dir, { required: true }), dir)).toEqual(problems);
  });

  it('has a row for every folder of mistakes', () => {
    expect(readdirSync(join(fixtures, 'bad')).sort()).toEqual(badFixtures.map(([folder]) => folder).sort());
  });

  it('reads files that say nothing as the defaults', async () => {
    const dir = join(fixtures, 'good/empty');
    expect(await loadConfig(dir, { required: true })).toEqual({
      ok: true,
      config: {
        listen: loopback,
        manager: 'system',
        apply: 'on',
        backfillMs: day,
        sinks: {},
        policies: [builtInPolicy],
        causes: [],
        files: [join(dir, 'flapd.yaml'), join(dir, 'policies.d/none.yaml')],
        warnings: [],
      },
    });
  });

  it('reads every key, in lexical order of the files, and only files that end in .yaml', async () => {
    const dir = join(fixtures, 'good/everything');
    expect(await loadConfig(dir, { required: true })).toEqual({
      ok: true,
      config: {
        listen: { kind: 'tcp', host: '::1', port: 9843 },
        manager: 'user',
        apply: 'off',
        backfillMs: 2 * day,
        sinks: {},
        policies: [
          {
            ...builtInPolicy,
            name: 'logstash',
            match: ['logstash.service', 'logstash@*.service'],
            loop: [
              { restarts: 5, withinMs: 2 * minute },
              { restarts: 10, withinMs: hour },
              { restarts: 24, withinMs: day },
            ],
            calmAfterMs: 10 * minute,
          },
          {
            ...builtInPolicy,
            name: 'web',
            match: ['php[78]*-fpm'],
            loop: [
              { restarts: 1, withinMs: 90 * second },
              { restarts: 1024, withinMs: 7 * day },
            ],
            calmAfterMs: builtInPolicy.calmAfterMs,
          },
          {
            ...builtInPolicy,
            name: '20-web-2',
            match: ['nginx'],
            loop: builtInPolicy.loop,
            calmAfterMs: 90 * minute,
          },
          { ...builtInPolicy, name: '20-web-3' },
          builtInPolicy,
        ],
        causes: [],
        files: [
          join(dir, 'flapd.yaml'),
          join(dir, 'policies.d/10-logstash.yaml'),
          join(dir, 'policies.d/20-web.yaml'),
        ],
        warnings: [],
      },
    });
  });
});

describe('loadConfig on what a directory may be', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'flapd-config-'));
    mkdirSync(join(dir, 'policies.d'));
  });

  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  const load = async (): Promise<string[]> => problemsOf(await loadConfig(dir, { required: true }), dir);
  const write = (name: string, content: string | Buffer): void => writeFileSync(join(dir, name), content);

  it('takes the defaults where the directory is absent and nobody asked for it', async () => {
    expect(await loadConfig(join(dir, 'absent'), { required: false })).toEqual({
      ok: true,
      config: {
        listen: loopback,
        manager: 'system',
        apply: 'on',
        backfillMs: day,
        sinks: {},
        policies: [builtInPolicy],
        causes: [],
        files: [],
        warnings: [],
      },
    });
  });

  it('refuses an absent directory that was asked for', async () => {
    const result = await loadConfig(join(dir, 'absent'), { required: true });
    expect(problemsOf(result, dir)).toEqual(['absent:1:1: cannot be read: no such file or directory']);
  });

  it('takes the defaults where the directory is empty', async () => {
    rmSync(join(dir, 'policies.d'), { recursive: true });
    expect(await load()).toEqual(['nothing is wrong']);
  });

  it('refuses a file in place of the directory, asked for or not', async () => {
    write('file', '');
    const result = await loadConfig(join(dir, 'file'), { required: false });
    expect(problemsOf(result, dir)).toEqual(['file:1:1: cannot be read: not a directory']);
  });

  it('refuses a file in place of policies.d', async () => {
    rmSync(join(dir, 'policies.d'), { recursive: true });
    write('policies.d', '');
    expect(await load()).toEqual(['policies.d:1:1: cannot be read: not a directory']);
  });

  it('refuses what is no file, and waits for none of it', async () => {
    mkdirSync(join(dir, 'flapd.yaml'));
    execFileSync('mkfifo', [join(dir, 'policies.d/a.yaml')]);
    symlinkSync('/dev/zero', join(dir, 'policies.d/b.yaml'));
    symlinkSync('c.yaml', join(dir, 'policies.d/c.yaml'));
    symlinkSync('nowhere', join(dir, 'policies.d/d.yaml'));
    expect(await load()).toEqual([
      'flapd.yaml:1:1: a directory; expected a file',
      'policies.d/a.yaml:1:1: a FIFO; expected a file',
      'policies.d/b.yaml:1:1: a device; expected a file',
      'policies.d/c.yaml:1:1: cannot be read: too many symbolic links encountered',
      'policies.d/d.yaml:1:1: cannot be read: no such file or directory',
    ]);
  });

  it.skipIf(process.getuid?.() === 0)('refuses a file that it may not read', async () => {
    write('flapd.yaml', '');
    chmodSync(join(dir, 'flapd.yaml'), 0);
    expect(await load()).toEqual(['flapd.yaml:1:1: cannot be read: permission denied']);
  });

  it('follows a symbolic link to a file', async () => {
    write('real', 'policies: [{ name: web }]\n');
    symlinkSync('../real', join(dir, 'policies.d/a.yaml'));
    expect(await load()).toEqual(['nothing is wrong']);
  });

  it('refuses bytes that are no text, where they stand', async () => {
    write('flapd.yaml', Buffer.from('manager: user\n# caf\xe9\n', 'latin1'));
    write('policies.d/a.yaml', 'policies: []\n# \0\n');
    write('policies.d/b.yaml', '# \u009b31m\n');
    write('policies.d/c.yaml', Buffer.from('policies: []\n', 'utf16le'));
    expect(await load()).toEqual([
      'flapd.yaml:2:6: not UTF-8 text',
      'policies.d/a.yaml:2:3: the control character U+0000; expected text',
      'policies.d/b.yaml:1:3: the control character U+009B; expected text',
      'policies.d/c.yaml:1:2: the control character U+0000; expected text',
    ]);
  });

  it('takes a byte order mark, carriage returns and a file without a last newline', async () => {
    write('flapd.yaml', '\ufeffmanager: user\r\nlisten: off');
    expect(await loadConfig(dir, { required: true })).toMatchObject({
      config: { manager: 'user', listen: { kind: 'off' } },
    });
  });

  it('counts columns in characters and shows the line without its carriage return', async () => {
    write('policies.d/a.yaml', 'policies: [{ name: "\u{1f600}\u00e9", macth: x }]\r\n');
    const result = await loadConfig(dir, { required: true });
    expect(result.ok ? [] : result.problems).toMatchObject([
      { line: 1, column: 26, source: 'policies: [{ name: "\u{1f600}\u00e9", macth: x }]' },
    ]);
  });

  it('takes a file of 1 MiB, and none that is larger', async () => {
    write('policies.d/a.yaml', `#${'x'.repeat(2 ** 20 - 1)}`);
    expect(await load()).toEqual(['nothing is wrong']);
    write('policies.d/a.yaml', `#${'x'.repeat(2 ** 20)}`);
    expect(await load()).toEqual(['policies.d/a.yaml:1:1: larger than 1 MiB']);
  });

  it('takes 2 MiB in all files, and no more', async () => {
    for (const name of ['a', 'b', 'c']) write(`policies.d/${name}.yaml`, `#${'x'.repeat(0.7 * 2 ** 20)}`);
    expect(await load()).toEqual(['policies.d/c.yaml:1:1: larger than 2 MiB with the files before it']);
  });

  it('takes a thousand policies with every key in one file', async () => {
    write('policies.d/a.yaml', policies(1000, fullPolicy));
    expect(await load()).toEqual(['nothing is wrong']);
  });

  it('refuses one policy more than a thousand, wherever it stands', async () => {
    write(
      'policies.d/a.yaml',
      policies(1000, (index) => `  - name: a${index}\n`),
    );
    write(
      'policies.d/b.yaml',
      policies(2, (index) => `  - name: b${index}\n`),
    );
    expect(await load()).toEqual([
      'policies.d/b.yaml:2:11: one policy too many; expected at most 1000 in all files',
    ]);
  });

  it('compares names with those of policies that have other mistakes', async () => {
    write(
      'policies.d/a.yaml',
      'policies:\n  - { name: web, match: 5 }\n  - { name: web }\n  - { name: 5 }\n',
    );
    expect(await load()).toEqual([
      'policies.d/a.yaml:2:25: "match" is 5; expected a service name or pattern, or a list of 1 to 256 of them',
      'policies.d/a.yaml:4:13: "name" is 5; expected text of 1 to 64 characters on one line, no space at either end',
      'policies.d/a.yaml:3:13: duplicate policy name "web"; first used at policies.d/a.yaml:2:13',
    ]);
  });

  it('compares the name made of a file name with the names that are given', async () => {
    write('policies.d/a.yaml', 'policies:\n  - {}\n  - { name: a-1 }\n');
    expect(await load()).toEqual([
      'policies.d/a.yaml:3:13: duplicate policy name "a-1"; first used at policies.d/a.yaml:2:5',
    ]);
  });

  it('reports a bounded number of problems, and that there are more', async () => {
    write(
      'policies.d/a.yaml',
      policies(300, () => '  - 5\n'),
    );
    write(
      'policies.d/b.yaml',
      policies(300, () => '  - 5\n'),
    );
    const problems = await load();
    expect(problems).toHaveLength(maxProblems + 1);
    expect(problems.at(-1)).toBe('DIR:1:1: more than 100 problems; mend these first');
  });

  it.each([
    ['an alias bomb', 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n'],
    ['open brackets', '['.repeat(2 ** 20)],
    ['open braces', '{'.repeat(2 ** 20)],
    ['closing brackets', ']'.repeat(2 ** 20)],
    ['dashes', '- '.repeat(2 ** 19)],
    ['question marks', '? '.repeat(2 ** 19)],
    ['many keys', 'a:\n'.repeat(2 ** 18)],
    ['many items', `[${'a,'.repeat(2 ** 18)}]`],
    ['commas alone', `[${',\n'.repeat(2 ** 15)}]`],
    ['ever deeper keys', Array.from({ length: 1400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['directives', '%\n'.repeat(2 ** 19)],
    ['tags', '!a '.repeat(2 ** 18)],
    ['documents', '---\n'.repeat(2 ** 18)],
    ['one long scalar', 'a\n'.repeat(2 ** 19)],
    ['one long line of items', `[${'"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", '.repeat(2 ** 14)}]`],
  ])('refuses %s, soon', async (_, content) => {
    write('policies.d/a.yaml', content);
    const before = process.cpuUsage();
    const result = await loadConfig(dir, { required: true });
    const { user, system } = process.cpuUsage(before);
    expect(result.ok).toBe(false);
    expect(renderProblems(result.ok ? [] : result.problems).length).toBeLessThan(50_000);
    expect((user + system) / 1e6).toBeLessThan(5);
  });
});
