import { describe, expect, test } from 'vitest';
import { causesIn, evidenceOf } from '../../support/evidence.ts';
import { configError, missingFile, noexec, space } from './file-samples.ts';
import { addressInUse, dependencyDown } from './network-samples.ts';
import { permissionDenied, shellQuoting } from './rights-samples.ts';

const every = [
  ...addressInUse,
  ...missingFile,
  ...noexec,
  ...shellQuoting,
  ...permissionDenied,
  ...dependencyDown,
  ...space,
  ...configError,
];

describe('what programs say', () => {
  test.each(every.map((each) => [`${each.id}: ${each.who}`, each] as const))('%s', async (_, each) => {
    const [first] = await causesIn(evidenceOf(each.lines, each.more), each.world);
    expect(first).toMatchObject({ id: each.id, state: each.state });
    if (typeof each.says === 'string') expect(first?.sentence).toBe(each.says);
    else expect(first?.sentence).toMatch(each.says);
    expect(first?.proof.length).toBeLessThanOrEqual(6);
  });
});
