import { describe, expect, test } from 'vitest';
import { causesIn, evidenceOf } from '../../support/evidence.ts';
import { everyLogSample } from './every-log-sample.ts';

describe('what programs say', () => {
  test.each(everyLogSample.map((each) => [`${each.id}: ${each.who}`, each] as const))(
    '%s',
    async (_, each) => {
      const [first] = await causesIn(evidenceOf(each.lines, each.more), each.world);
      expect(first).toMatchObject({ id: each.id, state: each.state });
      if (typeof each.says === 'string') expect(first?.sentence).toBe(each.says);
      else expect(first?.sentence).toMatch(each.says);
      expect(first?.proof.length).toBeLessThanOrEqual(6);
    },
  );
});
