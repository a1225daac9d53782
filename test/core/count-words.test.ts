import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countText } from '../../src/core/count-words.ts';

test('a number has its commas where people expect them', () => {
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (count) => {
      expect(countText(count)).toBe(count.toLocaleString('en'));
    }),
  );
});
