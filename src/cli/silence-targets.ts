import { silenceTarget } from '../core/silence.ts';
import { AppError } from '../kit/errors.ts';
import type { Typed } from './args.ts';
import { busOf, configOf } from './options.ts';
import type { Shell } from './shell.ts';
import { canonicalNames } from './unit-operands.ts';

/** What was typed, as a silence has it. */
export interface Target {
  readonly unit: string;
  readonly isPattern: boolean;
  /** Why it may silence nothing, for the person who types. */
  readonly warning?: string;
}

/** Throws an AppError where one of the operands can never be a service. */
export function targetsOf({ verb, operands }: Typed): readonly Target[] {
  return operands.map((text) => {
    const target = silenceTarget(text);
    if (target.ok) return target;
    const expected = 'a service such as "logstash.service", or a pattern such as "web@*"';
    throw new AppError(`Cannot ${verb.name} "${text}": ${target.found}; expected ${expected}`, {
      exitCode: 2,
      hint: 'systemctl list-units --type=service',
    });
  });
}

/** Which daemon is meant. A configuration with a mistake in it is no reason not to silence what is being mended. */
export async function managerOf(typed: Typed): Promise<'system' | 'user'> {
  if (typed.flags['user'] === true) return 'user';
  try {
    return (await configOf(typed)).manager;
  } catch (error) {
    if (error instanceof AppError && typed.flags['config'] === undefined) return 'system';
    throw error;
  }
}

/**
 * Under the names that systemd has for them: the daemon knows no aliases. A silence is a file, and does without systemd;
 * where it can't be asked, what was typed is taken as it is.
 */
export async function canonicalTargets(
  targets: readonly Target[],
  manager: 'system' | 'user',
  typed: Typed,
  shell: Shell,
): Promise<readonly Target[]> {
  const found = new Map<string, Target>();
  let isReachable = true;
  for (const target of targets) {
    let named = target;
    try {
      if (isReachable && !target.isPattern) {
        const names = await canonicalNames(busOf(typed, { manager }, shell).address, [target.unit]);
        named = { ...target, unit: names.get(target.unit) ?? target.unit };
      }
    } catch (error) {
      if (!(error instanceof AppError) || isUsage(error, typed)) throw error;
      isReachable = error.exitCode !== 3;
      if (isReachable) named = { ...target, warning: `systemd knows no ${target.unit} now` };
    }
    found.set(named.unit, named);
  }
  return [...found.values()];
}

/** Only what was typed as `--bus` can be wrong by itself. */
function isUsage({ message }: AppError, { flags }: Typed): boolean {
  return flags['bus'] !== undefined && message.startsWith('Cannot use bus address');
}
