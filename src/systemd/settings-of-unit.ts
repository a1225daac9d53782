import { majorVersion } from '../core/systemd/systemd-version.ts';
import type { Setting } from '../core/systemd/unit-settings.ts';
import { unitSettings } from '../core/systemd/unit-settings.ts';
import { BusError } from './bus-error.ts';
import type { Manager } from './manager.ts';
import { readUnitFiles, unitDirectoriesOf } from './unit-files.ts';

/** What the files of a service set, and where; nothing where systemd does not answer. */
export async function settingsOfUnit(manager: Manager, unit: string): Promise<readonly Setting[]> {
  try {
    const directories = await unitDirectoriesOf(manager);
    const { files } = await readUnitFiles(manager, unit, directories);
    return unitSettings(files, majorVersion(await manager.version()) ?? 0);
  } catch (error) {
    if (error instanceof BusError) return [];
    throw error;
  }
}
