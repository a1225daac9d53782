import { defaultConfigDir, loadConfig, type Config, type ConfigResult } from '../config/load.ts';
import { renderProblems } from '../config/problem.ts';
import { AppError } from '../kit/errors.ts';
import { busAddress } from '../systemd/bus-address.ts';
import type { Typed } from './args.ts';
import type { Shell } from './shell.ts';

/** The directory that `--config` names, or the usual one. */
export function configDirOf({ flags }: Typed): string {
  const dir = textFlag(flags['config']);
  if (dir !== '') return dir ?? defaultConfigDir;
  const message = 'Cannot use the configuration in "": it is empty; expected a directory';
  throw new AppError(message, { exitCode: 2, hint: `ls ${defaultConfigDir}` });
}

/** What is in there now. The usual directory need not be there. */
export async function readConfig(typed: Typed): Promise<ConfigResult> {
  const { flags } = typed;
  const loaded = await loadConfig(configDirOf(typed), { required: flags['config'] !== undefined });
  if (!loaded.ok || flags['user'] !== true) return loaded;
  return { ok: true, config: { ...loaded.config, manager: 'user' } };
}

/** The same, where nothing can be done without it. */
export async function configOf(typed: Typed): Promise<Config> {
  const loaded = await readConfig(typed);
  if (loaded.ok) return loaded.config;
  const count = loaded.problems.length === 1 ? 'a problem' : `${loaded.problems.length} problems`;
  const message = `Cannot use the configuration in "${configDirOf(typed)}": it has ${count}`;
  throw new AppError(`${message}\n${renderProblems(loaded.problems)}`, { exitCode: 2 });
}

/** The bus to talk to: `--bus`, or that of the manager in question, and whether the two are the same. */
export function busOf(
  { flags }: Typed,
  config: Pick<Config, 'manager'>,
  shell: Shell,
): { readonly address: string; readonly own: boolean } {
  const kind = config.manager === 'user' ? 'session' : 'system';
  const usual = busAddress({ kind }, shell.env, shell.uid);
  const address = textFlag(flags['bus']);
  const found =
    address === undefined ? usual : busAddress({ kind: 'address', address }, shell.env, shell.uid);
  if (found.ok) return { address: found.address, own: usual.ok && usual.address === found.address };
  throw new AppError(found.message, { exitCode: address === undefined ? 3 : 2, hint: found.hint });
}

export function textFlag(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
