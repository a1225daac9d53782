import { open, stat } from 'node:fs/promises';
import type { ChangeKind, ChangeView } from '../core/evidence/change.ts';
import type { ServiceFacts } from '../core/evidence/evidence.ts';
import { plainText } from '../core/log-text.ts';
import { packageChanges } from '../core/evidence/package-log.ts';
import { ownView } from './view.ts';

export interface Changeable {
  readonly fragmentPath: string | undefined;
  readonly dropInPaths: readonly string[];
  readonly facts: ServiceFacts | undefined;
}

/** What package managers write; the end of a year's log is the latest of it. */
const packageLogs = ['/var/log/dpkg.log', '/var/log/dnf.rpm.log'];
const mostLogBytes = 256 * 1024;
const mostFiles = 40;

const changeWords: Readonly<Record<Exclude<ChangeKind, 'package'>, (path: string) => string>> = {
  'unit-file': (path) => `unit file ${path} was changed`,
  'drop-in': (path) => `drop-in ${path} was changed`,
  executable: (path) => `program ${path} was changed`,
  config: (path) => `${path}, which its settings name, was changed`,
};

/** When each file that a service is made of changed last, and what packages were changed. What can't be read is left out. */
export async function changesOf({
  fragmentPath,
  dropInPaths,
  facts,
}: Changeable): Promise<readonly ChangeView[]> {
  const { prefix } = await ownView();
  const files = new Map<string, Exclude<ChangeKind, 'package'>>();
  if (fragmentPath !== undefined) files.set(fragmentPath, 'unit-file');
  for (const path of dropInPaths) files.set(path, 'drop-in');
  for (const { argv } of facts?.commands ?? []) {
    const [program = '', ...rest] = argv;
    if (program.startsWith('/')) files.set(program, 'executable');
    for (const path of rest.flatMap(pathsOfArgument)) if (!files.has(path)) files.set(path, 'config');
  }
  for (const path of facts?.environmentFiles ?? []) files.set(path, 'config');
  const [changed, packages] = await Promise.all([
    Promise.all([...files].slice(0, mostFiles).map(([path, kind]) => changeOf(prefix, path, kind))),
    Promise.all(packageLogs.map(async (path) => packageChanges(await tailOf(prefix + path)))),
  ]);
  return [...changed.flat(), ...packages.flat()];
}

/** `/etc/x.conf`, `--config=/etc/x.conf`, `-c/etc/x.conf` */
function pathsOfArgument(argument: string): readonly string[] {
  const path = /^(?:-{1,2}[\w-]{1,60}=?)?(\/[^\s"']{1,300})$/.exec(argument)?.[1];
  return path === undefined ? [] : [path];
}

/**
 * The change time: a package keeps the modification time of its build, and so does `cp -p`. A folder changes when a file
 * comes or goes in it.
 */
async function changeOf(
  prefix: string,
  path: string,
  kind: Exclude<ChangeKind, 'package'>,
): Promise<readonly ChangeView[]> {
  try {
    const { ctimeMs } = await stat(prefix + path);
    return [
      {
        at: new Date(ctimeMs).toISOString(),
        kind,
        what: plainText(changeWords[kind](path), 400),
      },
    ];
  } catch {
    return [];
  }
}

async function tailOf(file: string): Promise<string> {
  try {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, mostLogBytes);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}
