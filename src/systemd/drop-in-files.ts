import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { dropInName } from '../core/remedy/drop-in.ts';
import { isServiceName } from '../core/unit-name.ts';
import { codeOf, coerceError } from '../kit/errors.ts';
import { type DropInFound, lookAtDropIn } from './drop-in-look.ts';
import { type HeldFolder, holdChild, holdFolder, letGo, syncFolder, within } from '../kit/held-folder.ts';

/** Gone at reboot, or there until it is removed (systemd.unit(5), "Unit File Load Path"). */
export type Lifetime = 'runtime' | 'persistent';

export const unitFolders: Readonly<Record<Lifetime, string>> = {
  runtime: '/run/systemd/system',
  persistent: '/etc/systemd/system',
};

export interface ListedDropIn {
  readonly unit: string;
  readonly lifetime: Lifetime;
  readonly found: Exclude<DropInFound, { kind: 'absent' }>;
}

export type Deed = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/**
 * On its way in or out a drop-in stands beside the folders under this name, which no unit can have: as long as a folder is
 * empty because of flapd, this says whose it is, and `sweep` cleans up after a crash.
 */
const onItsWay = '.flapd-new';

/**
 * The only code that writes below a folder of systemd's, and there nothing but `UNIT.d/90-flapd.conf`. `root` and `owner`
 * are for tests: a tree of their own, in which this user is what root is otherwise.
 */
export class DropInFiles {
  readonly #root: string;
  readonly #owner: number;

  constructor({ root = '/', owner = 0 }: { readonly root?: string; readonly owner?: number } = {}) {
    this.#root = root;
    this.#owner = owner;
  }

  /** Where it stands, as people see it. */
  pathOf(unit: string, lifetime: Lifetime): string {
    return path.join(unitFolders[lifetime], folderName(unit), dropInName);
  }

  find(unit: string, lifetime: Lifetime): DropInFound {
    const above = this.#hold(lifetime);
    if (above.kind === 'absent') return above;
    if (above.kind === 'refused') return { kind: 'not-ours', reason: above.reason };
    const hold = holdChild(above.folder, folderName(unit), this.#owner);
    letGo(above.folder);
    if (hold.kind === 'absent') return hold;
    if (hold.kind === 'refused') return { kind: 'not-ours', reason: hold.reason };
    try {
      return lookAtDropIn(hold.folder, unit, this.#owner);
    } finally {
      letGo(hold.folder);
    }
  }

  /** Every file at a place of ours, whoever's it is. */
  list(): readonly ListedDropIn[] {
    return (['runtime', 'persistent'] as const).flatMap((lifetime) =>
      this.#names(lifetime, '.d').flatMap((unit) => {
        const found = this.find(unit, lifetime);
        return found.kind === 'absent' ? [] : [{ unit, lifetime, found }];
      }),
    );
  }

  /**
   * Puts the text in the unit's place: written beside, synced, renamed, both folders synced, so that a crash or a power cut
   * at any point leaves the file of before or this one. With `dryRun` it goes all the way and writes nothing.
   */
  write(unit: string, lifetime: Lifetime, text: string, dryRun = false): Deed {
    return this.#within(lifetime, (above) => {
      const fault = this.#faultAt(above, unit);
      if (fault !== undefined) return { ok: false, reason: fault };
      if (!dryRun) this.#put(above, unit, text);
      return { ok: true };
    });
  }

  /** Removes the unit's file, and its folder where nothing else is in it. What is not there is removed. */
  remove(unit: string, lifetime: Lifetime, dryRun = false): Deed {
    return this.#within(lifetime, (above) => {
      const fault = this.#faultAt(above, unit);
      if (fault !== undefined) return { ok: false, reason: fault };
      if (!dryRun && this.find(unit, lifetime).kind === 'ours') this.#take(above, unit);
      return { ok: true };
    });
  }

  /** Removes what a crash left half done. Returns the units that it was for. */
  sweep(): readonly string[] {
    return (['runtime', 'persistent'] as const).flatMap((lifetime) => {
      const units = this.#names(lifetime, onItsWay);
      return units.filter((unit) => {
        return this.#within(lifetime, (above) => {
          clearAway(above, unit);
          return { ok: true };
        }).ok;
      });
    });
  }

  #hold(lifetime: Lifetime): ReturnType<typeof holdFolder> {
    return holdFolder(unitFolders[lifetime], this.#owner, this.#root);
  }

  #within(lifetime: Lifetime, deed: (above: HeldFolder) => Deed): Deed {
    const hold = this.#hold(lifetime);
    if (hold.kind === 'absent') return { ok: false, reason: `${unitFolders[lifetime]} is not there` };
    if (hold.kind === 'refused') return { ok: false, reason: hold.reason };
    try {
      return deed(hold.folder);
    } catch (error) {
      return { ok: false, reason: coerceError(error).message };
    } finally {
      letGo(hold.folder);
    }
  }

  /** Why the unit's place can't be ours, as a clause. */
  #faultAt(above: HeldFolder, unit: string): string | undefined {
    const hold = holdChild(above, folderName(unit), this.#owner);
    if (hold.kind === 'absent') return undefined;
    if (hold.kind === 'refused') return hold.reason;
    try {
      const found = lookAtDropIn(hold.folder, unit, this.#owner);
      return found.kind === 'not-ours' ? found.reason : undefined;
    } finally {
      letGo(hold.folder);
    }
  }

  #put(above: HeldFolder, unit: string, text: string): void {
    // Made anew, never written through what a crash, or somebody else, has left there.
    clearAway(above, unit);
    try {
      writeSynced(within(above, unit + onItsWay), text);
      syncFolder(above);
      const isNew = makeFolder(above, unit);
      const folder = this.#mustHold(above, unit);
      try {
        // Whatever this process keeps from others otherwise (UMask=).
        if (isNew) fchmodSync(folder.fd, 0o755);
        renameSync(within(above, unit + onItsWay), within(folder, dropInName));
        syncFolder(folder);
        syncFolder(above);
      } finally {
        letGo(folder);
      }
    } catch (error) {
      clearAway(above, unit);
      throw error;
    }
  }

  #take(above: HeldFolder, unit: string): void {
    clearAway(above, unit);
    const folder = this.#mustHold(above, unit);
    try {
      renameSync(within(folder, dropInName), within(above, unit + onItsWay));
      syncFolder(folder);
    } finally {
      letGo(folder);
    }
    clearAway(above, unit);
  }

  #mustHold(above: HeldFolder, unit: string): HeldFolder {
    const hold = holdChild(above, folderName(unit), this.#owner);
    if (hold.kind === 'held') return hold.folder;
    throw new Error(hold.kind === 'refused' ? hold.reason : `${folderName(unit)} went away`);
  }

  #names(lifetime: Lifetime, suffix: string): readonly string[] {
    const hold = this.#hold(lifetime);
    if (hold.kind !== 'held') return [];
    try {
      return readdirSync(`/proc/self/fd/${hold.folder.fd}`)
        .filter((name) => name.endsWith(suffix))
        .map((name) => name.slice(0, -suffix.length))
        .filter(isServiceName)
        .sort();
    } finally {
      letGo(hold.folder);
    }
  }
}

/** No path is made of anything but a unit name. */
function folderName(unit: string): string {
  if (!isServiceName(unit)) throw new Error(`${JSON.stringify(unit)} is not the name of a service`);
  return `${unit}.d`;
}

function makeFolder(above: HeldFolder, unit: string): boolean {
  try {
    mkdirSync(within(above, folderName(unit)), 0o755);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function writeSynced(file: string, text: string): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const fd = openSync(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeFileSync(fd, text);
    fchmodSync(fd, 0o644);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The folder first: what stands beside it says whose it was until it is gone. One that holds something is somebody's. */
function clearAway(above: HeldFolder, unit: string): void {
  const beside = within(above, unit + onItsWay);
  if (!readdirSync(`/proc/self/fd/${above.fd}`).includes(unit + onItsWay)) return;
  try {
    rmdirSync(within(above, folderName(unit)));
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw error;
  }
  syncFolder(above);
  rmSync(beside, { force: true });
  syncFolder(above);
}
