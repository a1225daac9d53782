import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rowsOf, sinkRows } from '../../scripts/config-rows.ts';
import { configSchemas } from '../../scripts/config-schema.ts';
import { generatedFiles } from '../../scripts/generated-files.ts';
import { builtInYaml, policiesExample } from '../../scripts/man-flapd-policies.ts';
import { flapdYamlExample } from '../../scripts/man-flapd-yaml.ts';
import { bold, example, prose } from '../../scripts/roff.ts';
import { helpOption, verbs } from '../../src/cli/verbs.ts';
import { loadConfig } from '../../src/config/load.ts';
import { builtInPolicy } from '../../src/core/policy.ts';

const schemas = configSchemas();
const pages = Object.entries(generatedFiles()).filter(([file]) => file.startsWith('man/'));

function linesOf(name: string): readonly string[] {
  const [, text = ''] = pages.find(([file]) => file === `man/${name}`) ?? [];
  return text.split('\n');
}

/** The lines below this heading, up to the next one. */
function below(lines: readonly string[], heading: string): readonly string[] {
  const start = lines.indexOf(heading) + 1;
  expect(start).toBeGreaterThan(0);
  const length = lines.slice(start).findIndex((line) => /^\.S[HS] /.test(line));
  return lines.slice(start, length < 0 ? undefined : start + length);
}

describe('the man pages', () => {
  it('are those of the daemon and of both kinds of file', () => {
    expect(pages.map(([file]) => file).sort()).toEqual([
      'man/flapd-policies.5',
      'man/flapd.8',
      'man/flapd.yaml.5',
    ]);
  });

  it.each(pages)('%s has no line that roff would take for a macro of its own, and only ASCII', (_, text) => {
    const macros =
      /^\.(?:\\" |(?:TH|SH|SS) "|(?:BR|SY) |nr HY 0$|ad l$|RS 4$|(?:PP|TP|RS|RE|EX|EE|YS|br|nh)$)/;
    expect(text.split('\n').filter((line) => /^['.]/.test(line) && !macros.test(line))).toEqual([]);
    expect(text).toMatch(/^[\n -~]+$/);
  });

  it('have every key of flapd.yaml', () => {
    const lines = linesOf('flapd.yaml.5');
    const keys = below(lines, '.SH "KEYS"');
    for (const { key } of rowsOf(schemas.flapd)) expect(keys).toContain(bold(`${key}:`));
    expect(sinkRows(schemas.flapd).length).toBeGreaterThan(0);
    for (const [type, rows] of sinkRows(schemas.flapd)) {
      const own = below(lines, `.SS "type: ${type}"`);
      expect(own.filter((line) => line.endsWith(String.raw`:\fR`))).toEqual(
        rows.map(({ key }) => bold(`${key}:`)),
      );
    }
  });

  it('have every key of policies, in order', () => {
    const keys = rowsOf(schemas.policies).slice(1);
    const lines = below(linesOf('flapd-policies.5'), '.SH "KEYS OF A POLICY"');
    expect(lines.filter((line) => /^\\fB\w+:\\fR$/.test(line))).toEqual(
      keys.map(({ key }) => bold(`${key}:`)),
    );
  });

  it.each(verbs)('have $name with every option', ({ name, operands, options }) => {
    const heading = operands === undefined ? name : `${name} ${operands.replace('…', '...')}`;
    const page = linesOf('flapd.8');
    const lines = below(page, `.SS "flapd ${heading.replaceAll('-', String.raw`\-`)}"`);
    const tags = lines.filter((_, index) => lines[index - 1] === '.TP');
    expect(tags).toHaveLength(options.length);
    for (const option of options)
      expect(tags.filter((tag) => tag.includes(bold(`--${option.name}`)))).toHaveLength(1);
    expect(page.join('\n')).toContain(`\n.SY "flapd ${name.replaceAll('-', String.raw`\-`)}"\n`);
    expect(page.join('\n')).toContain(bold(`--${helpOption.name}`));
  });
});

describe('text for roff', () => {
  it.each([
    ['.service may be left out', String.raw`\&.service may be left out`],
    ["'tis", String.raw`\&'tis`],
    ['no .service here', 'no .service here'],
    [String.raw`a\x2db ^~`, String.raw`a\ex2db \(ha\(ti`],
    ['run `flapd check --json` …', String.raw`run \fBflapd\~check\~\-\-json\fR ...`],
    ['of flapd.yaml(5), not of f(x)', String.raw`of \fBflapd.yaml\fR(5), not of f(x)`],
    ['5 µs', String.raw`5 \[u00B5]s`],
  ])('%s', (text, roff) => {
    expect(prose(text)).toBe(roff);
  });

  it('guards a dot that comes to stand at the start of a line', () => {
    const lines = prose(`${'word '.repeat(15)}${'.dot '.repeat(15)}`.trim()).split('\n');
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.slice(1).every((line) => line.startsWith(String.raw`\&.dot`))).toBe(true);
    expect(lines.every((line) => line.length <= 80)).toBe(true);
  });

  it('guards what is typed as it stands', () => {
    expect(example("'a'\n.b\n  .c\n").split('\n').slice(3, -2)).toEqual([
      String.raw`\(aqa\(aq`,
      String.raw`\&.b`,
      '  .c',
    ]);
  });
});

describe('the examples', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'flapd-man-'));
    mkdirSync(join(dir, 'policies.d'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('are a configuration without a fault', async () => {
    writeFileSync(join(dir, 'flapd.yaml'), flapdYamlExample);
    writeFileSync(join(dir, 'policies.d/example.yaml'), policiesExample);
    const loaded = await loadConfig(dir, { required: true });
    expect(loaded).toMatchObject({ ok: true, config: { warnings: [] } });
  });

  it('of the built-in policy is the built-in policy', async () => {
    const text = builtInYaml(schemas.policies).replace(`name: ${builtInPolicy.name}`, 'name: copy');
    writeFileSync(join(dir, 'policies.d/copy.yaml'), text);
    const loaded = await loadConfig(dir, { required: true });
    expect(loaded.ok && loaded.config.policies[0]).toEqual({ ...builtInPolicy, name: 'copy' });
  });
});
