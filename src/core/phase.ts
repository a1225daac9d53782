import type { Snapshot } from './snapshot.ts';

/** systemd waits out RestartSec, or has queued the restart (v254 on). */
export function isWaiting(snapshot: Pick<Snapshot, 'activeState' | 'subState'>): boolean {
  return snapshot.subState === 'auto-restart' || snapshot.subState === 'auto-restart-queued';
}

/** The unit rests: nothing runs, and nothing will by itself unless it waits for its restart. */
function isAtRest(snapshot: Snapshot): boolean {
  const { activeState } = snapshot;
  return (
    (activeState === 'failed' || activeState === 'inactive' || isWaiting(snapshot)) && !hasProcess(snapshot)
  );
}

/**
 * The main or a control process is there. Up to v253 a run that starts is announced as `inactive`/`dead`, and from v254
 * still as `auto-restart-queued`: only the process says that this is a start, not an end.
 */
export function hasProcess(snapshot: Snapshot): boolean {
  return snapshot.mainPid !== 0 || snapshot.controlPid !== 0;
}

/**
 * The run that the snapshot's invocation id names is over. A unit at rest that shows no failure, no exit and was never
 * seen at work is one that is about to start: systemd sets the id before it forks.
 */
export function isRunOver(snapshot: Snapshot, seenAtWork: boolean): boolean {
  return isAtRest(snapshot) && (snapshot.result !== 'success' || snapshot.execMainCode !== 0 || seenAtWork);
}

/** Control processes by the sub state they run in (service.c `state_translation_table`); `start` is one for Type=forking only. */
const controlProcesses: Readonly<Record<string, string>> = {
  condition: 'ExecCondition',
  'start-pre': 'ExecStartPre',
  start: 'ExecStart',
  'start-post': 'ExecStartPost',
  reload: 'ExecReload',
  stop: 'ExecStop',
  'stop-post': 'ExecStopPost',
};

/** The setting whose process runs in this sub state; undefined where no control process does. */
export function controlProcessOf(subState: string): string | undefined {
  return controlProcesses[subState];
}
