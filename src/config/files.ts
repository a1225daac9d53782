import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Problem, problemOf } from './problem.ts';
import { systemReason } from './text-file.ts';

export interface ConfigFiles {
  /** flapd.yaml, where there is one. */
  readonly main?: string;
  /** policies.d/*.yaml in lexical order. */
  readonly policies: readonly string[];
  readonly problems: readonly Problem[];
}

const maxPolicyFiles = 1000;

/** The files of a configuration directory. An absent one has none, and is a problem only where it is `required`. */
export async function findConfigFiles(dir: string, required: boolean): Promise<ConfigFiles> {
  const top = await list(dir);
  if (!top.ok) return { policies: [], problems: top.isAbsent && !required ? [] : [top.problem] };
  const policiesDir = join(dir, 'policies.d');
  const inner = top.names.includes('policies.d') ? await list(policiesDir) : undefined;
  const names = inner?.ok ? inner.names.filter((name) => /^[^.].*\.yaml$/.test(name)).sort() : [];
  const problems = [
    ...misnamed(
      dir,
      top.names.filter((name) => name === 'flapd.yml'),
    ),
    ...(inner?.ok
      ? misnamed(
          policiesDir,
          inner.names.filter((name) => /^[^.].*\.yml$/.test(name)),
        )
      : []),
    ...(inner && !inner.ok ? [inner.problem] : []),
    ...(names.length > maxPolicyFiles
      ? [problemOf(policiesDir, `${names.length} files; expected at most ${maxPolicyFiles}`)]
      : []),
  ];
  return {
    ...(top.names.includes('flapd.yaml') ? { main: join(dir, 'flapd.yaml') } : {}),
    policies: names.slice(0, maxPolicyFiles).map((name) => join(policiesDir, name)),
    problems,
  };
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
