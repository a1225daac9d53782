import { stat } from 'node:fs/promises';
import type { Manager } from './manager.ts';

/** When the latest of the files that a unit was loaded from was changed; undefined where systemd or the files don't say. */
export async function unitFilesChanged(
  manager: Pick<Manager, 'loadedFiles'> | undefined,
  unit: string,
): Promise<number | undefined> {
  try {
    const files = await manager?.loadedFiles(unit);
    if (files?.fragment === undefined) return undefined;
    const stats = await Promise.all([files.fragment, ...files.dropIns].map((file) => stat(file)));
    return Math.max(...stats.map(({ mtimeMs }) => mtimeMs));
  } catch {
    return undefined;
  }
}
