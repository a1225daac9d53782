import { type Problem, renderBySeverity } from '../config/problem.ts';
import type { ExitCode } from '../kit/errors.ts';
import type { Typed } from './args.ts';
import { checkOperands, type Checked } from './check-operands.ts';
import { effectivePolicyOf, policyJson, type EffectivePolicy } from './check-policy.ts';
import { policyTable } from './check-policy-table.ts';
import { restartDelayWarnings } from './check-restart-delays.ts';
import { busOf, textFlag } from './options.ts';
import type { Shell } from './shell.ts';
import { serviceNameOf } from './unit-operands.ts';

/** `flapd check`: exits 2 where there is an error; a warning stops nothing. */
export async function check(typed: Typed, shell: Shell): Promise<ExitCode> {
  const typedUnit = textFlag(typed.flags['unit']);
  const unit = typedUnit === undefined ? undefined : serviceNameOf(typedUnit);
  const checked = await checkOperands(typed.operands);
  const hasErrors = checked.problems.some(({ severity }) => severity === 'error');
  const problems = hasErrors
    ? checked.problems
    : [...checked.problems, ...(await warningsOfTheBus(checked, typed, shell))];
  // Of files with errors the policies are not known, so another one could seem to be the unit's.
  const policy = unit === undefined || hasErrors ? undefined : effectivePolicyOf(unit, checked.placed);
  shell.stdout.write(
    typed.flags['json'] === true ? jsonText(problems, policy) : plainText(checked, problems, unit, policy),
  );
  return hasErrors ? 2 : 0;
}

/** What only a running systemd can tell; nothing where there is none, unless a bus was asked for that can't be one. */
async function warningsOfTheBus(checked: Checked, typed: Typed, shell: Shell): Promise<readonly Problem[]> {
  const manager = typed.flags['user'] === true ? 'user' : checked.manager;
  let address: string;
  try {
    ({ address } = busOf(typed, { manager }, shell));
  } catch (error) {
    if (typed.flags['bus'] !== undefined) throw error;
    return [];
  }
  return restartDelayWarnings(checked.placed, address);
}

function jsonText(problems: readonly Problem[], policy: EffectivePolicy | undefined): string {
  const findings = problems.map(({ id, severity, unit, file, line, column, message, fix }) => ({
    id,
    severity,
    ...(unit === undefined ? {} : { unit }),
    file,
    line,
    column,
    message,
    ...(fix === undefined ? {} : { fix }),
  }));
  const answer = { problems: findings, ...(policy === undefined ? {} : { policy: policyJson(policy) }) };
  return `${JSON.stringify(answer, undefined, 2)}\n`;
}

function plainText(
  { files }: Checked,
  problems: readonly Problem[],
  unit: string | undefined,
  policy: EffectivePolicy | undefined,
): string {
  const parts = [
    ...(problems.length === 0 ? [] : [renderBySeverity(problems)]),
    summary(files, problems),
    ...(policy === undefined ? [] : ['', policyTable(policy)]),
    ...(unit !== undefined && policy === undefined
      ? [`Which policy ${unit} has is not known until the errors are mended.`]
      : []),
  ];
  return `${parts.join('\n')}\n`;
}

function summary(files: number, problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  const counts = [
    ...(errors === 0 ? [] : [count(errors, 'error')]),
    ...(warnings === 0 ? [] : [count(warnings, 'warning')]),
  ];
  const found = counts.length === 0 ? 'No problems' : counts.join(' and ');
  if (files > 0) return `${found} in ${count(files, 'file')}.`;
  return counts.length > 0
    ? `${found}.`
    : 'No problems, and no file: the built-in policy is for every service.';
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
