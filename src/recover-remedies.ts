import { reloadFault } from './apply-remedy.ts';
import type { RemedyRoom } from './remedy-room.ts';

/**
 * Sets right what a crash left, before anything else is done: what was half done on disk is undone, or where it was being
 * removed, finished; and where systemd has other files in force than there are, it reloads. Each is said.
 */
export async function recoverRemedies(room: RemedyRoom): Promise<void> {
  if (room.dryRun) return;
  const { files, manager, say } = room;
  const swept = files.sweep();
  const ours = files.list().filter(({ found }) => found.kind === 'ours');
  const stale: string[] = [];
  for (const unit of new Set([...swept, ...ours.map((each) => each.unit)])) {
    const inForce = await manager.dropInPaths(unit);
    const differs = (['runtime', 'persistent'] as const).some((lifetime) => {
      const isThere = ours.some((each) => each.unit === unit && each.lifetime === lifetime);
      return inForce !== undefined && isThere !== inForce.includes(files.pathOf(unit, lifetime));
    });
    if (differs) stale.push(unit);
    if (swept.includes(unit))
      say(
        `flapd was cut short at ${unit}: ${differs ? 'its drop-in was being removed, which is finished now' : 'its drop-in was being written, which is undone'}.`,
      );
  }
  if (stale.length === 0) return;
  say(`systemd has other drop-ins in force than there are for ${stale.join(', ')}.`);
  await reloadFault(room);
}
