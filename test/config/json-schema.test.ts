import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configSchemas } from '../../scripts/config-schema.ts';
import { generatedFiles } from '../../scripts/generated-files.ts';
import { spanPattern } from '../../src/config/span-schema.ts';
import { unitPatternPattern } from '../../src/config/pattern-schema.ts';
import { maxYamlTokens } from '../../src/config/yaml-guard.ts';
import { readYaml } from '../../src/config/yaml-source.ts';
import { formatTimeSpan, parseTimeSpan } from '../../src/core/time-span.ts';
import { patternProblem } from '../../src/core/unit-pattern.ts';
import { badFixtures } from './bad-fixtures.ts';

const checkout = join(import.meta.dirname, '../..');
const fixtures = join(checkout, 'test/fixtures/policies');
const ajv = new Ajv({ allErrors: true, strictTuples: false });
const schemas = configSchemas();
const validators = { flapd: ajv.compile(schemas.flapd), policies: ajv.compile(schemas.policies) };

/** What a JSON Schema can't say of these mistakes, which are in the words of the file and not in what it means … */
const notYaml = 'it is no YAML, or a key stands twice';
/** … or depend on more than one value, or on how a text is read. */
const inexpressible: Readonly<Record<string, string>> = {
  'backfill-too-long': 'how long a span in words is',
  'backoff-to-less-than-from': 'one value against another',
  'backoff-to-too-long': 'how long a span in words is',
  'name-of-the-built-in': 'names are compared across files',
  'name-twice-in-one-file': 'names are compared across policies',
  'name-twice-in-two-files': 'names are compared across files',
  'name-yml': 'the name of a file',
  'notify-unknown-sink': 'names are compared across files',
  'notify-without-sinks': 'names are compared across files',
  'revert-after-too-long': 'how long a span in words is',
  'timeout-too-long': 'how long a span in words is',
  'within-too-long': 'how long a span in words is',
};

interface Judged {
  readonly isYaml: boolean;
  readonly isValid: boolean;
}

function judge(dir: string): Judged {
  const judged = [
    ...filesIn(dir, 'flapd.yaml').map((file) => judgeFile(file, validators.flapd)),
    ...filesIn(join(dir, 'policies.d'), '.yaml').map((file) => judgeFile(file, validators.policies)),
  ];
  return { isYaml: judged.every(({ isYaml }) => isYaml), isValid: judged.every(({ isValid }) => isValid) };
}

function filesIn(dir: string, ending: string): string[] {
  const names = existsSync(dir) ? readdirSync(dir) : [];
  return names
    .filter((name) => name.endsWith(ending) && !name.startsWith('.'))
    .map((name) => join(dir, name));
}

function judgeFile(file: string, validate: ValidateFunction): Judged {
  const { source, problems } = readYaml(file, readFileSync(file, 'utf8'), { tokens: maxYamlTokens });
  if (!source || problems.length > 0) return { isYaml: false, isValid: false };
  return { isYaml: true, isValid: validate(JSON.parse(JSON.stringify(source.value ?? {}))) };
}

describe('the JSON Schemas', () => {
  it.each(Object.entries(generatedFiles()))('%s is what `npm run schema` writes', (file, content) => {
    expect(readFileSync(join(checkout, file), 'utf8')).toBe(content);
  });

  it.each(readdirSync(join(fixtures, 'good')))('take the good files of %s', (folder) => {
    expect(judge(join(fixtures, 'good', folder))).toEqual({ isYaml: true, isValid: true });
  });

  it('take the files that only have warnings', () => {
    for (const folder of readdirSync(join(fixtures, 'odd')))
      expect(judge(join(fixtures, 'odd', folder))).toEqual({ isYaml: true, isValid: true });
  });

  it.each(badFixtures)('refuse %s, or it is known why not', (folder) => {
    const { isYaml, isValid } = judge(join(fixtures, 'bad', folder));
    expect({ folder, isValid, why: isYaml ? inexpressible[folder] : notYaml }).toEqual({
      folder,
      isValid: isYaml ? inexpressible[folder] !== undefined : false,
      why: isYaml ? inexpressible[folder] : notYaml,
    });
  });
});

it('what a JSON Schema cannot say is said of fixtures that exist', () => {
  const folders = badFixtures.map(([folder]) => folder);
  expect(Object.keys(inexpressible).filter((name) => !folders.includes(name))).toEqual([]);
});

describe('the pattern of time spans', () => {
  const pattern = new RegExp(spanPattern, 'u');

  it('takes all that flapd takes', () => {
    const word = fc.constantFrom(
      '1',
      '+2',
      '.5',
      '1.5',
      '90',
      ' ',
      'h',
      'min',
      'm',
      'us',
      'y',
      'months',
      'x',
    );
    const text = fc.array(word, { maxLength: 8 }).map((words) => words.join(''));
    fc.assert(
      fc.property(text, (span) => {
        const parsed = parseTimeSpan(span);
        fc.pre(parsed.ok && parsed.ms !== Infinity);
        expect(span).toMatch(pattern);
      }),
    );
    fc.assert(
      fc.property(fc.nat({ max: 1e9 }), (ms) => {
        expect(formatTimeSpan(ms)).toMatch(pattern);
      }),
    );
  });

  it.each(['', 'soon', '-1', '1 fortnight', '1.', 'infinity'])('refuses %j', (text) => {
    expect(text).not.toMatch(pattern);
  });
});

it('the pattern of patterns takes all that flapd takes', () => {
  const pattern = new RegExp(unitPatternPattern, 'u');
  const sign = fc.constantFrom(
    'a',
    '*',
    '?',
    '[',
    ']',
    '!',
    '^',
    '-',
    '[:digit:]',
    '\\x2d',
    '@',
    '.',
    '{',
    ' ',
  );
  const text = fc.array(sign, { maxLength: 10 }).map((signs) => signs.join(''));
  fc.assert(
    fc.property(text, (glob) => {
      fc.pre(patternProblem(glob) === undefined);
      expect(glob).toMatch(pattern);
    }),
    { numRuns: 1000 },
  );
});
