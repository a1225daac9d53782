import { isServiceName, splitUnitName } from '../unit-name.ts';

/** What a name in a folder of unit files stands for. */
export type UnitEntry =
  | { readonly kind: 'file' }
  /** A link to another unit name within the folders: that unit is the one that is meant. */
  | { readonly kind: 'alias'; readonly target: string }
  /** A link to /dev/null, or an empty file: there is no such unit, whatever later folders hold. */
  | { readonly kind: 'masked' };

/** One folder of systemd's search path, as `systemd-analyze unit-paths` lists them. */
export interface UnitDirectory {
  readonly path: string;
  /** Services, and the sockets that may start them. */
  readonly units: ReadonlyMap<string, UnitEntry>;
  /** The `*.conf` in each folder of drop-ins, with the path that it really has, by the folder's name: `foo.service.d`. */
  readonly dropIns: ReadonlyMap<string, readonly string[]>;
}

export interface UnitFilePaths {
  /** The unit's own name, where an alias was asked for. */
  readonly unit: string;
  /** The unit file; of a masked unit, what masks it. Undefined where no folder has one. */
  readonly fragment: string | undefined;
  readonly masked: boolean;
  /**
   * In the order in which systemd reads them: of what may be set once, the last one has the last word. None where there is
   * no unit that they could be for, masked or not found; 252 names those of a masked unit, 257 and 262 do not.
   */
  readonly dropIns: readonly string[];
}

/** As unit-file.c: a chain of aliases that goes on for longer leads nowhere. */
const longestAliasChain = 8;

/**
 * The files of a unit that need not be loaded, by systemd's own rules (unit-file.c `unit_file_find_fragment`, dropin.c
 * `unit_file_find_dropin_paths`; tried on 252, 257, 262). `directories` in the order of the search path, strongest first.
 */
export function findUnitFiles(directories: readonly UnitDirectory[], name: string): UnitFilePaths {
  const found = resolve(directories, name);
  if (found.masked || found.fragment === undefined) return { ...found, dropIns: [] };
  const names = [found.unit, ...aliasesOf(directories, found.unit)];
  return { ...found, dropIns: dropInsOf(directories, names) };
}

/** Every service that has a unit file of its own: no aliases, no masks; templates too. */
export function installedServices(directories: readonly UnitDirectory[]): readonly string[] {
  const names = new Set(directories.flatMap(({ units }) => [...units.keys()]));
  return [...names]
    .filter((name) => isServiceName(name) && entryOf(directories, name)?.entry.kind === 'file')
    .sort();
}

/** Whether a socket unit of the same name starts the service when somebody connects (systemd.socket(5), Service=). */
export function hasSocketNamed(directories: readonly UnitDirectory[], service: string): boolean {
  const parts = splitUnitName(service);
  if (parts === undefined) return false;
  const names = [
    `${parts.prefix}.socket`,
    ...(parts.instance === undefined ? [] : [`${parts.prefix}@.socket`]),
  ];
  return names.some((name) => entryOf(directories, name)?.entry.kind === 'file');
}

function resolve(directories: readonly UnitDirectory[], name: string): Omit<UnitFilePaths, 'dropIns'> {
  let unit = name;
  for (let hop = 0; hop < longestAliasChain; hop += 1) {
    const template = templateOf(unit);
    const found =
      entryOf(directories, unit) ?? (template === undefined ? undefined : entryOf(directories, template));
    if (found === undefined) return { unit, fragment: undefined, masked: false };
    const { entry, file } = found;
    if (entry.kind !== 'alias') return { unit, fragment: file, masked: entry.kind === 'masked' };
    unit = instanceLike(entry.target, unit);
  }
  return { unit: name, fragment: undefined, masked: false };
}

/** The first folder that has the name says what it is. */
function entryOf(
  directories: readonly UnitDirectory[],
  name: string,
): { readonly entry: UnitEntry; readonly file: string } | undefined {
  for (const { path, units } of directories) {
    const entry = units.get(name);
    if (entry !== undefined) return { entry, file: `${path}/${name}` };
  }
  return undefined;
}

function aliasesOf(directories: readonly UnitDirectory[], unit: string): readonly string[] {
  const aliases = allAliases(directories)
    .map((name) => instanceLike(name, unit))
    .filter((name) => name !== unit && resolve(directories, name).unit === unit);
  return [...new Set(aliases)];
}

/** Few among the many names: looked for once, not for each unit. */
const aliasesIn = new WeakMap<readonly UnitDirectory[], readonly string[]>();

function allAliases(directories: readonly UnitDirectory[]): readonly string[] {
  const known = aliasesIn.get(directories);
  if (known !== undefined) return known;
  const found = directories
    .flatMap(({ units }) => [...units])
    .filter(([, entry]) => entry.kind === 'alias')
    .map(([name]) => name);
  aliasesIn.set(directories, found);
  return found;
}

/** `b@.service` for `a@x.service` is `b@x.service`; any other name is itself. */
function instanceLike(name: string, like: string): string {
  const parts = splitUnitName(name);
  const instance = splitUnitName(like)?.instance;
  if (parts?.instance !== '' || instance === undefined) return name;
  return `${parts.prefix}@${instance}${parts.suffix}`;
}

function templateOf(name: string): string | undefined {
  const parts = splitUnitName(name);
  return parts?.instance === undefined || parts.instance === ''
    ? undefined
    : `${parts.prefix}@${parts.suffix}`;
}

/** Of files with one name the first one found counts; all are read in the order of their names. */
function dropInsOf(directories: readonly UnitDirectory[], names: readonly string[]): readonly string[] {
  const byName = new Map<string, string>();
  const look = (directory: UnitDirectory, folder: string): void => {
    for (const file of directory.dropIns.get(folder) ?? []) {
      const name = file.slice(file.lastIndexOf('/') + 1);
      if (!byName.has(name)) byName.set(name, file);
    }
  };
  for (const name of names)
    for (const directory of directories) for (const each of dropInNames(name)) look(directory, `${each}.d`);
  const suffix = splitUnitName(names[0] ?? '')?.suffix ?? '.service';
  for (const directory of directories) look(directory, `${suffix.slice(1)}.d`);
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
}

/**
 * The names whose drop-ins are a unit's too, most specific first: of `foo-bar@x.service` itself, `foo-bar@.service`,
 * `foo-.service`, `foo-@x.service`, `foo-@.service` (dropin.c `unit_file_find_dirs`).
 */
export function dropInNames(name: string): readonly string[] {
  const parts = splitUnitName(name);
  if (parts === undefined) return [name];
  const { prefix, instance, suffix } = parts;
  const template = templateOf(name);
  const shorter = shorterPrefix(prefix);
  const held = instance === undefined || instance === '' ? '' : `@${instance}`;
  return [
    ...new Set([
      name,
      ...(template === undefined ? [] : dropInNames(template)),
      ...(shorter === undefined ? [] : dropInNames(`${shorter}${held}${suffix}`)),
    ]),
  ];
}

/** Up to and with the last dash that something follows: `foo-` of `foo-bar`, and of `foo-bar-` too. */
function shorterPrefix(prefix: string): string | undefined {
  const whole = prefix.endsWith('-') ? prefix.slice(0, -1) : prefix;
  const dash = whole.lastIndexOf('-');
  return dash > 0 ? whole.slice(0, dash + 1) : undefined;
}
