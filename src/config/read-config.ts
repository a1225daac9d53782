import type { GenericSchema, InferOutput } from 'valibot';
import type { ConfigFiles } from './files.ts';
import { notifyProblems, sinkNamesIn } from './notify-names.ts';
import type { PlacedPolicy } from './placed-policy.ts';
import { policyOf } from './policy-entry.ts';
import { fallbackName, policyNameProblems } from './policy-names.ts';
import { policyWarnings } from './policy-warnings.ts';
import { comparePlaces, maxProblems, type Problem, problemOf } from './problem.ts';
import { flapdFile, policiesFile } from './schema.ts';
import { readTextFile } from './text-file.ts';
import { validate } from './validate.ts';
import { maxYamlTokens, type YamlBudget } from './yaml-guard.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

/** With {@link maxYamlTokens} it keeps the worst load at a second (0.8 s measured, Node 20, 2 vCPU). */
const maxCharacters = 2 ** 21;

/** What all files of one load may still take. */
export interface Budget extends YamlBudget {
  characters: number;
}

export function newBudget(): Budget {
  return { tokens: maxYamlTokens, characters: maxCharacters };
}

interface FileReading<Value> {
  /** Absent where the file is no YAML. */
  readonly source?: YamlSource;
  /** Absent where there are problems. */
  readonly value?: Value;
  readonly problems: readonly Problem[];
}

export interface ConfigReading {
  /** What flapd.yaml says; undefined where there is none, or none without problems. */
  readonly main: InferOutput<typeof flapdFile> | undefined;
  /** The policies of the files without problems, in the order in which they are tried. */
  readonly placed: readonly PlacedPolicy[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/**
 * Reads these files, and says everything that is wrong with them. `sinks` are the names that `notify` may use;
 * undefined: those of the flapd.yaml among the files.
 */
export async function readConfig(
  files: ConfigFiles,
  sinks?: readonly string[] | 'not-known',
): Promise<ConfigReading> {
  const problems = [...files.problems];
  const budget = newBudget();
  const main = files.main === undefined ? undefined : await readFile(files.main, flapdFile, budget);
  problems.push(...(main?.problems ?? []));
  const sources: YamlSource[] = [];
  const placed: PlacedPolicy[] = [];
  for (const file of files.policies) {
    const reading = await readFile(file, policiesFile, budget);
    problems.push(...reading.problems);
    if (reading.source) sources.push(reading.source);
    for (const [index, entry] of (reading.value?.policies ?? []).entries()) {
      if (reading.source)
        placed.push({ policy: policyOf(entry, fallbackName(file, index)), source: reading.source, index });
    }
    if (problems.length > maxProblems) break;
  }
  problems.push(...policyNameProblems(sources));
  // A flapd.yaml that is no YAML may define any sink.
  const known = sinks ?? (main && !main.source ? 'not-known' : sinkNamesIn(main?.source));
  if (known !== 'not-known')
    problems.push(...sources.flatMap((source) => notifyProblems(source, known)).slice(0, maxProblems + 1));
  return { main: main?.value, placed, problems, warnings: policyWarnings(placed) };
}

/** The names of the sinks in a flapd.yaml that is not itself looked at. */
export async function readSinkNames(file: string): Promise<readonly string[] | 'not-known'> {
  const read = await readTextFile(file);
  const source = read.ok ? readYaml(file, read.text, { tokens: maxYamlTokens }).source : undefined;
  return source ? sinkNamesIn(source) : 'not-known';
}

/** One file, held against its schema. */
export async function readFile<Schema extends GenericSchema>(
  file: string,
  schema: Schema,
  budget: Budget,
): Promise<FileReading<InferOutput<Schema>>> {
  const read = await readTextFile(file);
  if (!read.ok) return { problems: [read.problem] };
  budget.characters -= read.text.length;
  if (budget.characters < 0) {
    return {
      problems: [problemOf(file, `larger than ${maxCharacters / 2 ** 20} MiB with the files before it`)],
    };
  }
  const { source, problems } = readYaml(file, read.text, budget);
  if (!source) return { problems };
  const validation = validate(schema, source);
  if (validation.ok && problems.length === 0) return { source, value: validation.value, problems };
  return {
    source,
    problems: [...problems, ...(validation.ok ? [] : validation.problems)].toSorted(comparePlaces),
  };
}
