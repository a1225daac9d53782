import { describe, expect, test } from 'vitest';
import { asSentence, deathWords, namesWords } from '../../../src/core/advice/advice-words.ts';
import { countText, countWords } from '../../../src/core/count-words.ts';
import { control, ending, exited, killed } from '../systemd/ending-cases.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [3812, '3,812'],
  [12_345_678, '12,345,678'],
])('%s is %s', (count, text) => {
  expect(countText(count)).toBe(text);
});

test('one is no plural', () => {
  expect([countWords(1, 'death'), countWords(2, 'death')]).toEqual(['1 death', '2 deaths']);
});

describe('how a run ended, in short', () => {
  test.each([
    [exited(1), 'status 1/FAILURE'],
    [exited(42), 'status 42'],
    [killed(11), 'SIGSEGV'],
    [control('ExecStartPre', 42), 'ExecStartPre= with status 42'],
    [ending({ code: 'killed', status: 15, result: 'timeout' }), 'a timeout'],
    [ending({ code: undefined, status: undefined, result: 'resources' }), 'result "resources"'],
  ])('%j', (end, words) => {
    expect(deathWords(end)).toBe(words);
  });
});

test('of many names two are told', () => {
  expect([['a'], ['a', 'b'], ['a', 'b', 'c', 'd']].map(namesWords)).toEqual([
    'a',
    'a and b',
    'a, b and 2 more',
  ]);
});

test('a sentence begins with a capital letter, but for systemd', () => {
  expect([asSentence('it is'), asSentence('systemd is')]).toEqual(['It is.', 'systemd is.']);
});
