import { codeOf } from '../kit/errors.ts';
import { lstatSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../config/load.ts';
import type { Refusal } from '../core/refusal.ts';

/** As long as it is there, whatever it holds, flapd writes nothing for systemd; it is looked for right before each deed. */
export const killFileName = 'stop-applying';

/** Why no remedy may be applied on this host now. */
export function switchedOff(configDir: string, config: Pick<Config, 'apply'>): Refusal | undefined {
  const stopped = killed(configDir);
  if (stopped !== undefined) return stopped;
  if (config.apply === 'on') return undefined;
  const file = path.join(configDir, 'flapd.yaml');
  return { rule: 'switch', reason: `${file} says "apply: off"`, hint: `grep -n apply ${file}` };
}

export function killed(configDir: string): Refusal | undefined {
  const file = path.join(configDir, killFileName);
  try {
    lstatSync(file);
  } catch (error) {
    // Where it can't be seen whether somebody pulled the brake, somebody did.
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
  }
  return { rule: 'switch', reason: `${file} is there, which stops all writing`, hint: `rm ${file}` };
}
