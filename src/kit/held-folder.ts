import { codeOf } from './errors.ts';
import { closeSync, constants, fstatSync, fsyncSync, openSync } from 'node:fs';
import path from 'node:path';

/**
 * A folder held by its descriptor, so that nobody can put another in its place between a look and a deed. What is in it is
 * named through /proc/self/fd, which is openat(2) for a Node that has none.
 */
export interface HeldFolder {
  readonly fd: number;
  readonly path: string;
}

export type FolderHold =
  | { readonly kind: 'held'; readonly folder: HeldFolder }
  | { readonly kind: 'absent' }
  /** A clause: `/etc/systemd/system is a link, or no folder`. */
  | { readonly kind: 'refused'; readonly reason: string };

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;

/**
 * Opens an absolute path step by step below `root`, following no link. Each folder on the way must belong to `owner` and
 * be writable by nobody else: what others can exchange is not gone through.
 */
export function holdFolder(absolute: string, owner: number, root = '/'): FolderHold {
  let hold = check(root, openSync(root, O_RDONLY | O_DIRECTORY), owner);
  for (const name of absolute.split('/').filter((step) => step !== '')) {
    if (hold.kind !== 'held') return hold;
    const above = hold.folder;
    hold = holdChild(above, name, owner);
    letGo(above);
  }
  return hold;
}

/** The same, one step; `above` stays open. */
export function holdChild(above: HeldFolder, name: string, owner: number): FolderHold {
  const shown = path.join(above.path, name);
  let fd;
  try {
    fd = openSync(within(above, name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'absent' };
    return { kind: 'refused', reason: `${shown} ${folderFaults[codeOf(error) ?? ''] ?? 'cannot be opened'}` };
  }
  return check(shown, fd, owner);
}

const folderFaults: Readonly<Record<string, string>> = {
  ENOTDIR: 'is a link, or no folder',
  ELOOP: 'is a link',
  ENAMETOOLONG: 'is too long a name for a folder',
  EACCES: 'may not be opened by this user',
};

function check(shown: string, fd: number, owner: number): FolderHold {
  const { uid, mode } = fstatSync(fd);
  const fault =
    uid !== owner
      ? `belongs to user ${uid}, not to user ${owner}`
      : (mode & 0o022) !== 0
        ? 'is writable by others'
        : undefined;
  if (fault === undefined) return { kind: 'held', folder: { fd, path: shown } };
  closeSync(fd);
  return { kind: 'refused', reason: `${shown} ${fault}` };
}

export function letGo({ fd }: HeldFolder): void {
  closeSync(fd);
}

/** What has been created, renamed and removed in it outlives a power cut from here on. */
export function syncFolder({ fd }: HeldFolder): void {
  fsyncSync(fd);
}

/** Names are single steps: a unit name with `.d`, or one of ours. */
export function within({ fd }: HeldFolder, name: string): string {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0'))
    throw new Error(`${JSON.stringify(name)} is not the name of a file`);
  return `/proc/self/fd/${fd}/${name}`;
}
