import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configSchemas } from '../../scripts/config-schema.ts';
import { loadExpressions } from '../../src/config/expression.ts';
import { loadConfig } from '../../src/config/load.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flapd-causes-'));
  mkdirSync(join(dir, 'causes.d'));
});
afterEach(() => rmSync(dir, { recursive: true }));

async function load(files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, 'causes.d', name), text);
  const loaded = await loadConfig(dir, { required: true });
  if (loaded.ok) return loaded.config.causes;
  return loaded.problems.map(({ file, line, column, message }) =>
    `${file}:${line}:${column}: ${message}`.replaceAll(`${dir}/causes.d/`, ''),
  );
}

const entry = (more: string): string => `causes:\n  - { name: a, pattern: x, title: T${more} }\n`;

test('what an operator wrote', async () => {
  const text = `causes:
  - name: licence-expired
    pattern: "(?i)licen[cs]e .* expired"
    match: [app, "web@*"]
    title: The licence has expired
    hint: Renew it
    runbook: https://wiki.example.org/x
`;
  const causes = await load({ '10-a.yaml': text, '20-b.yaml': entry(''), 'c.yaml~': '[' });
  expect(causes).toMatchObject([
    {
      name: 'licence-expired',
      match: ['app', 'web@*'],
      title: 'The licence has expired',
      hint: 'Renew it',
      runbook: 'https://wiki.example.org/x',
    },
    { name: 'a', match: ['*'], title: 'T' },
  ]);
  const [first] = causes;
  if (typeof first !== 'object') throw new Error('it has problems');
  expect(first.fits('the Licence of app has expired')).toBe(true);
  expect(first.fits('the licence is valid')).toBe(false);
});

describe('what is wrong with it', () => {
  test.each([
    [
      'an open bracket',
      `causes:\n  - { name: a, pattern: "[", title: T }\n`,
      /^a\.yaml:2:25: "pattern" is "\[": missing closing \]: `\[`; expected an expression as RE2 reads it/,
    ],
    [
      'what RE2 can not do',
      `causes:\n  - { name: a, pattern: "(?=x)", title: T }\n`,
      /invalid or unsupported Perl syntax/,
    ],
    [
      'an expression that is too large',
      `causes:\n  - { name: a, pattern: "\\\\pL{900}", title: T }\n`,
      /it is too large \(\d+ states of at most 250\)/,
    ],
    [
      'a name of flapd itself',
      `causes:\n  - { name: disk-full, pattern: x, title: T }\n`,
      /duplicate cause name "disk-full"; flapd has a cause of its own of that name/,
    ],
    [
      'a name that is no word',
      `causes:\n  - { name: "A b", pattern: x, title: T }\n`,
      /"name" is "A b"; expected a word/,
    ],
    [
      'two lines',
      entry('", hint: "a\\nb').replace('title: T"', 'title: "T"').replace('b }', 'b" }'),
      /"hint" is .*expected text of 1 to 500 characters on one line/,
    ],
    [
      'a runbook that is no URL',
      entry(', runbook: "javascript:alert(1)"'),
      /"runbook" is "javascript:alert\(1\)": its scheme is "javascript"; expected a URL/,
    ],
    ['a key that is none', entry(', titel: x'), /unknown key "titel"; did you mean "title"\?/],
    ['a missing title', `causes:\n  - { name: a, pattern: x }\n`, /missing key "title"/],
  ])('%s', async (_, text, expected) => {
    const problems = await load({ 'a.yaml': text });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
  });

  test('one name twice, in two files', async () => {
    const [problem, ...others] = await load({ 'a.yaml': entry(''), 'b.yaml': entry('') });
    expect(others).toEqual([]);
    expect(problem).toMatch(/^b\.yaml:2:13: duplicate cause name "a"; first used in .*a\.yaml$/);
  });

  test('a file that would silently not count', async () => {
    expect(await load({ 'a.yml': entry('') })).toEqual([
      'a.yml:1:1: the name ends in .yml and would not be read; rename it to .yaml',
    ]);
  });
});

test('the worst expression that is let in takes its time by the line, not by its power', async () => {
  const { problem, compile } = await loadExpressions();
  for (const pattern of ['(a+)+$', '(a|aa)*c', '(.*a){20}', '^(([a-z])+.)+[A-Z]([a-z])+$']) {
    expect(problem(pattern)).toBeUndefined();
    // A backtracking engine would not come back from that.
    expect(compile(pattern)(`${'a'.repeat(400)}!`)).toBe(pattern === '(.*a){20}');
  }
});

test('the JSON Schema takes what is right', () => {
  const validate = new Ajv({ strict: false }).compile(configSchemas().causes);
  expect(validate({ causes: [{ name: 'a', pattern: 'x', title: 'T' }] })).toBe(true);
  expect(validate({ causes: [{ name: 'a', pattern: 'x' }] })).toBe(false);
});
