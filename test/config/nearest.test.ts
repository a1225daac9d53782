import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/config/nearest.ts';

const known = ['name', 'match', 'loop', 'calm_after'];

describe('nearest', () => {
  it.each([
    ['macth', 'match'],
    ['mathc', 'match'],
    ['matc', 'match'],
    ['matches', 'match'],
    ['nam', 'name'],
    ['Name', 'name'],
    ['lop', 'loop'],
    ['loops', 'loop'],
    ['calmAfter', 'calm_after'],
    ['calm-after', 'calm_after'],
    ['calm', 'calm_after'],
    ['calm_afer', 'calm_after'],
    ['name:web', 'name'],
  ])('takes %s for %s', (word, key) => {
    expect(nearest(word, known)).toBe(key);
  });

  it.each(['mode', 'remedy', 'notify', 'remind_every', '', ':', 'ca', 'x', 'a'.repeat(10_000)])(
    'takes %s for nothing it knows',
    (word) => {
      expect(nearest(word, known)).toBeUndefined();
    },
  );

  it('finds a key again after any one slip', () => {
    const slip = fc.tuple(fc.constantFrom('match', 'calm_after'), fc.nat(4), fc.constantFrom('', 'z'));
    fc.assert(
      fc.property(slip, ([key, at, letter]) => {
        expect(nearest(key.slice(0, at) + letter + key.slice(at + 1), known)).toBe(key);
      }),
    );
  });
});
