import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxLineLength, parseUnitFile } from '../../../src/core/systemd/unit-file.ts';

/** `section directive value line-lastLine:column` of each assignment, `line! found` of each fault. */
function told(text: string): string[] {
  const { assignments, faults } = parseUnitFile(text);
  return [
    ...assignments.map(
      ({ section, directive, value, line, lastLine, column }) =>
        `[${section}] ${directive}=${value} ${line}-${lastLine}:${column}`,
    ),
    ...faults.map(({ line, found, ends }) => `${line}! ${found}${ends ? ' (ends)' : ''}`),
  ];
}

describe('parseUnitFile', () => {
  // What each comes to was tried with `systemd-analyze verify` of 252, 257 and 262.
  it.each<readonly [what: string, text: string, told: readonly string[]]>([
    ['nothing', '', []],
    ['an empty section', '[Unit]\n', []],
    ['assignments', '[Unit]\nA=1\n[Service]\nB = 2 = 3 ', ['[Unit] A=1 2-2:1', '[Service] B=2 = 3 4-4:1']],
    ['an empty assignment', '[Unit]\nA=\n', ['[Unit] A= 2-2:1']],
    ['indented lines', '  [Unit]\n\t A=1\n', ['[Unit] A=1 2-2:3']],
    ['comments', '# [Unit]\n[Unit]\n ;A=1\n#A=2\nA=3 # 4\n', ['[Unit] A=3 # 4 5-5:1']],
    ['a continuation', '[Unit]\nA=1 \\\n  2\nB=3\n', ['[Unit] A=1    2 2-3:1', '[Unit] B=3 4-4:1']],
    [
      'comments within one',
      '[Unit]\nA=1\\\n# c\\\n; c\n 2\nB=\n',
      ['[Unit] A=1  2 2-5:1', '[Unit] B= 6-6:1'],
    ],
    [
      'a continuation that an empty line ends',
      '[Unit]\nA=1\\\n\nB=2\n',
      ['[Unit] A=1 2-3:1', '[Unit] B=2 4-4:1'],
    ],
    [
      'an escaped backslash at the end',
      '[Unit]\nA=1\\\\\nB=2\\\\\\\n3\n',
      ['[Unit] A=1\\\\ 2-2:1', '[Unit] B=2\\\\ 3 3-4:1'],
    ],
    ['a backslash at the end of the file', '[Unit]\nA=1\\', ['[Unit] A=1 2-3:1']],
    ['a directive over two lines', '[Unit]\nA\\\n=1\n', ['[Unit] A=1 2-3:1']],
    ['Windows line ends', '[Unit]\r\nA=1\r\n\r\nB=2\r\n', ['[Unit] A=1 2-2:1', '[Unit] B=2 4-4:1']],
    [
      'all line ends',
      '[Unit]\rA=1\n\rB=2\0C=3\n\0D=4\n\n[X]\nE=',
      ['[Unit] A=1 2-2:1', '[Unit] B=2 3-3:1', '[Unit] C=3 4-4:1', '[Unit] D=4 5-5:1', '[X] E= 8-8:1'],
    ],
    ['a byte order mark', '\ufeff[Unit]\nA=1\n', ['[Unit] A=1 2-2:1']],
    ['spaces in a section name', '[ Unit ]\nA=1\n', ['[ Unit ] A=1 2-2:1']],
    ['other kinds of space', '[Unit]\n\u00a0A=\u00a01\n', ['[Unit] \u00a0A=\u00a01 2-2:1']],
    ['no section', 'A=1\n[Unit]\nB=2\n', ['[Unit] B=2 3-3:1', '1! an assignment before any section']],
    [
      'no equals sign',
      '[Unit]\nA\nB=1\n',
      ['[Unit] B=1 3-3:1', '2! neither a section nor an assignment: it has no "="'],
    ],
    ['no directive', '[Unit]\n=1\n', ['2! an assignment to nothing']],
    [
      'an open section header',
      '[Unit]\nA=1\n[Service\nB=1\n',
      ['[Unit] A=1 2-2:1', '3! a section header without its "]" (ends)'],
    ],
    ['what is not UTF-8', '[Unit]\n# \ufffd\nA=\ufffd\nB=1\n', ['3! bytes that are not UTF-8 (ends)']],
    [
      'an endless line',
      `[Unit]\nA=${'x'.repeat(maxLineLength)}\nB=1`,
      ['2! a line of more than 1048576 characters (ends)'],
    ],
  ])('reads %s', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });

  it('reads back what was written, however it is laid out', () => {
    const word = fc.string({ unit: fc.constantFrom(...'abcXYZ019 %"\'=[]#;/\\'.split('')), maxLength: 12 });
    // What it must not do by itself: go on, or begin or end with what is stripped.
    const value = word.map((text) => text.replaceAll('\\', '/').trim());
    const directive = fc.string({ unit: fc.constantFrom(...'ABCdef'.split('')), minLength: 1, maxLength: 8 });
    const blank = fc.string({ unit: fc.constantFrom(' ', '\t'), maxLength: 3 });
    const noise = fc.array(fc.constantFrom('', '# A=1', ' ; [X]\\', '   '), { maxLength: 2 });
    const assignment = fc.record({
      directive,
      parts: fc.array(value, { minLength: 1, maxLength: 4 }),
      blank,
      noise,
    });
    const section = fc.record({
      name: fc.constantFrom('Unit', 'Service', 'X-Own'),
      assignments: fc.array(assignment, { maxLength: 4 }),
    });
    const layout = fc.record({
      end: fc.constantFrom('\n', '\r\n', '\n\r'),
      sections: fc.array(section, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(layout, ({ end, sections }) => {
        const lines: string[] = [];
        const expected: unknown[] = [];
        for (const { name, assignments } of sections) {
          lines.push(`[${name}]`);
          for (const each of assignments) {
            lines.push(...each.noise);
            const line = lines.length + 1;
            const [first = '', ...more] = each.parts;
            const texts = [
              `${each.blank}${each.directive}${each.blank}=${each.blank}${first}`,
              ...more.map((part) => `x${part}`),
            ];
            for (const [index, text] of texts.entries()) {
              if (index > 0) lines.push('#\\');
              lines.push(index < texts.length - 1 ? `${text}\\` : text);
            }
            expected.push({
              section: name,
              directive: each.directive,
              value: [first, ...more.map((part) => `x${part}`)].join(' ').replace(/^[ \t]+|[ \t]+$/g, ''),
              line,
              lastLine: lines.length,
              column: each.blank.length + 1,
            });
          }
        }
        expect(parseUnitFile(lines.join(end))).toEqual({ assignments: expected, faults: [] });
      }),
    );
  });

  it('reads any text at all, and names lines that are there', () => {
    const text = fc.string({
      unit: fc.constantFrom(...'[]=\\#;\n\r\0 \taA\ufeff\ufffd'.split('')),
      maxLength: 60,
    });
    fc.assert(
      fc.property(text, (given) => {
        const { assignments, faults } = parseUnitFile(given);
        const lines = given.split(/\n|\r|\0/).length;
        for (const { line, lastLine, column, directive } of assignments) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(lastLine).toBeGreaterThanOrEqual(line);
          expect(lastLine).toBeLessThanOrEqual(lines + 1);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(directive).not.toBe('');
        }
        for (const { line } of faults) expect(line).toBeLessThanOrEqual(lines);
        expect(faults.filter(({ ends }) => ends).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
