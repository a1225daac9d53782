import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseArgv } from '../../src/cli/args.ts';
import { check } from '../../src/cli/check.ts';
import { shellOf } from './shell-of.ts';

const fixtures = join(import.meta.dirname, '../fixtures/policies');

/** Runs it in the folder of fixtures, as it were: paths in what it prints begin there. */
async function run(...argv: readonly string[]): Promise<{ code: number; lines: readonly string[] }> {
  const parsed = parseArgv(['check', ...argv.map((each) => each.replace('./', `${fixtures}/`))]);
  if (parsed.kind !== 'verb') throw new Error('help was asked for');
  const { shell, output } = shellOf();
  const code = await check(parsed.typed, shell);
  return { code, lines: output().replaceAll(`${fixtures}/`, './').trimEnd().split('\n') };
}

async function json(...argv: readonly string[]): Promise<{ code: number; answer: unknown }> {
  const { code, lines } = await run('--json', ...argv);
  return { code, answer: JSON.parse(lines.join('\n')) };
}

describe('flapd check', () => {
  it('says so where nothing is wrong', async () => {
    expect(await run('./good/everything')).toEqual({ code: 0, lines: ['No problems in 3 files.'] });
  });

  it('prints every error with its line and a caret, then how many there are, and exits 2', async () => {
    expect(await run('./bad/duplicate-keys', './bad/mode-other')).toEqual({
      code: 2,
      lines: [
        './bad/duplicate-keys/policies.d/web.yaml:4:5: error: duplicate key "match"; first used at 3:5',
        '        match: apache2',
        '        ^',
        './bad/duplicate-keys/policies.d/web.yaml:5:5: error: duplicate key "name"; first used at 2:5',
        '        "name": other',
        '        ^',
        './bad/mode-other/policies.d/web.yaml:4:11: error: "mode" is "enforce"; expected alert, recommend or apply',
        '        mode: enforce',
        '              ^',
        '3 errors in 2 files.',
      ],
    });
  });

  it('exits 0 where there are only warnings', async () => {
    expect(await run('./odd/shadowed')).toEqual({
      code: 0,
      lines: [
        './odd/shadowed/policies.d/web.yaml:5:12: warning: policy "one" is never used: "web@1" belongs to policy "all" at ./odd/shadowed/policies.d/web.yaml:2',
        '        match: web@1',
        '               ^',
        '1 warning in 1 file.',
      ],
    });
  });

  it('tells of a directory that is not there', async () => {
    expect(await run('/nonexistent')).toEqual({
      code: 2,
      lines: ['/nonexistent:1:1: error: cannot be read: no such file or directory', '1 error.'],
    });
  });

  it('looks at a single file, with the names of the sinks in flapd.yaml above its policies.d', async () => {
    const { code, lines } = await run('./bad/many-mistakes-in-one-file/policies.d/web.yaml');
    expect(code).toBe(2);
    expect(lines.filter((line) => line.includes(' error: '))).toHaveLength(5);
    expect(lines.join('\n')).toContain('unknown sink "mial"; did you mean "mail"?');
    expect(await run('./good/sinks/policies.d/10-web.yaml')).toMatchObject({ code: 0 });
    expect(await run('./bad/notify-without-sinks/policies.d/web.yaml')).toMatchObject({ code: 0 });
    expect(await run('./good/sinks/flapd.yaml')).toMatchObject({ code: 0 });
  });

  it('takes policies.d for the folder it is in', async () => {
    expect(await run('./good/sinks/policies.d')).toEqual({ code: 0, lines: ['No problems in 2 files.'] });
  });

  it('refuses a unit that is none', async () => {
    await expect(run('--unit', 'a b')).rejects.toMatchObject({ exitCode: 2 });
    await expect(run('--bus', 'tcp:host=h', './good/empty')).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('flapd check --json', () => {
  it('has findings', async () => {
    const file = './bad/unknown-key/policies.d/web.yaml';
    expect(await json('./bad/unknown-key')).toEqual({
      code: 2,
      answer: {
        problems: [
          {
            id: 'unknown-key',
            severity: 'error',
            file,
            line: 3,
            column: 5,
            message: 'unknown key "macth"; did you mean "match"?',
            fix: 'write "match"',
          },
        ],
      },
    });
  });

  it('has the policy of the unit', async () => {
    const { answer } = await json('./good/remedies', '--unit', 'web');
    const file = './good/remedies/policies.d/10-logstash.yaml';
    expect(answer).toMatchObject({
      problems: [],
      policy: {
        unit: 'web.service',
        name: 'careful',
        file,
        line: 12,
        loop: [{ restarts: 5, within: '2min' }, {}, {}],
        remedy: { backoff: { fromSeconds: 5, toSeconds: 300 }, revertAfterSeconds: 0 },
        from: { loop: 'default', mode: `${file}:14`, 'remedy.backoff': `${file}:17` },
      },
    });
  });
});

describe('flapd check --unit', () => {
  it('shows the policy of the unit, each value with its place', async () => {
    const { code, lines } = await run('./good/everything', '--unit', 'nginx');
    const file = './good/everything/policies.d/20-web.yaml';
    expect({ code, lines: lines.map((line) => line.replaceAll(/ {2,}/g, ' | ')) }).toEqual({
      code: 0,
      lines: [
        'No problems in 3 files.',
        '',
        `nginx.service has policy "20-web-2", ${file}:5:`,
        '',
        'KEY | VALUE | FROM',
        `match | nginx | ${file}:5`,
        'loop | 5 within 2min | default',
        ' | 10 within 1h',
        ' | 24 within 1d',
        `calm_after | 1h 30min | ${file}:6`,
        'mode | recommend | default',
        'remedy.prevent_exit_status | auto | default',
        'remedy.backoff | auto | default',
        'remedy.start_limit | auto | default',
        'remedy.lifetime | runtime | default',
        'remedy.revert_after | 1d | default',
        'notify | every sink | default',
        'remind_every | 4h | default',
      ].map((line) => line.replace(/^ \|/, ' |')),
    });
  });

  it('shows the built-in one for what no policy fits', async () => {
    const { lines } = await run('./good/remedies', '--unit', 'other');
    expect(lines[2]).toBe('other.service has policy "default", the built-in one:');
  });

  it('says of what is never changed that it is not', async () => {
    const { lines } = await run('./odd/applies-to-ssh', '--unit', 'ssh');
    expect(lines[0]).toContain(': warning: flapd never applies a change to "ssh*": it lets people log in');
    expect(lines.at(-1)).toBe('flapd never applies a change to ssh.service: it lets people log in.');
  });

  it('shows none while there are errors', async () => {
    const { lines } = await run('./bad/mode-other', '--unit', 'nginx');
    expect(lines.at(-1)).toBe('Which policy nginx.service has is not known until the errors are mended.');
  });
});
