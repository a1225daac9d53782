import { basename } from 'node:path';
import { builtInPolicy } from '../core/policy.ts';
import { isRecord } from '../kit/record.ts';
import { maxProblems, type Problem, type ProblemKind, quote } from './problem.ts';
import { maxPolicies } from './schema.ts';
import type { YamlSource } from './yaml-source.ts';

interface PlacedName {
  readonly name: string;
  readonly problem: (message: string, kind?: ProblemKind) => Problem;
}

const duplicate: ProblemKind = { id: 'duplicate-name', severity: 'error', fix: 'give it another name' };

/** The name of a policy that gives none: `10-web-2` is the second of 10-web.yaml. */
export function fallbackName(file: string, index: number): string {
  return `${basename(file, '.yaml')}-${index + 1}`;
}

/**
 * Policies of the same name, in one file or two, and more policies than there may be. Looks at the files as they were
 * written, so that a name is compared even where its policy has other mistakes.
 */
export function policyNameProblems(sources: readonly YamlSource[]): Problem[] {
  const placed = sources.flatMap(namesIn);
  const owners = new Map<string, () => string>([[builtInPolicy.name, () => 'the built-in policy has it']]);
  const problems: Problem[] = [];
  for (const { name, problem } of placed.slice(0, maxPolicies)) {
    if (problems.length > maxProblems) break;
    const owner = owners.get(name);
    if (owner) problems.push(problem(`duplicate policy name ${quote(name)}; ${owner()}`, duplicate));
    else owners.set(name, () => `first used at ${placeOf(problem(''))}`);
  }
  const surplus = placed[maxPolicies]?.problem(
    `one policy too many; expected at most ${maxPolicies} in all files`,
  );
  return surplus ? [...problems, surplus] : problems;
}

function namesIn(source: YamlSource): PlacedName[] {
  const policies = isRecord(source.value) ? source.value['policies'] : undefined;
  if (!Array.isArray(policies)) return [];
  return policies.flatMap((policy: unknown, index): PlacedName[] => {
    if (!isRecord(policy)) return [];
    const { name = fallbackName(source.file, index) } = policy;
    if (typeof name !== 'string') return [];
    return [
      {
        name,
        problem: (message, kind) => source.problemAtValue(['policies', index, 'name'], message, kind),
      },
    ];
  });
}

function placeOf({ file, line, column }: Problem): string {
  return `${file}:${line}:${column}`;
}
