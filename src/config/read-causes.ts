import type { OperatorCause } from '../core/evidence/operator-cause.ts';
import { type CausesFile, causesFile, maxCauses, ownCauseNames } from './cause-schema.ts';
import { type Expressions, loadExpressions } from './expression.ts';
import { type Problem, problemOf, quote } from './problem.ts';
import { newBudget, readFile } from './read-config.ts';

export interface CausesReading {
  readonly causes: readonly OperatorCause[];
  readonly problems: readonly Problem[];
}

/** What causes.d/*.yaml define, or everything that is wrong with them. */
export async function readCauses(files: readonly string[]): Promise<CausesReading> {
  const [first] = files;
  if (first === undefined) return { causes: [], problems: [] };
  const expressions = await loadExpressions().catch(() => undefined);
  if (expressions === undefined) {
    const message =
      'flapd-re2.cjs, which reads its expressions, is not beside flapd.cjs; expected both, as they are built';
    return { causes: [], problems: [problemOf(first, message)] };
  }
  const schema = causesFile(expressions.problem);
  const budget = newBudget();
  const causes: OperatorCause[] = [];
  const problems: Problem[] = [];
  const owners = new Map<string, string>();
  for (const file of files) {
    const { source, value, problems: found } = await readFile(file, schema, budget);
    problems.push(...found);
    for (const [index, entry] of (value?.causes ?? []).entries()) {
      const { name } = entry;
      const owner = ownCauseNames.has(name) ? 'flapd has a cause of its own of that name' : owners.get(name);
      const at = source?.problemAtValue(
        ['causes', index, 'name'],
        `duplicate cause name ${quote(name)}; ${owner}`,
        {
          id: 'duplicate-name',
          severity: 'error',
          fix: 'give it another name',
        },
      );
      if (owner !== undefined && at !== undefined) problems.push(at);
      owners.set(name, `first used in ${file}`);
      causes.push(causeOf(entry, expressions));
    }
  }
  if (causes.length > maxCauses)
    problems.push(problemOf(first, `${causes.length} causes in all files; expected at most ${maxCauses}`));
  return { causes, problems };
}

type Entry = NonNullable<CausesFile['causes']>[number];

function causeOf(
  { name, pattern, match = ['*'], title, hint, runbook }: Entry,
  { compile }: Expressions,
): OperatorCause {
  return { name, match, fits: compile(pattern), title, hint, runbook };
}
