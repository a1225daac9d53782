import { type Directive, directiveLine } from '../core/remedy/directive.ts';
import { type DropIn, dropInName } from '../core/remedy/drop-in.ts';
import { missingDirective } from '../core/advice/missing-directive.ts';
import type { LoadedService } from '../core/systemd/loaded-service.ts';
import type { Remedy } from '../core/remedy/remedy.ts';
import type { RestartSettings } from '../core/systemd/restart-settings.ts';
import { majorVersion } from '../core/systemd/systemd-version.ts';
import { BusError } from '../systemd/bus-error.ts';
import type { Manager } from '../systemd/manager.ts';

/** What systemd has in force of a remedy. */
export interface ReadBack {
  /** That is not what was written, as a clause; undefined where it is. */
  readonly difference: string | undefined;
  /** As they are in force. */
  readonly settings: RestartSettings | undefined;
}

/** Asks systemd. Rejects with a BusError. */
export async function readBack(
  { unit, directives }: Pick<DropIn, 'unit' | 'directives'>,
  dropIn: string,
  manager: Pick<Manager, 'loadedService'>,
  systemdVersion: number,
): Promise<ReadBack> {
  const service = await manager.loadedService(unit, systemdVersion);
  return { difference: differenceOf(service, directives, dropIn), settings: service.settings };
}

function differenceOf(
  { loadState, dropInPaths, settings }: LoadedService,
  directives: readonly Directive[],
  dropIn: string,
): string | undefined {
  if (loadState !== 'loaded') return `systemd no longer loads the unit (${loadState})`;
  if (!dropInPaths.includes(dropIn))
    return `systemd does not read ${dropIn}: another ${dropInName} takes its place`;
  const missing = settings && missingDirective(settings, directives);
  if (missing === undefined) return undefined;
  const later = dropInPaths.slice(dropInPaths.indexOf(dropIn) + 1);
  const by = later.length === 0 ? '' : `; later drop-ins are ${later.join(', ')}`;
  return `${directiveLine(missing)} is not in force${by}`;
}

/** The same of a remedy that is in force; undefined where systemd does not say: then it is asked after the next reload. */
export async function readBackRemedy(
  remedy: Remedy,
  manager: Manager | undefined,
): Promise<ReadBack | undefined> {
  if (manager === undefined || remedy.dropIn === undefined) return undefined;
  try {
    const systemdVersion = majorVersion(await manager.version()) ?? 0;
    return await readBack(remedy, remedy.dropIn, manager, systemdVersion);
  } catch (error) {
    if (error instanceof BusError) return undefined;
    throw error;
  }
}
