import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Problem, problemOf } from './problem.ts';
import { systemReason } from './text-file.ts';

export interface ConfigFiles {
  /** flapd.yaml, where there is one. */
  readonly main?: string;
  /** policies.d/*.yaml in lexical order. */
  readonly policies: readonly string[];
  /** causes.d/*.yaml in lexical order. */
  readonly causes: readonly string[];
  readonly problems: readonly Problem[];
}

const maxFiles = 1000;

/** The files of a configuration directory. An absent one has none, and is a problem only where it is `required`. */
export async function findConfigFiles(dir: string, required: boolean): Promise<ConfigFiles> {
  const top = await list(dir);
  if (!top.ok) return { policies: [], causes: [], problems: top.isAbsent && !required ? [] : [top.problem] };
  const misnamedMain = top.names.filter((name) => name === 'flapd.yml');
  const [policies, causes] = await Promise.all(
    ['policies.d', 'causes.d'].map((name) => yamlFilesIn(join(dir, name), top.names.includes(name))),
  );
  return {
    ...(top.names.includes('flapd.yaml') ? { main: join(dir, 'flapd.yaml') } : {}),
    policies: policies?.files ?? [],
    causes: causes?.files ?? [],
    problems: [...misnamed(dir, misnamedMain), ...(policies?.problems ?? []), ...(causes?.problems ?? [])],
  };
}

async function yamlFilesIn(
  dir: string,
  isThere: boolean,
): Promise<{ readonly files: readonly string[]; readonly problems: readonly Problem[] }> {
  if (!isThere) return { files: [], problems: [] };
  const inner = await list(dir);
  if (!inner.ok) return { files: [], problems: [inner.problem] };
  const names = inner.names.filter((name) => /^[^.].*\.yaml$/.test(name)).sort();
  const problems = misnamed(
    dir,
    inner.names.filter((name) => /^[^.].*\.yml$/.test(name)),
  );
  if (names.length > maxFiles)
    problems.push(problemOf(dir, `${names.length} files; expected at most ${maxFiles}`));
  return { files: names.slice(0, maxFiles).map((name) => join(dir, name)), problems };
}

type Listing =
  | { readonly ok: true; readonly names: readonly string[] }
  | { readonly ok: false; readonly isAbsent: boolean; readonly problem: Problem };

async function list(dir: string): Promise<Listing> {
  try {
    return { ok: true, names: await readdir(dir) };
  } catch (thrown) {
    const isAbsent = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
    return { ok: false, isAbsent, problem: problemOf(dir, `cannot be read: ${systemReason(thrown)}`) };
  }
}

/** A file that would silently not count. */
function misnamed(dir: string, names: readonly string[]): Problem[] {
  return names.map((name) =>
    problemOf(join(dir, name), 'the name ends in .yml and would not be read; rename it to .yaml'),
  );
}
