import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import path from 'node:path';

/** Which entries of a folder say that the configuration may be another. */
export interface WatchedFolder {
  /** Where the way to a file may turn: links, what is not there yet, `policies.d`, `causes.d`. */
  readonly turns: ReadonlySet<string>;
  /** Files that are read, and nothing lies behind. */
  readonly files: ReadonlySet<string>;
  /** Whether every file of policies, or of causes, in it counts. */
  readonly hasPolicies: boolean;
}

/** By the path of the folder itself, with no link in it. */
export type WatchPlan = ReadonlyMap<string, WatchedFolder>;

/** As the loader reads them (files.ts): no hidden file, and none that an editor keeps beside (`a.yaml~`, `.a.yaml.swp`). */
export const isPolicyFile = (name: string): boolean => /^[^.].*\.yaml$/.test(name);

const mostPolicyFiles = 1000;
/** MAXSYMLINKS of Linux (path_resolution(7)). */
const mostLinks = 40;

interface Draft {
  readonly turns: Set<string>;
  readonly files: Set<string>;
  hasPolicies: boolean;
}

/**
 * The folders to watch for the configuration in `dir`: the three that hold it, those of each link on the way to them or to
 * a file (Kubernetes swaps the link `..data`), and, where something is missing, the nearest one that is there.
 */
export function planWatches(dir: string): WatchPlan {
  const plan = new Map<string, Draft>();
  const top = followFolder(plan, path.resolve(dir));
  if (top === undefined) return plan;
  draftOf(plan, top).files.add('flapd.yaml');
  followFile(plan, path.join(top, 'flapd.yaml'));
  for (const name of ['policies.d', 'causes.d']) {
    draftOf(plan, top).turns.add(name);
    const folder = followFolder(plan, path.join(top, name));
    if (folder === undefined) continue;
    draftOf(plan, folder).hasPolicies = true;
    for (const file of policyFilesIn(folder)) followFile(plan, path.join(folder, file));
  }
  return plan;
}

/** The folder that is found there, if one is. */
function followFolder(plan: Map<string, Draft>, target: string): string | undefined {
  const found = follow(plan, target);
  if (found === undefined || lookAt(found)?.isDirectory() === true) return found;
  draftOf(plan, path.dirname(found)).turns.add(path.basename(found));
  return undefined;
}

/** Where it is no link its folder has it already. */
function followFile(plan: Map<string, Draft>, target: string): void {
  if (lookAt(target)?.isSymbolicLink() !== true) return;
  const found = follow(plan, target);
  if (found !== undefined) draftOf(plan, path.dirname(found)).files.add(path.basename(found));
}

/** The path without links, each of which is noted, or undefined where it ends, which is noted too. */
function follow(plan: Map<string, Draft>, target: string): string | undefined {
  let at = '/';
  let links = 0;
  const left = partsOf(target);
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    const next = path.join(at, name);
    const found = lookAt(next);
    if (found?.isSymbolicLink() === true) {
      draftOf(plan, at).turns.add(name);
      links += 1;
      const to = links > mostLinks ? undefined : linkAt(next);
      if (to === undefined) return undefined;
      if (to.startsWith('/')) at = '/';
      left.unshift(...partsOf(to));
    } else if (found === undefined || (left.length > 0 && !found.isDirectory())) {
      draftOf(plan, at).turns.add(name);
      return undefined;
    } else {
      at = next;
    }
  }
  return at;
}

/** `..` stays: behind a link it is another folder than text would have it. */
function partsOf(target: string): string[] {
  return target.split('/').filter((part) => part !== '' && part !== '.');
}

function draftOf(plan: Map<string, Draft>, folder: string): Draft {
  let draft = plan.get(folder);
  if (draft === undefined) {
    draft = { turns: new Set(), files: new Set(), hasPolicies: false };
    plan.set(folder, draft);
  }
  return draft;
}

/** What can't be looked at counts as missing: it may be let in later. */
function lookAt(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function linkAt(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}

function policyFilesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter(isPolicyFile).slice(0, mostPolicyFiles);
  } catch {
    return [];
  }
}
