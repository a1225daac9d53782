import type { Dirent } from 'node:fs';
import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isServiceName, isUnitName } from '../core/unit-name.ts';
import type { UnitDirectory, UnitEntry } from '../core/systemd/unit-search.ts';

/**
 * Looks into the folders of systemd's search path for services, their drop-ins, and sockets. What can't be read, or is not there,
 * as most of these folders, holds none.
 */
export async function readUnitDirectories(paths: readonly string[]): Promise<readonly UnitDirectory[]> {
  const known = new Set(paths);
  return Promise.all(paths.map((path) => readDirectory(path, known)));
}

async function readDirectory(path: string, known: ReadonlySet<string>): Promise<UnitDirectory> {
  const units = new Map<string, UnitEntry>();
  const dropIns = new Map<string, readonly string[]>();
  for (const each of await entriesOf(path)) {
    if (isServiceName(each.name) || isSocketName(each.name)) {
      const entry = await unitEntry(path, each, known);
      if (entry !== undefined) units.set(each.name, entry);
    } else if (each.name === 'service.d' || each.name.endsWith('.service.d')) {
      dropIns.set(each.name, await dropInsIn(join(path, each.name)));
    }
  }
  return { path, units, dropIns };
}

async function unitEntry(
  path: string,
  { name, isSymbolicLink }: { readonly name: string; readonly isSymbolicLink: boolean },
  known: ReadonlySet<string>,
): Promise<UnitEntry | undefined> {
  const file = join(path, name);
  if (!isSymbolicLink) {
    const found = await lstat(file).catch(() => undefined);
    if (found === undefined || !found.isFile()) return undefined;
    return { kind: found.size === 0 ? 'masked' : 'file' };
  }
  const target = resolve(path, await readlink(file).catch(() => name));
  if (target === '/dev/null') return { kind: 'masked' };
  // Whoever links to a file that is not among the unit files, or has the same name there, means that file.
  const isAlias = known.has(dirname(target)) && basename(target) !== name && isUnitName(basename(target));
  if (isAlias) return { kind: 'alias', target: basename(target) };
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return undefined;
  return { kind: found.isCharacterDevice() || found.size === 0 ? 'masked' : 'file' };
}

function isSocketName(name: string): boolean {
  return name.endsWith('.socket') && isUnitName(name);
}

/** Hidden files and folders are passed over (conf-files.c `files_add`). */
async function dropInsIn(folder: string): Promise<readonly string[]> {
  // systemd names them by the folder that a link leads to (dropin.c `unit_file_find_dir`).
  const real = await realpath(folder).catch(() => folder);
  const entries = await entriesOf(real);
  return entries
    .filter(({ name, mayBeFile }) => mayBeFile && name.endsWith('.conf') && !name.startsWith('.'))
    .map(({ name }) => join(real, name));
}

interface Entry {
  readonly name: string;
  readonly isSymbolicLink: boolean;
  readonly mayBeFile: boolean;
}

async function entriesOf(folder: string): Promise<readonly Entry[]> {
  const entries: readonly Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.map((entry) => ({
    name: entry.name,
    isSymbolicLink: entry.isSymbolicLink(),
    mayBeFile: entry.isFile() || entry.isSymbolicLink(),
  }));
}
