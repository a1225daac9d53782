import type { DropIn } from '../core/remedy/drop-in.ts';
import type { RemedyOutcome } from '../core/remedy/remedy-outcome.ts';
import { reloadFault } from './reload-systemd.ts';
import { coerceError } from '../kit/errors.ts';
import type { RemedyRoom } from './remedy-room.ts';
import type { Lifetime } from '../systemd/drop-in-files.ts';

interface Removed {
  readonly unit: string;
  readonly dropIn: string;
}

interface Found extends Removed {
  readonly lifetime: Lifetime;
}

/**
 * Takes back what flapd wrote for these units, and nothing else; one reload for all of them, then what systemd has in force
 * is read back. What is not there is taken back already.
 */
export async function revertRemedies(
  units: readonly string[],
  room: RemedyRoom,
): Promise<readonly RemedyOutcome[]> {
  const places = units.flatMap((unit) => placesOf(unit, room));
  const early = places.filter((place): place is RemedyOutcome => 'outcome' in place);
  const found = places.filter((place): place is Found => !('outcome' in place));
  const removed: Removed[] = [];
  for (const { unit, lifetime, dropIn } of found) {
    room.say(room.dryRun ? `A dry run: ${dropIn} is not removed.` : `Removing ${dropIn}.`);
    if (!room.dryRun) note(unit, room);
    const deed = room.files.remove(unit, lifetime, room.dryRun);
    if (deed.ok) removed.push({ unit, dropIn });
    else early.push({ unit, outcome: 'failed', reason: `it could not be removed: ${deed.reason}`, dropIn });
  }
  if (removed.length === 0) return early;
  if (room.dryRun)
    return [...early, ...removed.map((each) => ({ ...each, outcome: 'would-revert' as const }))];
  const fault = await reloadFault(room);
  const reverted = await Promise.all(removed.map((each) => outcomeOf(each, fault, room)));
  return [...early, ...reverted];
}

/** A disk that is full is no reason to leave it in force. */
function note(unit: string, { ledger, nowWallMs, by, say }: RemedyRoom): void {
  try {
    ledger.add({ unit, atWallMs: nowWallMs(), did: 'reverted', by });
  } catch (error) {
    say(`That ${unit} is reverted can't be noted: ${coerceError(error).message}.`);
  }
}

function placesOf(unit: string, room: RemedyRoom): readonly (RemedyOutcome | Found)[] {
  const places = (['runtime', 'persistent'] as const).flatMap((lifetime): (RemedyOutcome | Found)[] => {
    const dropIn = room.files.pathOf(unit, lifetime);
    const found = room.files.find(unit, lifetime);
    if (found.kind === 'absent') return [];
    if (found.kind === 'ours') return [mayRevert(found.dropIn, room) ?? { unit, lifetime, dropIn }];
    const reason = `${found.reason}: it is left alone`;
    return [{ unit, outcome: 'refused', reason, hint: `systemctl cat ${unit}`, dropIn }];
  });
  if (places.length > 0) return places;
  return [{ unit, outcome: 'already', reason: 'flapd has written nothing for it' }];
}

/** What a person applied the daemon takes back at its time, and not before. */
function mayRevert({ unit, by, untilWallMs }: DropIn, room: RemedyRoom): RemedyOutcome | undefined {
  const isDue = untilWallMs !== undefined && room.nowWallMs() >= untilWallMs;
  if (room.by === 'hand' || by === 'daemon' || isDue) return undefined;
  return { unit, outcome: 'refused', reason: 'a person applied it, and its time is not up' };
}

async function outcomeOf(
  { unit, dropIn }: Removed,
  fault: string | undefined,
  room: RemedyRoom,
): Promise<RemedyOutcome> {
  const failed = (reason: string): RemedyOutcome => ({
    unit,
    outcome: 'failed',
    reason,
    hint: 'systemctl daemon-reload',
    dropIn,
  });
  if (fault !== undefined) return failed(`it is removed, but systemd did not reload: ${fault}`);
  try {
    const paths = await room.manager.dropInPaths(unit);
    return paths?.includes(dropIn) === true
      ? failed('it is removed, but systemd still has it in force')
      : { unit, outcome: 'reverted', dropIn };
  } catch (error) {
    return failed(`it is removed, but systemd does not say what is in force: ${coerceError(error).message}`);
  }
}
