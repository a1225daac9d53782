import type { HistoryRun } from './advice-evidence.ts';
import type { EndedRun, Sequel } from '../chronicle.ts';
import type { UnitRecord } from '../unit-record.ts';

/**
 * The journal's runs, and those that flapd saw end itself: what it saw it knows better (statuses of clean ends and CPU
 * below a second are not in the journal), and the last ones may not be in the journal yet.
 */
export function historyOf(
  past: readonly Pick<EndedRun, 'run' | 'sequel'>[],
  { pastRuns, run: current, window }: Pick<UnitRecord, 'pastRuns' | 'run' | 'window'>,
): readonly HistoryRun[] {
  const seen = new Map(pastRuns.map((run) => [run.exit.invocationId, run]));
  const known = new Set(past.map(({ run }) => run.exit.invocationId));
  const told = past.map(({ run, sequel }): HistoryRun => {
    const better = seen.get(run.exit.invocationId);
    return { exit: better?.exit ?? run.exit, cpuMs: better?.cpuMs ?? run.cpuMs, sequel };
  });
  const last = pastRuns.at(-1);
  const goesOn = current !== undefined && current.invocationId !== last?.exit.invocationId;
  const untold = pastRuns
    .filter(({ exit }) => !known.has(exit.invocationId))
    .map(({ exit, cpuMs }): HistoryRun => {
      const restart = window.restarts.find(({ atMs }) => atMs >= exit.atMs);
      const since: Sequel = restart?.external === true ? 'external' : 'automatic';
      const isLast = exit.invocationId === last?.exit.invocationId && !goesOn && restart === undefined;
      return { exit, cpuMs, sequel: isLast ? 'none' : since };
    });
  return [...told, ...untold].toSorted((a, b) => a.exit.atMs - b.exit.atMs);
}
