import { type Directive, directiveValue, sectionOf } from './directive.ts';
import { dropInName } from './drop-in.ts';
import { type PlacedAssignment, type PlacedFile, unitSettings } from '../systemd/unit-settings.ts';

/**
 * What takes the last word from a drop-in of ours: an assignment in a file that is read after it, or, of a list to which
 * ours adds, one that empties it. Undefined where ours has it.
 */
export function overriderOf(
  files: readonly PlacedFile[],
  directive: Directive,
  systemdVersion: number,
): PlacedAssignment | undefined {
  const [fragment, ...dropIns] = files;
  if (fragment === undefined) return undefined;
  const others = dropIns.filter(({ file }) => nameOf(file) !== dropInName);
  const place = others.findIndex(({ file }) => nameOf(file) > dropInName);
  const at = place === -1 ? others.length : place;
  const ordered = [fragment, ...others.slice(0, at), ourFile(directive), ...others.slice(at)];
  const own = unitSettings(ordered, systemdVersion).find(({ file }) => file === dropInName);
  return own?.standing.kind === 'overridden' ? own.standing.by : undefined;
}

function ourFile(directive: Directive): PlacedFile {
  const { name } = directive;
  const assignment = {
    section: sectionOf(name),
    directive: name,
    value: directiveValue(directive),
    line: 1,
    lastLine: 1,
    column: 1,
  };
  return { file: dropInName, assignments: [assignment], faults: [] };
}

/** Drop-ins of all folders are read in the order of their names (dropin.c `unit_file_find_dropin_paths`). */
function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
