import type { Exit } from '../exit.ts';
import { includesEnd, type ProcessEnd, type RestartSettings } from './restart-settings.ts';

/** What systemd looks at when a run has ended. */
export type RunEnding = Pick<Exit, 'process' | 'code' | 'status' | 'result' | 'during' | 'requested'>;

/** SIGHUP, SIGINT, SIGPIPE, SIGTERM: a daemon without a handler for them dies of a stop, not of a fault. */
const cleanSignals: readonly number[] = [1, 2, 13, 15];
const sigterm = 15;

/**
 * How the main process ended, which is all that Prevent= and ForceExitStatus= are held against; undefined where there was
 * none. A control process's own end counts for nothing there (service.c `service_shall_restart` reads `main_exec_status`).
 */
export function mainEndOf({ process, code, status }: RunEnding): ProcessEnd | undefined {
  switch (process) {
    case 'main':
      return code === undefined || status === undefined ? undefined : { code, status };
    case 'ExecStartPost':
      // The main process was up, and systemd took it down: SIGTERM, but for a KillSignal= that flapd does not look at.
      return { code: 'killed', status: sigterm };
    case 'ExecStop':
    case 'ExecStopPost':
      // `Result` names the first failure, so the main process had ended well; as a rule with status 0.
      return { code: 'exited', status: 0 };
    default:
      return undefined;
  }
}

/**
 * `Result` under these settings, where they may call clean what was a failure under those that were in force. The
 * opposite is not asked: a success may be due to a `-` before the command, which an exit does not show.
 */
export function resultUnder(ending: RunEnding, settings: RestartSettings): string {
  const { process, result, during } = ending;
  if (process !== 'main' || (result !== 'exit-code' && result !== 'signal')) return result;
  const end = mainEndOf(ending);
  if (end === undefined || !isCleanEnd(end, settings)) return result;
  // Service.c, SIGCHLD in state `start`: whoever ends before it was ready, if ever so well, has broken the protocol.
  const readyIsAwaited = settings.type === 'notify' || settings.type === 'notify-reload';
  return readyIsAwaited && during === 'start' ? 'protocol' : 'success';
}

/** A core dump is never clean, not even with its signal in SuccessExitStatus= (exit-status.c `is_clean_exit`). */
function isCleanEnd(end: ProcessEnd, { type, successExitStatus }: RestartSettings): boolean {
  if (end.code === 'dumped') return false;
  if (includesEnd(successExitStatus, end)) return true;
  if (end.code === 'exited') return end.status === 0;
  return type !== 'oneshot' && cleanSignals.includes(end.status);
}
