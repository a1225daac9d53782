import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { problemAt, problemOf, quote, renderProblems } from '../../src/config/problem.ts';

describe('problemAt', () => {
  const text = 'one\n  two\r\n\nlast';

  it.each([
    [0, 1, 1, 'one'],
    [3, 1, 4, 'one'],
    [6, 2, 3, '  two'],
    [11, 3, 1, undefined],
    [12, 4, 1, 'last'],
    [16, 4, 5, 'last'],
  ])('puts offset %d in line %d, column %d', (offset, line, column, source) => {
    const problem = problemAt('f', text, offset, 'm');
    expect([problem.line, problem.column, problem.source]).toEqual([line, column, source]);
  });

  it('leaves out a line that is too long to show', () => {
    expect(problemAt('f', 'x'.repeat(500), 9, 'm').source).toHaveLength(500);
    expect(problemAt('f', 'x'.repeat(501), 9, 'm')).toEqual({
      id: 'invalid',
      severity: 'error',
      file: 'f',
      line: 1,
      column: 10,
      message: 'm',
    });
  });

  it('agrees with a count of lines and characters', () => {
    const unit = fc.constantFrom('a', '\n', '\u{1f600}', '\t', ' ');
    fc.assert(
      fc.property(fc.array(unit), fc.array(unit), (before, after) => {
        const problem = problemAt('f', [...before, ...after].join(''), before.join('').length, 'm');
        expect(problem.line).toBe(before.filter((character) => character === '\n').length + 1);
        expect(problem.column).toBe(before.length - before.lastIndexOf('\n'));
      }),
    );
  });
});

describe('renderProblems', () => {
  it('prints place and message, the line, and a caret below the column', () => {
    const text = 'policies:\n  - macth: nginx\n';
    expect(
      renderProblems([problemAt('a.yaml', text, 14, 'unknown key'), problemOf('b.yaml', 'a directory')]),
    ).toBe(
      ['a.yaml:2:5: unknown key', '      - macth: nginx', '        ^', 'b.yaml:1:1: a directory'].join('\n'),
    );
  });

  it('keeps the caret below its column behind tabs and characters of two units', () => {
    expect(renderProblems([problemAt('f', '\t\u{1f600}x', 3, 'm')])).toBe(
      'f:1:3: m\n    \t\u{1f600}x\n    \t ^',
    );
  });

  it('puts the caret behind the line where something is missing', () => {
    expect(renderProblems([problemAt('f', 'ab', 2, 'm')])).toBe('f:1:3: m\n    ab\n      ^');
  });

  it('lets no file write to the terminal', () => {
    const hostile = '\u001b]0;x\u0007\u009b31m\u202e\r';
    const rendered = renderProblems([problemAt(hostile, `${hostile}y`, 0, `found ${hostile}`)]);
    // eslint-disable-next-line no-control-regex
    expect(rendered.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  });
});

describe('quote', () => {
  it.each([
    ['web', '"web"'],
    ['a "b"\n', String.raw`"a \"b\"\n"`],
    ['x'.repeat(60), `"${'x'.repeat(60)}"`],
    ['x'.repeat(61), `"${'x'.repeat(60)}…"`],
    ['\u{1f600}'.repeat(61), `"${'\u{1f600}'.repeat(60)}…"`],
    ['\u{1f600}'.repeat(2 ** 19), `"${'\u{1f600}'.repeat(60)}…"`],
  ])('quotes %j', (text, quoted) => {
    expect(quote(text)).toBe(quoted);
  });
});
