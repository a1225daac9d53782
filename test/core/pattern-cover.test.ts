import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers } from '../../src/core/pattern-cover.ts';
import { matchesUnit } from '../../src/core/unit-pattern.ts';

describe('covers', () => {
  it.each([
    ['*', 'nginx'],
    ['*', '*'],
    ['nginx', 'nginx.service'],
    ['web@*', 'web@1'],
    ['web@*', 'web@a*'],
    ['web*', 'web@*.service'],
    ['*?', '?*'],
    ['?*', '*?'],
    ['*a*', '*bab*'],
    ['web[0-9]', 'web[2-4]'],
    ['web[!a]', 'web[0-9]'],
    ['web?', 'web[!a]'],
    ['[a-z]*', 'nginx'],
    ['*.*', '*'],
  ])('%s covers %s', (wide, narrow) => {
    expect(covers(wide, narrow)).toBe(true);
  });

  it.each([
    ['nginx', '*'],
    ['web@1', 'web@*'],
    ['web?', 'web*'],
    ['?*', '*'],
    ['web[0-9]', 'web?'],
    ['web[0-9]', 'web[!a]'],
    ['a*b', 'a*'],
    ['web', 'web2'],
    ['*', '*.*'],
  ])('%s is not said to cover %s', (wide, narrow) => {
    expect(covers(wide, narrow)).toBe(false);
  });

  it('never says so where a name fits the one and not the other', () => {
    const sign = fc.constantFrom('a', 'b', '*', '?', '[ab]', '[!a]', '[a-c]', '[]a]', '[');
    const glob = fc.array(sign, { maxLength: 6 }).map((signs) => signs.join(''));
    const name = fc
      .array(fc.constantFrom('a', 'b', 'c', ']', '['), { maxLength: 6 })
      .map((letters) => `${letters.join('')}.service`);
    fc.assert(
      fc.property(glob, glob, fc.array(name, { minLength: 20, maxLength: 40 }), (wide, narrow, names) => {
        fc.pre(covers(wide, narrow));
        const missed = names.filter((each) => matchesUnit(narrow, each) && !matchesUnit(wide, each));
        expect(missed).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
