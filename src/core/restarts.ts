import type { Run } from './run.ts';
import type { Snapshot } from './snapshot.ts';
import type { UnitRecord } from './unit-record.ts';
import type { Restart } from './window.ts';

/** What a look at a unit says about restarts since the last look. */
export interface RestartDelta {
  readonly automatic: number;
  readonly external: 0 | 1;
  /** How many of them were not seen, but follow from the counter or from a run that flapd did not see start. */
  readonly inferred: number;
  /** Somebody restarted a unit that had been up for long: counted, but no sign of a loop. */
  readonly planned: boolean;
}

export const noRestarts: RestartDelta = { automatic: 0, external: 0, inferred: 0, planned: false };

type Counters = Pick<Snapshot, 'nRestarts' | 'invocationId' | 'triggered'>;

/**
 * Compares the restart counter and the invocation id with what was known.
 *
 * NRestarts rises when PID 1 queues a restart (service.c `service_enter_restart`), and starts from zero again, without a
 * word, on `reset-failed` or a start by hand: a lower value is a new baseline, and what it counts happened since then.
 * A new invocation that the counter does not explain was started from outside; `missed` says that signals were lost.
 */
export function restartsSince(record: UnitRecord, seen: Counters, missed: boolean): RestartDelta {
  if (record.nRestarts === undefined) return noRestarts;
  const automatic = seen.nRestarts >= record.nRestarts ? seen.nRestarts - record.nRestarts : seen.nRestarts;
  const external = isExternal(record, seen, automatic, missed) ? 1 : 0;
  const seenOnes = missed ? 0 : Math.min(1, automatic) + external;
  const upMs =
    record.run === undefined ? 0 : (record.run.exit?.atMs ?? record.run.startedMs) - record.run.startedMs;
  return {
    automatic,
    external,
    inferred: automatic + external - seenOnes,
    planned:
      external === 1 &&
      automatic === 0 &&
      upMs >= record.policy.calmAfterMs &&
      record.run?.stopAsked === true,
  };
}

function isExternal(record: UnitRecord, seen: Counters, automatic: number, missed: boolean): boolean {
  const { run } = record;
  if (run === undefined || run.invocationId === '' || seen.invocationId === '') return false;
  if (run.invocationId === seen.invocationId) return false;
  const counterFell = record.nRestarts !== undefined && seen.nRestarts < record.nRestarts;
  if (!counterFell && (automatic > 0 || run.restartQueued)) return false;
  return !seen.triggered && wasCutShort(run, record.serviceType, missed);
}

/**
 * A start after a run that ended by itself and in good order is no restart: a socket, a timer or a person wants the
 * service once more. Neither is one after a failed oneshot: such a job is tried again by whoever wants its result.
 */
function wasCutShort(run: Run, serviceType: string | undefined, missed: boolean): boolean {
  if (run.stopAsked) return true;
  if (run.exit === undefined) return missed || run.atWork;
  return run.exit.result !== 'success' && serviceType !== 'oneshot';
}

/**
 * The restarts of a look, in time. Those that were not seen are spread evenly between the last one known and the newest;
 * one that is started from outside is the newest.
 */
export function restartsOf(
  delta: RestartDelta,
  lastMs: number | undefined,
  newestMs: number,
): readonly Restart[] {
  const count = delta.automatic + delta.external;
  const gapMs = lastMs === undefined || lastMs >= newestMs ? 0 : (newestMs - lastMs) / count;
  return Array.from({ length: count }, (_, index) => ({
    atMs: newestMs - gapMs * (count - 1 - index),
    external: delta.external === 1 && index === count - 1,
    inferred: index < delta.inferred,
  }));
}
