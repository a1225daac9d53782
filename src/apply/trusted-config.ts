import { codeOf } from '../kit/errors.ts';
import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { loadConfig, type Config } from '../config/load.ts';
import { renderProblems } from '../config/problem.ts';
import { holdChild, holdFolder, letGo, within, type HeldFolder } from '../kit/held-folder.ts';

/** The configuration by which files of systemd's may be changed, or why it can't be gone by, as a clause. */
export type TrustedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly reason: string; readonly hint: string };

/**
 * Policies say which units root's files may be changed for: they are gone by only where nobody else could have written
 * them, nor put others in their place. The folder on the way, and each file, belongs to `owner`, is no link, and is
 * writable by nobody else. `root` is for tests. Where there is no folder the built-in policy holds.
 */
export async function loadTrustedConfig(dir: string, owner: number, root = '/'): Promise<TrustedConfig> {
  const hold = holdFolder(dir, owner, root);
  if (hold.kind === 'refused') return untrusted(hold.reason, dir);
  if (hold.kind === 'held') {
    const fault = faultBelow(hold.folder, owner);
    letGo(hold.folder);
    if (fault !== undefined) return untrusted(fault, dir);
  }
  const loaded = await loadConfig(path.join(root, dir), { required: false, causes: 'left-out' });
  if (loaded.ok) return loaded;
  const [first = ''] = renderProblems(loaded.problems).split('\n');
  return { ok: false, reason: `the configuration has a mistake: ${first}`, hint: `flapd check ${dir}` };
}

function faultBelow(folder: HeldFolder, owner: number): string | undefined {
  const main = faultOf(folder, 'flapd.yaml', owner);
  if (main !== undefined) return main;
  const hold = holdChild(folder, 'policies.d', owner);
  if (hold.kind === 'absent') return undefined;
  if (hold.kind === 'refused') return hold.reason;
  const policies = hold.folder;
  try {
    const names = readdirSync(`/proc/self/fd/${policies.fd}`).filter((name) => name.endsWith('.yaml'));
    return names.map((name) => faultOf(policies, name, owner)).find((fault) => fault !== undefined);
  } finally {
    letGo(policies);
  }
}

function faultOf(folder: HeldFolder, name: string, owner: number): string | undefined {
  const shown = path.join(folder.path, name);
  try {
    const stats = lstatSync(within(folder, name));
    if (!stats.isFile()) return `${shown} is a link, or no file`;
    if (stats.uid !== owner) return `${shown} belongs to user ${stats.uid}, not to user ${owner}`;
    return (stats.mode & 0o022) === 0 ? undefined : `${shown} is writable by others`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function untrusted(reason: string, dir: string): TrustedConfig {
  return {
    ok: false,
    reason: `${reason}, so that it could say what root never wrote`,
    hint: `ls -lR ${dir}`,
  };
}
