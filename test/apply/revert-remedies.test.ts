import { afterEach, describe, expect, it } from 'vitest';
import { applyRemedy } from '../../src/apply/apply-remedy.ts';
import { revertRemedies } from '../../src/apply/revert-remedies.ts';
import { testRoom, type TestRoom } from '../support/remedy-room.ts';

let tree: TestRoom;
afterEach(() => tree.remove());

/** A room in which a person has applied a remedy to each of these. */
async function applied(...units: readonly string[]): Promise<TestRoom> {
  tree = testRoom({ by: 'hand' });
  for (const unit of units)
    await applyRemedy(
      { unit, directives: [{ name: 'RestartSec', ms: 5000 }], why: 'so', incident: undefined },
      tree.room,
    );
  return tree;
}

describe('revertRemedies', () => {
  it('takes all back with one reload, and reads each back', async () => {
    const { room } = await applied('a.service', 'b.service');
    let reloads = 0;
    const manager = { ...room.manager, reload: async () => void (reloads += 1) };
    const outcomes = await revertRemedies(['a.service', 'b.service', 'c.service'], { ...room, manager });
    expect(outcomes.map(({ unit, outcome }) => `${unit} ${outcome}`)).toEqual([
      'c.service already',
      'a.service reverted',
      'b.service reverted',
    ]);
    expect([reloads, tree.files()]).toEqual([1, {}]);
  });

  it('goes on where that can not be noted, as on a full disk', async () => {
    const { room } = await applied('a.service');
    const add = (): void => {
      throw new Error('no space left on device');
    };
    const [outcome] = await revertRemedies(['a.service'], { ...room, ledger: { read: () => [], add } });
    expect(outcome?.outcome).toBe('reverted');
    expect(tree.said).toContain("That a.service is reverted can't be noted: no space left on device.");
  });

  it('says what stands where systemd does not reload, or keeps it in force', async () => {
    const { room } = await applied('a.service', 'b.service');
    const refusing = { ...room.manager, reload: () => Promise.reject(new Error('Reload limit hit.')) };
    expect((await revertRemedies(['a.service'], { ...room, manager: refusing }))[0]).toMatchObject({
      outcome: 'failed',
      reason: 'it is removed, but systemd did not reload: Reload limit hit',
      hint: 'systemctl daemon-reload',
    });
    const keeping = { ...room.manager, dropInPaths: async () => [room.files.pathOf('b.service', 'runtime')] };
    expect((await revertRemedies(['b.service'], { ...room, manager: keeping }))[0]).toMatchObject({
      outcome: 'failed',
      reason: 'it is removed, but systemd still has it in force',
    });
  });

  it('on a dry run removes nothing', async () => {
    const { room } = await applied('a.service');
    expect((await revertRemedies(['a.service'], { ...room, dryRun: true }))[0]).toMatchObject({
      outcome: 'would-revert',
    });
    expect(Object.keys(tree.files())).toHaveLength(1);
  });
});
