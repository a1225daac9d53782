import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type ConfigFiles, findConfigFiles } from '../config/files.ts';
import { defaultConfigDir, firstOf } from '../config/load.ts';
import type { PlacedPolicy } from '../config/placed-policy.ts';
import { maxProblems, type Problem } from '../config/problem.ts';
import { readCauses } from '../config/read-causes.ts';
import { readConfig, readSinkNames } from '../config/read-config.ts';

export interface Checked {
  /** How many files were looked at. */
  readonly files: number;
  readonly manager: 'system' | 'user';
  readonly placed: readonly PlacedPolicy[];
  /** Errors, then warnings. */
  readonly problems: readonly Problem[];
}

/** Looks at these directories and files; at /etc/flapd, which need not be there, where none is named. */
export async function checkOperands(operands: readonly string[]): Promise<Checked> {
  const checks = [];
  for (const operand of operands) checks.push(await checkOperand(operand));
  if (operands.length === 0) checks.push(await checkDirectory(defaultConfigDir, false));
  return {
    files: checks.reduce((sum, { files }) => sum + files, 0),
    manager: checks.some(({ manager }) => manager === 'user') ? 'user' : 'system',
    placed: checks.flatMap(({ placed }) => placed),
    problems: checks.flatMap(({ problems }) => problems),
  };
}

async function checkOperand(operand: string): Promise<Checked> {
  const isFile = await stat(operand).then(
    (stats) => !stats.isDirectory(),
    () => false,
  );
  if (isFile) return checkFile(operand);
  // Whoever names the folder of the policies means them, not a folder with another of its own.
  const isInner = ['policies.d', 'causes.d'].includes(basename(resolve(operand)));
  return checkDirectory(isInner ? join(operand, '..') : operand, true);
}

async function checkDirectory(dir: string, required: boolean): Promise<Checked> {
  return checkFiles(await findConfigFiles(dir, required), dir);
}

/** A file alone; of a flapd.yaml beside its policies.d only the names of the sinks are taken. */
async function checkFile(file: string): Promise<Checked> {
  const none = { policies: [], causes: [], problems: [] };
  if (basename(file) === 'flapd.yaml') return checkFiles({ ...none, main: file }, file);
  const folder = dirname(resolve(file));
  if (basename(folder) === 'causes.d') return checkFiles({ ...none, causes: [file] }, file);
  const main = join(dirname(folder), 'flapd.yaml');
  const sinks = basename(folder) === 'policies.d' ? await readSinkNames(main) : 'not-known';
  return checkFiles({ ...none, policies: [file] }, file, sinks);
}

async function checkFiles(
  files: ConfigFiles,
  place: string,
  sinks?: readonly string[] | 'not-known',
): Promise<Checked> {
  const [reading, causes] = await Promise.all([readConfig(files, sinks), readCauses(files.causes)]);
  return {
    files: files.policies.length + files.causes.length + (files.main === undefined ? 0 : 1),
    manager: reading.main?.manager ?? 'system',
    placed: reading.placed,
    problems: [
      ...firstOf([...reading.problems, ...causes.problems], place),
      ...reading.warnings.slice(0, maxProblems),
    ],
  };
}
