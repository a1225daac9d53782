import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withCommas } from '../../src/core/with-commas.ts';

test('a number has its commas where people expect them', () => {
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (count) => {
      expect(withCommas(count)).toBe(count.toLocaleString('en'));
    }),
  );
});
