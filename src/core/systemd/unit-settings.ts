import { isUsable, keyOf, kindOf } from './unit-directive.ts';
import type { Assignment, UnitFile } from './unit-file.ts';

/** A unit file or drop-in, and where it is. */
export interface PlacedFile extends UnitFile {
  readonly file: string;
}

export interface PlacedAssignment extends Assignment {
  readonly file: string;
}

/**
 * What became of an assignment:
 * - `in-force`: it decides the value, or adds to it;
 * - `overridden`: a later one, `by`, took its place, or emptied the list that it had added to;
 * - `ignored`: this systemd does not know the directive there, or can't read the value. Known of the directives that
 *   decide about restarts alone; of others systemd has to be asked.
 */
export type Standing =
  | { readonly kind: 'in-force' }
  | { readonly kind: 'overridden'; readonly by: PlacedAssignment }
  | { readonly kind: 'ignored' };

export interface Setting extends PlacedAssignment {
  readonly standing: Standing;
}

const inForce: Standing = { kind: 'in-force' };

/**
 * Every assignment of a unit's files, given in the order in which systemd reads them (the fragment first, then drop-ins),
 * and what became of it. Of directives that flapd does not know it is taken that they add up, as lists do: such a one is
 * never said to be overridden, but by an empty assignment.
 */
export function unitSettings(files: readonly PlacedFile[], systemdVersion: number): readonly Setting[] {
  const settings: { assignment: PlacedAssignment; standing: Standing }[] = [];
  /** By directive: those that are in force so far. */
  const standing = new Map<string, { assignment: PlacedAssignment; standing: Standing }[]>();
  for (const { file, assignments } of files) {
    for (const each of assignments) {
      const assignment = { ...each, file };
      const setting = { assignment, standing: inForce };
      settings.push(setting);
      const kind = kindOf(each, systemdVersion);
      if (kind === 'unknown' || !isUsable(each, systemdVersion)) {
        setting.standing = { kind: 'ignored' };
        continue;
      }
      const key = keyOf(each);
      const before = standing.get(key) ?? [];
      const replaces = kind === 'scalar' || (kind === 'list' && each.value === '');
      if (replaces) for (const old of before) old.standing = { kind: 'overridden', by: assignment };
      standing.set(key, replaces ? [setting] : [...before, setting]);
    }
  }
  return settings.map((each) => ({ ...each.assignment, standing: each.standing }));
}

/** The assignments of a directive that are in force, in order, under whichever of its names and sections. */
export function inForceOf(
  settings: readonly Setting[],
  section: string,
  directive: string,
): readonly Setting[] {
  const key = keyOf({ section, directive });
  return settings.filter((setting) => setting.standing.kind === 'in-force' && keyOf(setting) === key);
}

/** The value in force of a directive that has one, or undefined where no file sets it. */
export function valueOf(
  settings: readonly Setting[],
  section: string,
  directive: string,
): Setting | undefined {
  return inForceOf(settings, section, directive).at(-1);
}
