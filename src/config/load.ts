import type { OperatorCause } from '../core/evidence/operator-cause.ts';
import { builtInPolicy, type Policy } from '../core/policy.ts';
import type { SinkSettings } from '../core/sink-settings.ts';
import { type ConfigFiles, findConfigFiles } from './files.ts';
import { defaultListen, type Listen } from './listen.ts';
import { maxProblems, type Problem, problemOf } from './problem.ts';
import { type ConfigReading, readConfig } from './read-config.ts';
import { readCauses } from './read-causes.ts';
import { defaultBackfillMs } from './schema.ts';
import { sinkOf } from './sink-entry.ts';

export interface Config {
  readonly listen: Listen;
  readonly manager: 'system' | 'user';
  /** Whether any remedy may be applied on this host, whatever the policies say. */
  readonly apply: 'on' | 'off';
  /** How far back the journal is read at start; 0 for not at all. */
  readonly backfillMs: number;
  /** Ways to tell somebody, by name. */
  readonly sinks: Readonly<Record<string, SinkSettings>>;
  /** In the order in which they are tried; the built-in one is last. */
  readonly policies: readonly Policy[];
  /** Causes that operators know of. */
  readonly causes: readonly OperatorCause[];
  /** Every file that was read. */
  readonly files: readonly string[];
  /** What stops nothing, but is hardly meant. */
  readonly warnings: readonly Problem[];
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export const defaultConfigDir = '/etc/flapd';

/**
 * The configuration below `dir`, or everything that is wrong with it; nothing that the files are or hold is thrown.
 * Where nobody asked for this directory by name (`required` false), its absence means the defaults. Who changes units need
 * not know the causes of an operator, and is not to be stopped by a mistake in them.
 */
export async function loadConfig(
  dir: string,
  options: { required: boolean; causes?: 'left-out' },
): Promise<ConfigResult> {
  const files = await findConfigFiles(dir, options.required);
  const [reading, { causes, problems }] = await Promise.all([
    readConfig(files),
    readCauses(options.causes === 'left-out' ? [] : files.causes),
  ]);
  const all = [...reading.problems, ...problems];
  if (all.length > 0) return { ok: false, problems: firstOf(all, dir) };
  return { ok: true, config: configOf(reading, causes, files) };
}

/** As many problems as help, and that there are more. */
export function firstOf(problems: readonly Problem[], dir: string): readonly Problem[] {
  if (problems.length <= maxProblems) return problems;
  return [
    ...problems.slice(0, maxProblems),
    problemOf(dir, `more than ${maxProblems} problems; mend these first`),
  ];
}

function configOf(
  { main, placed, warnings }: ConfigReading,
  causes: readonly OperatorCause[],
  files: ConfigFiles,
): Config {
  return {
    listen: main?.listen ?? defaultListen,
    manager: main?.manager ?? 'system',
    apply: main?.apply ?? 'on',
    backfillMs: main?.backfill ?? defaultBackfillMs,
    sinks: Object.fromEntries(Object.entries(main?.sinks ?? {}).map(([name, sink]) => [name, sinkOf(sink)])),
    policies: [...placed.map(({ policy }) => policy), builtInPolicy],
    causes,
    files: [...(files.main === undefined ? [] : [files.main]), ...files.policies, ...files.causes],
    warnings,
  };
}
