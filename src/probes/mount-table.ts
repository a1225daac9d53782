import { readFile } from 'node:fs/promises';
import type { Mount } from '../core/evidence/inquiry.ts';

export interface MountEntry extends Mount {
  /** What of its file system is mounted there (proc_pid_mountinfo(5), field 4). */
  readonly root: string;
  /** The file system itself is read-only, and so is each of its mounts. */
  readonly isReadOnly: boolean;
}

/** A machine with ten thousand containers has some megabytes of it. */
const mostEntries = 20_000;

/** `36 35 98:0 /mnt1 /mnt/parent rw,noatime master:1 - ext3 /dev/root rw,errors=continue` */
export function parseMountInfo(text: string): readonly MountEntry[] {
  return text.split('\n', mostEntries).flatMap((line) => {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , root, point, mountOptions] = left.split(' ');
    const [type, , superOptions] = right.split(' ');
    if (root === undefined || point === undefined || mountOptions === undefined || type === undefined)
      return [];
    const isReadOnly = superOptions?.split(',').includes('ro') === true;
    const options = mountOptions.split(',');
    return [{ root: unescaped(root), point: unescaped(point), type, options, isReadOnly }];
  });
}

/** The one that a path without symbolic links lies on: of several at one point, the last covers the others. */
export function mountOf(entries: readonly MountEntry[], path: string): MountEntry | undefined {
  let best: MountEntry | undefined;
  for (const entry of entries) {
    const { point } = entry;
    const covers = point === '/' || path === point || path.startsWith(`${point}/`);
    if (covers && (best === undefined || point.length >= best.point.length)) best = entry;
  }
  return best;
}

/**
 * Of the machine where that may be read, else of flapd's own view of it, in which ProtectSystem= makes more read-only than
 * is so for others.
 */
export async function readMounts(): Promise<readonly MountEntry[]> {
  try {
    return parseMountInfo(await readFile('/proc/1/mountinfo', 'utf8')).map(withReadOnly);
  } catch {
    const own = parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'));
    return own.map((entry) =>
      withReadOnly({ ...entry, options: entry.options.filter((each) => each !== 'ro') }),
    );
  }
}

function withReadOnly(entry: MountEntry): MountEntry {
  return entry.isReadOnly ? { ...entry, options: [...new Set([...entry.options, 'ro'])] } : entry;
}

/** Space, tab, line end and backslash stand there in octal. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
