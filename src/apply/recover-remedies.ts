import { reloadFault } from './reload-systemd.ts';
import type { RemedyRoom } from './remedy-room.ts';

/** What a crash left of a unit's remedy. */
interface Left {
  readonly unit: string;
  /** systemd has another drop-in in force than there is. */
  readonly isStale: boolean;
  readonly words: string;
}

/**
 * Sets right what a crash left, before anything else is done: what was half done on disk is undone, or where it was being
 * removed, finished; and where systemd has other files in force than there are, it reloads. Each is said.
 */
export async function recoverRemedies(room: RemedyRoom): Promise<void> {
  if (room.dryRun) return;
  const swept = room.files.sweep();
  const there = room.files.list().filter(({ found }) => found.kind === 'ours');
  const units = new Set([...swept, ...there.map(({ unit }) => unit), ...lately(room)]);
  const found = await Promise.all([...units].map((unit) => leftOf(unit, swept.includes(unit), room)));
  const left = found.flatMap((each) => each ?? []);
  for (const { unit, words } of left) room.say(`flapd was cut short at ${unit}: ${words}.`);
  if (left.some(({ isStale }) => isStale)) await reloadFault(room);
}

/** Each is asked about. */
const mostAsked = 256;

/** One that was removed whole, and systemd not told, has left no other trace. */
function lately({ ledger }: RemedyRoom): readonly string[] {
  try {
    return [...new Set(ledger.read().map(({ unit }) => unit))].slice(-mostAsked);
  } catch {
    // Whoever is to go by it refuses; what is on disk is set right all the same.
    return [];
  }
}

async function leftOf(
  unit: string,
  wasSwept: boolean,
  { files, manager }: RemedyRoom,
): Promise<Left | undefined> {
  const inForce = await manager.dropInPaths(unit);
  for (const lifetime of ['runtime', 'persistent'] as const) {
    const isThere = files.find(unit, lifetime).kind === 'ours';
    // Of a unit that is not loaded none is in force, and all will be once it is.
    if (inForce === undefined || isThere === inForce.includes(files.pathOf(unit, lifetime))) continue;
    const deed = isThere ? 'written' : wasSwept ? 'being removed' : 'removed';
    const missing = wasSwept && !isThere ? '' : ', and systemd not told';
    return { unit, isStale: true, words: `its drop-in was ${deed}${missing}, which is finished now` };
  }
  const words = 'its drop-in was being written, which is undone';
  return wasSwept ? { unit, isStale: false, words } : undefined;
}
