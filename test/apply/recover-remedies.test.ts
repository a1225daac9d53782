import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { renderDropIn } from '../../src/core/remedy/drop-in.ts';
import { recoverRemedies } from '../../src/apply/recover-remedies.ts';
import type { RemedyRoom } from '../../src/apply/remedy-room.ts';
import { type TestRoom, testRoom } from '../support/remedy-room.ts';

const unit = 'allowed.service';
let tree: TestRoom | undefined;
afterEach(() => tree?.remove());

/** What stands on disk, and what systemd has in force; of a unit that is not loaded, undefined. */
async function recovered(given: {
  readonly written: boolean;
  readonly inForce: boolean | undefined;
  readonly onItsWay?: true;
  readonly noted?: false;
  readonly dryRun?: true;
}): Promise<readonly string[]> {
  const reload = async (): Promise<void> => {};
  let place = '';
  const dropInPaths = async (name: string): Promise<readonly string[] | undefined> => {
    if (name !== unit || given.inForce === undefined) return name === unit ? undefined : [];
    return given.inForce ? [place] : [];
  };
  tree = testRoom({ dryRun: given.dryRun ?? false }, { reload, dropInPaths });
  const { room } = tree;
  place = room.files.pathOf(unit, 'runtime');
  if (given.written) room.files.write(unit, 'runtime', textFor(room));
  if (given.onItsWay) writeFileSync(path.join(tree.root, '/run/systemd/system', `${unit}.flapd-new`), '');
  const entry = { unit, atWallMs: room.nowWallMs(), did: 'applied', by: 'daemon' } as const;
  if (given.noted !== false) room.ledger.add(entry);
  await recoverRemedies(room);
  return tree.said;
}

function textFor({ flapdVersion, nowWallMs }: RemedyRoom): string {
  return renderDropIn({
    unit,
    directives: [{ name: 'RestartSec', ms: 5000 }],
    why: 'why',
    incident: undefined,
    by: 'daemon',
    writtenAtWallMs: nowWallMs(),
    untilWallMs: undefined,
    version: flapdVersion,
  });
}

const reloads = 'Telling systemd to reload its unit files.';
const cut = (words: string): string => `flapd was cut short at ${unit}: its drop-in was ${words}.`;

test.each([
  ['nothing was left', { written: false, inForce: false }, []],
  ['all was done', { written: true, inForce: true }, []],
  ['it is not loaded', { written: true, inForce: undefined }, []],
  [
    'it was being written',
    { written: false, inForce: false, onItsWay: true },
    [cut('being written, which is undone')],
  ],
  [
    'it was written, and systemd not told',
    { written: true, inForce: false },
    [cut('written, and systemd not told, which is finished now'), reloads],
  ],
  [
    'it was being removed',
    { written: false, inForce: true, onItsWay: true },
    [cut('being removed, which is finished now'), reloads],
  ],
  [
    'it was removed, and systemd not told',
    { written: false, inForce: true },
    [cut('removed, and systemd not told, which is finished now'), reloads],
  ],
  ['it was removed long ago, by somebody', { written: false, inForce: true, noted: false }, []],
  ['nothing is to be written', { written: true, inForce: false, dryRun: true }, []],
] as const)('where %s', async (_, given, said) => {
  expect(await recovered(given)).toEqual(said);
});

test('a ledger that can not be read keeps nothing from being set right', async () => {
  const read = (): never => {
    throw new Error('it is torn');
  };
  tree = testRoom({ ledger: { read, add: () => {} } }, { dropInPaths: async () => [] });
  tree.room.files.write(unit, 'runtime', textFor(tree.room));
  await recoverRemedies(tree.room);
  expect(tree.said).toContain(reloads);
  rmSync(path.join(tree.root, '/run/systemd/system', `${unit}.d`), { recursive: true });
});
