import { inRemedyRoom, type RoomOptions } from '../apply/open-remedy-room.ts';
import { recoverRemedies } from '../apply/recover-remedies.ts';
import type { RemedyRoom } from '../apply/remedy-room.ts';
import type { Typed } from './args.ts';
import { configDirOf } from './options.ts';
import type { Shell } from './shell.ts';

/** Does the work as the person who typed it, each step said to them, after what a crash may have left half done is set right. */
export function inRoomByHand<T>(
  typed: Typed,
  shell: Shell,
  options: Pick<RoomOptions, 'wants' | 'busAddress' | 'dryRun'>,
  work: (room: RemedyRoom) => Promise<T>,
): Promise<T> {
  return inRemedyRoom(
    {
      ...options,
      configDir: configDirOf(typed),
      pid: shell.pid,
      by: 'hand',
      nowWallMs: () => shell.clock.now().wallMs,
      nowMonotonicMs: () => shell.clock.now().monotonicMs,
      say: (step) => void shell.stderr.write(`${step}\n`),
    },
    async (room) => {
      await recoverRemedies(room);
      return work(room);
    },
  );
}
