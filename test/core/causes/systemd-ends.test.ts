import { describe, expect, test } from 'vitest';
import { causesIn, evidenceOf } from '../../support/evidence.ts';
import { systemdEnds } from './systemd-end-samples.ts';

describe('what systemd knows', () => {
  test.each(systemdEnds.map((each) => [`${each.id}: ${each.what}`, each] as const))('%s', async (_, each) => {
    const [first] = await causesIn(evidenceOf([], each.more), each.world);
    expect(first).toMatchObject({ id: each.id, state: each.state });
    if (typeof each.says === 'string') expect(first?.sentence).toBe(each.says);
    else expect(first?.sentence).toMatch(each.says);
  });
});
