import { expect, test } from 'vitest';
import { expandVariables, openQuote } from '../../../src/core/evidence/shell-quotes.ts';

test.each([
  ['echo hello', undefined],
  [`echo 'it' "is"`, undefined],
  [`echo "it's"`, undefined],
  [String.raw`echo it\'s`, undefined],
  ["echo 1 # it's a comment\necho 2", undefined],
  [String.raw`echo "a \" b"`, undefined],
  ["echo it's", 'single quote'],
  ['echo "a', 'double quote'],
  [String.raw`echo 'a\'`, undefined],
  ["echo a#'b", 'single quote'],
])('%s', (script, open) => {
  expect(openQuote(script)).toBe(open);
});

test('variables, as systemd puts them in', () => {
  expect(expandVariables('run ${A} $B $C ${toString}', { A: '1', B: "b's" })).toBe(
    "run 1 b's $C ${toString}",
  );
});
