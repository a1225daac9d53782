import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareText } from '../../src/core/compare-text.ts';

test('names are sorted as sort() does it', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (names) => {
      expect(names.toSorted(compareText)).toEqual(names.toSorted());
    }),
  );
});
