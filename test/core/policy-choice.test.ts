import { describe, expect, it } from 'vitest';
import { policyFor } from '../../src/core/policy-choice.ts';
import { builtInPolicy, type Policy } from '../../src/core/policy.ts';

const named = (name: string, ...match: string[]): Policy => ({ ...builtInPolicy, name, match });

describe('policyFor', () => {
  const policies = [named('web', 'nginx', 'php*'), named('all-p', 'p*'), builtInPolicy];

  it.each([
    ['nginx.service', 'web'],
    ['php-fpm.service', 'web'],
    ['postfix.service', 'all-p'],
    ['nginx2.service', 'default'],
    ['sshd.service', 'default'],
  ])('gives %s the first policy that fits: %s', (unit, name) => {
    expect(policyFor(policies, unit).name).toBe(name);
  });

  it('falls back on the built-in policy where no policy fits', () => {
    expect(policyFor([], 'a.service')).toBe(builtInPolicy);
    expect(policyFor([named('none')], 'a.service')).toBe(builtInPolicy);
  });
});
