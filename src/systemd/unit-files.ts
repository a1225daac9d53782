import { readFile, stat } from 'node:fs/promises';
import { parseUnitFile } from '../core/systemd/unit-file.ts';
import { findUnitFiles, type UnitDirectory, type UnitFilePaths } from '../core/systemd/unit-search.ts';
import type { PlacedFile } from '../core/systemd/unit-settings.ts';
import type { Manager } from './manager.ts';
import { readUnitDirectories } from './unit-directories.ts';

export interface ReadUnitFiles extends UnitFilePaths {
  /** The fragment first, then the drop-ins, as systemd reads them; none of a unit without a fragment or that is masked. */
  readonly files: readonly PlacedFile[];
  /** Those that could not be read, and why: what is in them is not known. */
  readonly unread: readonly { readonly file: string; readonly found: string }[];
}

export interface UnitFiles extends ReadUnitFiles {
  /** systemd has it in memory: its files are those that it has read, though they may have changed since. */
  readonly loaded: boolean;
}

/** A unit file is some kilobytes; systemd refuses a line of a megabyte. */
const mostFileBytes = 4 * 1024 * 1024;

/** The folders in which this manager looks for unit files now. */
export async function unitDirectoriesOf(manager: Manager): Promise<readonly UnitDirectory[]> {
  return readUnitDirectories(await manager.unitPath());
}

/**
 * The files of a service, in systemd's order. Of one that is loaded systemd says which; one that is not is looked for in
 * `directories`, since asking systemd about it would load it. The name may be an alias or a template.
 */
export async function readUnitFiles(
  manager: Manager,
  unit: string,
  directories: readonly UnitDirectory[],
): Promise<UnitFiles> {
  const inMemory = await manager.loadedFiles(unit);
  const read = await readFound(inMemory ?? findUnitFiles(directories, unit));
  return { ...read, loaded: inMemory !== undefined };
}

/** What is in these files. */
export async function readFound(paths: UnitFilePaths): Promise<ReadUnitFiles> {
  const { fragment, masked, dropIns } = paths;
  const names = fragment === undefined || masked ? [] : [fragment, ...dropIns];
  const read = await Promise.all(names.map(readPlaced));
  return {
    ...paths,
    files: read.filter((each) => 'assignments' in each),
    unread: read.filter((each) => 'found' in each),
  };
}

type Unread = UnitFiles['unread'][number];

async function readPlaced(file: string): Promise<PlacedFile | Unread> {
  try {
    const stats = await stat(file);
    // A link to /dev/null takes a drop-in of the same name out; a pipe would keep whoever reads it waiting.
    if (stats.isCharacterDevice()) return { file, assignments: [], faults: [] };
    if (!stats.isFile()) return { file, found: 'it is not a file' };
    if (stats.size > mostFileBytes) return { file, found: `it is larger than ${mostFileBytes} bytes` };
    return { file, ...parseUnitFile(await readFile(file, 'utf8')) };
  } catch (error) {
    // A link that leads nowhere is as good as empty (conf-parser.c `config_parse`).
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { file, assignments: [], faults: [] };
    return { file, found: error instanceof Error ? error.message : String(error) };
  }
}
