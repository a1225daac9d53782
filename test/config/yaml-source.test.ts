import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/config/problem.ts';
import { maxYamlTokens } from '../../src/config/yaml-guard.ts';
import { readYaml, type YamlPath, type YamlReading } from '../../src/config/yaml-source.ts';

const read = (text: string): YamlReading => readYaml('f', text, { tokens: maxYamlTokens });

function messages({ problems }: YamlReading): string[] {
  return problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

function deep(depth: number): string {
  return Array.from({ length: depth }, (_, level) => `${' '.repeat(level)}a:`).join('\n');
}

function place(problem?: Problem): string {
  return `${problem?.line}:${problem?.column}`;
}

describe('readYaml', () => {
  it.each([
    ['', null],
    ['# only a comment\n', null],
    ['~', null],
    ['---\na: 1\n...\n', { a: 1 }],
    [
      'a: off\nb: yes\nc: 010\nd: 1:30\ne: 0x10\nf: true\n',
      { a: 'off', b: 'yes', c: 10, d: '1:30', e: 16, f: true },
    ],
    ['1: a\ntrue: b\n', { '1': 'a', true: 'b' }],
    ['<<: { a: 1 }\n', { '<<': { a: 1 } }],
    ['a: |\n  x\n  y\n', { a: 'x\ny\n' }],
    ['[a, {b: [c]}, ]', ['a', { b: ['c'] }]],
    ['a: "&x *y !z %w [ {"\nb: x&y*z\n', { a: '&x *y !z %w [ {', b: 'x&y*z' }],
    ["a: \"it\\\"s\"\nb: 'it''s'\n", { a: 'it"s', b: "it's" }],
    ['a: # [ { * &\n  b\n', { a: 'b' }],
  ])('reads %j', (text, value) => {
    const { source, problems } = read(text);
    expect(problems).toEqual([]);
    expect(JSON.parse(JSON.stringify(source?.value))).toEqual(value);
  });

  it('takes __proto__ for a key like any other', () => {
    expect(Object.keys(Object(read('__proto__: { a: 1 }\n').source?.value))).toEqual(['__proto__']);
  });

  it.each([
    ['a: *b\n', '1:4: an unquoted * is a YAML alias: "*b"; put the whole value in quotes'],
    ['a: &b c\n', '1:4: YAML anchors are refused: "&b"; put a value that starts with & in quotes'],
    ['a: !b c\n', '1:4: YAML tags are refused: "!b"; put a value that starts with ! in quotes'],
    ['a: [b\nc: d\n', '1:4: this "[" is never closed'],
    ['a: {b: [c}\n', '1:10: this "}" closes nothing'],
    ["a: 'b\n", '1:4: this quote is never closed'],
    ['a: "b', '1:4: this quote is never closed'],
    ['a: @b\n', '1:4: not valid YAML: a value starts with a reserved character; put it in quotes'],
    ['a: b: c\n', '1:4: not valid YAML: a value holds ": ", or the next line is indented too far'],
    ['a: "b" c\n', '1:8: not valid YAML: text after the end of a value; put the whole value in quotes'],
    ['a: 1\n...\nb: 2\n', '3:1: not valid YAML: a second document starts here; expected one for each file'],
    [`a: ${'['.repeat(17)}`, '1:20: nested too deeply; expected at most 16 levels'],
  ])('refuses %j', (text, message) => {
    expect(messages(read(text))).toEqual([message]);
    expect(read(text).source).toBeUndefined();
  });

  it('refuses a value that nobody wrote by hand, in whichever style', () => {
    for (const style of [
      (value: string) => value,
      (value: string) => `"${value.slice(2)}"`,
      (value: string) => `'${value.slice(2)}'`,
      (value: string) => `|\n ${value.slice(2)}\n`,
    ]) {
      expect(messages(read(`a: ${style('x'.repeat(65_536))}`))).toEqual([]);
      expect(messages(read(`a: ${style('x'.repeat(65_540))}`))).toEqual([
        expect.stringMatching(/^\d:\d: a value of 6\d+ characters; expected at most 65536$/),
      ]);
    }
    expect(messages(read(`a: 1 # ${'x'.repeat(70_000)}\n`))).toEqual([]);
  });

  it('refuses depth that no bracket shows', () => {
    expect(messages(read(deep(16)))).toEqual([]);
    expect(messages(read(deep(17)))).toEqual(['17:17: nested too deeply; expected at most 16 levels']);
  });

  it('finds every duplicate key, quoted or not, and keeps the first', () => {
    const reading = read('a: 1\n"a": 2\nb: { c: 1, c: 2 }\na: 3\n');
    expect(messages(reading)).toEqual([
      '2:1: duplicate key "a"; first used at 1:1',
      '3:12: duplicate key "c"; first used at 3:6',
      '4:1: duplicate key "a"; first used at 1:1',
    ]);
    expect(reading.source?.value).toMatchObject({ a: 1, b: { c: 1 } });
  });

  it('stops where the budget of all files ends', () => {
    const budget = { tokens: 12 };
    expect(readYaml('f', 'a: 1\n', budget).problems).toEqual([]);
    expect(messages(readYaml('g', 'a: 1\n', budget))).toEqual([
      '1:3: too much YAML: expected at most 140000 words and signs in all files',
    ]);
  });

  it('never throws, whatever the text', () => {
    const piece = fc.constantFrom(
      ...'[]{}:,-?*&!|>%@`"\'#~ \n\tab1'.split(''),
      ': ',
      '- ',
      '\n  ',
      '---\n',
      '...\n',
      '"a"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const { source, problems } = read(pieces.join(''));
        expect(source !== undefined || problems.length > 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('YamlSource', () => {
  const text = 'a:\n  - x\n  - b: 5\n    c:\n"d": {e: f}\n';

  it.each<readonly [YamlPath, key: string, value: string]>([
    [[], '1:1', '1:1'],
    [['a'], '1:1', '2:3'],
    [['a', 0], '2:5', '2:5'],
    [['a', 1], '3:5', '3:5'],
    [['a', 1, 'b'], '3:5', '3:8'],
    [['a', 1, 'c'], '4:5', '4:5'],
    [['a', 1, 'absent'], '3:5', '3:5'],
    [['a', 7], '1:1', '2:3'],
    [['d', 'e'], '5:7', '5:10'],
    [['d', 'e', 'further'], '5:7', '5:10'],
    [['nowhere', 'at all'], '1:1', '1:1'],
  ])('knows where %j stands: key %s, value %s', (path, key, value) => {
    const { source } = read(text);
    expect(place(source?.problemAtKey(path, ''))).toBe(key);
    expect(place(source?.problemAtValue(path, ''))).toBe(value);
  });
});
