import { exitName } from '../exit.ts';
import { mainEndOf, resultUnder, type RunEnding } from './run-ending.ts';
import { includesEnd, type ProcessEnd, type RestartSettings } from './restart-settings.ts';
import { refusalOf } from './setting-refusal.ts';

export interface RestartDecision {
  readonly restarts: boolean;
  /** The rule that decided, as a clause: "RestartPreventExitStatus= lists 78/CONFIG". */
  readonly because: string;
}

/** From this version on a run that ExecCondition= skipped is not restarted by Restart=always either. */
const skipNeverRestarted = 251;

/**
 * Whether systemd starts the service anew after this end, asked in systemd's own order (service.c `service_enter_dead`,
 * `service_shall_restart`): a stop job, Prevent=, Force=, and only then Restart=.
 */
export function willRestart(ending: RunEnding, settings: RestartSettings): RestartDecision {
  const { restart, type } = settings;
  const refusal = refusalOf(settings);
  if (refusal !== undefined) return no(refusal);
  if (ending.requested) return no('a stop was asked for');

  const result = resultUnder(ending, settings);
  const main = mainEndOf(ending);
  if (main !== undefined && includesEnd(settings.preventExitStatus, main))
    return no(`RestartPreventExitStatus= lists ${nameOf(main)}`);
  if (main !== undefined && includesEnd(settings.forceExitStatus, main)) {
    if (type === 'oneshot' && result === 'success')
      return no('a oneshot that has done its work is not restarted');
    return yes(`RestartForceExitStatus= lists ${nameOf(main)}`);
  }
  if (restart === 'no') return no('Restart=no');
  return restartsOn(result, settings)
    ? yes(`Restart=${restart} restarts on result "${result}"`)
    : no(`Restart=${restart} does not restart on result "${result}"`);
}

/** The table of systemd.service(5), Restart=, by `Result`; one that is newer than flapd is a failure. */
function restartsOn(result: string, { restart, systemdVersion }: RestartSettings): boolean {
  switch (restart) {
    case 'no':
      return false;
    case 'always':
      return result !== 'exec-condition' || systemdVersion < skipNeverRestarted;
    case 'on-success':
      return result === 'success';
    case 'on-failure':
      return result !== 'success' && result !== 'exec-condition';
    case 'on-abnormal':
      return result !== 'success' && result !== 'exit-code' && result !== 'exec-condition';
    case 'on-abort':
      return result === 'signal' || result === 'core-dump';
    case 'on-watchdog':
      return result === 'watchdog';
  }
}

function nameOf(end: ProcessEnd): string {
  const name = exitName(end);
  if (end.code !== 'exited') return name ?? `signal ${end.status}`;
  return name === undefined ? `${end.status}` : `${end.status}/${name}`;
}

function yes(because: string): RestartDecision {
  return { restarts: true, because };
}

function no(because: string): RestartDecision {
  return { restarts: false, because };
}
