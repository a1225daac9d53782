import type { CloseReason } from './incident.ts';
import { restMs } from './remedy/remedy-judge.ts';
import type { UnitRecord } from './unit-record.ts';
import { calmAfterMs } from './verdict.ts';

/** When and why an open incident closes if nothing more happens. */
export interface Closing {
  readonly atMs: number;
  readonly sinceMs: number;
  readonly reason: CloseReason;
}

/**
 * An incident closes once the unit has been in a state that is no loop for long enough. A unit that waits for its next
 * restart or rests at the start limit is not in such a state, however long that takes.
 */
export function closingOf(record: UnitRecord, nowMs: number): Closing | undefined {
  const quiet = quietSince(record);
  if (record.incident === undefined || quiet === undefined) return undefined;
  // That it rests was asked for, and measured: there is nothing to wait for but that it is no moment between two runs.
  if (quiet.reason === 'failed' && record.remedy?.outcome === 'helped')
    return { atMs: quiet.sinceMs + restMs, sinceMs: quiet.sinceMs, reason: 'remedied' };
  return { atMs: quiet.sinceMs + calmAfterMs(record, nowMs), ...quiet };
}

function quietSince(record: UnitRecord): { sinceMs: number; reason: CloseReason } | undefined {
  const { run, braked, loaded, incident } = record;
  if (braked || incident === undefined) return undefined;
  const lastMs = incident.lastMs;
  if (run === undefined) return { sinceMs: lastMs, reason: loaded ? 'stopped' : 'gone' };
  if (run.exit === undefined) return { sinceMs: Math.max(lastMs, run.startedMs), reason: 'stable' };
  const sinceMs = Math.max(lastMs, run.exit.atMs, record.brakedUntilMs);
  if (!loaded) return { sinceMs, reason: 'gone' };
  if (run.activeState === 'failed') return { sinceMs, reason: 'failed' };
  return run.activeState === 'inactive' ? { sinceMs, reason: 'stopped' } : undefined;
}
