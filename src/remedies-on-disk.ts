import type { Instant } from './core/instant.ts';
import type { Remedy } from './core/remedy/remedy.ts';
import type { SavedRemedy } from './core/saved.ts';
import type { State } from './core/state.ts';
import type { DropInFiles } from './systemd/drop-in-files.ts';

/**
 * The remedies that are in force, by their files: these are the truth, also after a crash. What was `saved` of one says how
 * far it had been judged; of one that nobody knows, as of one that a person applied, that begins now.
 */
export function remediesOnDisk(
  files: Pick<DropInFiles, 'list' | 'pathOf'>,
  state: State,
  saved: readonly SavedRemedy[],
  now: Instant,
): readonly Remedy[] {
  return files.list().flatMap(({ unit, lifetime, found }): Remedy[] => {
    if (found.kind !== 'ours') return [];
    const { directives, incident, by, writtenAtWallMs, untilWallMs } = found.dropIn;
    const record = state.units.get(unit);
    const known = saved.find((each) => each.unit === unit && each.incident === incident);
    const restarts = record === undefined ? 0 : record.automatic + record.external;
    return [
      {
        unit,
        incident,
        dropIn: files.pathOf(unit, lifetime),
        directives,
        by,
        atMs: known === undefined ? now.monotonicMs : now.monotonicMs - (now.wallMs - writtenAtWallMs),
        untilWallMs,
        restartsBefore: known?.restartsBefore ?? restarts,
        periodMs: known?.periodMs ?? record?.incident?.periodMs,
        forecast: known?.forecast,
        outcome: known?.outcome === 'helped' ? 'helped' : 'pending',
        reason: known?.outcome === 'helped' || known?.outcome === 'pending' ? known.reason : undefined,
        retryAtMs: -Infinity,
      },
    ];
  });
}
