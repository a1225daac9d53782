import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText } from '../../src/core/log-text.ts';

test.each([
  ['colours', '\u001b[1;31mERROR\u001b[0m: boom', 'ERROR: boom'],
  ['a title and a link', '\u001b]0;pwned\u0007x\u001b]8;;http://e\u001b\\y', 'xy'],
  ['what clears the screen', '\u001b[2J\u001b[Hroot login', 'root login'],
  ['a lone escape', 'a\u001bcb', 'ab'],
  ['line ends and bells', 'a\r\nb\u0007', 'a\\u000d\\u000ab\\u0007'],
  ['what turns the reading direction', 'a\u202Eb', 'a\\u202eb'],
  ['a tab', 'a\tb', 'a b'],
  ['letters of the world', 'früher Ярд 日本 🦊', 'früher Ярд 日本 🦊'],
  ['half a character', 'a\uD83D', 'a\\ud83d'],
])('%s', (_, raw, plain) => {
  expect(plainText(raw, 100)).toBe(plain);
});

test('ten megabytes without a line end are cut', () => {
  const cut = plainText('x'.repeat(10 * 1024 * 1024), 400);
  expect(cut).toBe(`${'x'.repeat(399)}…`);
});

test('no text can do anything but be read, nor grow', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 10, max: 100 }),
      (raw, most) => {
        const plain = plainText(raw, most);
        expect(plain).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(plain.length).toBeLessThanOrEqual(most);
      },
    ),
  );
});
