import { exitStatusName, signalName } from './systemd/exit-status.ts';
import type { ExitCodeWord } from './view.ts';

/** How one run of a unit ended. */
export interface Exit {
  readonly invocationId: string;
  readonly atMs: number;
  /** `main`, or the setting whose process failed (`ExecStartPre`); undefined where no process ever ran. */
  readonly process: string | undefined;
  readonly code: ExitCodeWord | undefined;
  /** Exit status, or signal number where `code` is not `exited`. */
  readonly status: number | undefined;
  readonly result: string;
  readonly uptimeMs: number | undefined;
  /** The furthest state the run came to before it failed: a timeout in `start` is another thing than one in `running`. */
  readonly during: string;
  /** In good order, because somebody's stop or restart job asked for it. */
  readonly requested: boolean;
}

const codeWords: Readonly<Record<number, ExitCodeWord>> = { 1: 'exited', 2: 'killed', 3: 'dumped' };

/** ExecMainCode (CLD_EXITED 1, CLD_KILLED 2, CLD_DUMPED 3) as the journal spells it; undefined for anything else. */
export function exitCodeWord(code: number): ExitCodeWord | undefined {
  return codeWords[code];
}

/** The name of an exit status or a signal, by `code`. */
export function exitName(exit: Pick<Exit, 'code' | 'status'>): string | undefined {
  if (exit.code === undefined || exit.status === undefined) return undefined;
  return exit.code === 'exited' ? exitStatusName(exit.status) : signalName(exit.status);
}

/** What makes two exits the same kind. */
export function exitKey(exit: Pick<Exit, 'process' | 'code' | 'status' | 'result'>): string {
  return `${exit.process ?? ''} ${exit.code ?? ''} ${exit.status ?? ''} ${exit.result}`;
}

/** "exited with status 203/EXEC": the end of one process in words, without saying whose. */
function processEnd(exit: Exit): string {
  const name = exitName(exit);
  if (exit.code === undefined || exit.status === undefined) return 'failed';
  if (exit.code === 'exited')
    return `exited with status ${exit.status}${name === undefined ? '' : `/${name}`}`;
  return exit.code === 'dumped'
    ? `dumped core on ${name ?? exit.status}`
    : `was killed by ${name ?? exit.status}`;
}

/**
 * One clause that names what ended a run. `Result` and the main process's status disagree where systemd itself did the
 * killing (timeout, watchdog, a failed ExecStartPost): the reason leads, the signal follows.
 */
export function describeExit(exit: Exit): string {
  if (exit.requested) return 'it was stopped on request';
  const who = exit.process === undefined || exit.process === 'main' ? 'the main process' : exit.process;
  switch (exit.result) {
    case 'timeout':
      return `${timeoutWords(exit)}${sentSignal(exit)}`;
    case 'watchdog':
      return `the watchdog ran out${sentSignal(exit)}`;
    case 'oom-kill':
      return 'the kernel ran out of memory for it and killed it';
    case 'resources':
      return 'systemd could not start it (resources)';
    case 'protocol':
      return exit.code === undefined
        ? 'it broke its start protocol'
        : `${who} ${processEnd(exit)} before it was ready`;
    case 'start-limit-hit':
      return 'systemd refused to start it again (start limit)';
    case 'exec-condition':
      return 'its ExecCondition= said no';
    default:
      return exit.process === undefined && exit.code === undefined
        ? `it ended with result "${exit.result}"`
        : `${who} ${processEnd(exit)}`;
  }
}

function timeoutWords(exit: Exit): string {
  if (exit.during === 'start-pre' || exit.during === 'start-post' || exit.during === 'start')
    return 'its start timed out';
  return exit.during.startsWith('stop') || exit.during.startsWith('final')
    ? 'its stop timed out'
    : 'its time ran out';
}

function sentSignal(exit: Exit): string {
  const name = exit.code === undefined || exit.code === 'exited' ? undefined : exitName(exit);
  return name === undefined ? '' : ` and systemd sent ${name}`;
}
