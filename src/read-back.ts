import { directiveLine } from './core/directive.ts';
import { type DropIn, dropInName } from './core/drop-in.ts';
import { missingDirective } from './core/missing-directive.ts';
import type { Remedy } from './core/remedy.ts';
import { majorVersion } from './core/systemd-version.ts';
import { BusError } from './systemd/bus-error.ts';
import type { Manager } from './systemd/manager.ts';

/** What systemd has in force that is not what was written, as a clause; undefined where it is. Rejects with a BusError. */
export async function differenceOf(
  { unit, directives }: Pick<DropIn, 'unit' | 'directives'>,
  dropIn: string,
  manager: Pick<Manager, 'loadedService'>,
  systemdVersion: number,
): Promise<string | undefined> {
  const service = await manager.loadedService(unit, systemdVersion);
  if (service.loadState !== 'loaded') return `systemd no longer loads the unit (${service.loadState})`;
  if (!service.dropInPaths.includes(dropIn))
    return `systemd does not read ${dropIn}: another ${dropInName} takes its place`;
  const missing = service.settings && missingDirective(service.settings, directives);
  if (missing === undefined) return undefined;
  const later = service.dropInPaths.slice(service.dropInPaths.indexOf(dropIn) + 1);
  const by = later.length === 0 ? '' : `; later drop-ins are ${later.join(', ')}`;
  return `${directiveLine(missing)} is not in force${by}`;
}

/** The same of a remedy that is in force; undefined too where systemd does not say: then it is asked after the next reload. */
export async function readBackRemedy(
  remedy: Remedy,
  manager: Manager | undefined,
): Promise<string | undefined> {
  if (manager === undefined || remedy.dropIn === undefined) return undefined;
  try {
    const systemdVersion = majorVersion(await manager.version()) ?? 0;
    return await differenceOf(remedy, remedy.dropIn, manager, systemdVersion);
  } catch (error) {
    if (error instanceof BusError) return undefined;
    throw error;
  }
}
