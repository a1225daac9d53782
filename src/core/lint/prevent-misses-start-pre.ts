import { exitStatusName } from '../systemd/exit-status.ts';
import { willRestart } from '../systemd/restart-decision.ts';
import type { RunEnding } from '../systemd/run-ending.ts';
import { inForceOf } from '../systemd/unit-settings.ts';
import { dropIn } from './finding.ts';
import type { LintRule } from './rule.ts';
import { placeOf, type LintSubject } from './subject.ts';
import { exitOf } from './unit-past.ts';

/** service.c `service_shall_restart` looks at the main process alone, and where ExecStartPre= fails there never was one. */
export const preventMissesStartPre: LintRule = {
  id: 'prevent-misses-start-pre',
  finds: 'RestartPreventExitStatus= for a status that only ExecStartPre= ends with',
  manual: ['systemd.service', 'RestartPreventExitStatus='],
  find: (subject) => {
    const { restart } = subject;
    return restart.preventExitStatus.statuses.flatMap((status) => {
      if (!willRestart({ ...failedCheck, status }, restart).restarts) return [];
      const evidence = evidenceOf(subject, status);
      if (evidence === undefined) return [];
      const name = exitStatusName(status);
      const called = name === undefined ? `${status}` : `${status}/${name}`;
      return [
        {
          severity: 'warning',
          at: placeOf(subject, 'Service.RestartPreventExitStatus'),
          message: `RestartPreventExitStatus= can't stop it at ${called}: ${evidence}, and systemd looks at the main process alone`,
          fix: fixOf(subject, status),
        } as const,
      ];
    });
  },
};

const failedCheck: RunEnding = {
  process: 'ExecStartPre',
  code: 'exited',
  status: 1,
  result: 'exit-code',
  during: 'start-pre',
  requested: false,
};

/** Seen in the journal, or written into the commands: `sh -c '… exit 42'`. */
function evidenceOf(subject: LintSubject, status: number): string | undefined {
  const { past } = subject;
  const byMain = past?.exits.get(exitOf('main', status)) ?? 0;
  const byPre = past?.exits.get(exitOf('ExecStartPre', status)) ?? 0;
  if (byMain > 0) return undefined;
  if (byPre > 0)
    return `ExecStartPre= ended with it ${byPre === 1 ? 'once' : `${byPre} times`}, the main process never`;
  const says = (directive: string): boolean =>
    inForceOf(subject.settings, 'Service', directive).some(
      ({ value }) => !failureIgnored.test(value) && writtenStatuses(value).includes(status),
    );
  return says('ExecStartPre') && !says('ExecStart') ? 'it is ExecStartPre= that exits with it' : undefined;
}

/** The statuses that a command ends with by what is written there. */
function writtenStatuses(command: string): readonly number[] {
  const byShell = [...command.matchAll(/\bexit\s+(\d+)\b/g)].map(([, number]) => Number(number));
  return /^[@:+!|]*((\/usr)?\/bin\/)?false$/.test(command) ? [1] : byShell;
}

/** With a `-` among what stands before the program its failure is none (systemd.service(5), COMMAND LINES). */
const failureIgnored = /^[@:+!|]*-/;

/** ExecCondition= that fails with 1 to 254 skips the start, and no Restart= brings it back (from v251 on). */
function fixOf({ settings, restart }: LintSubject, status: number): string {
  const commands = inForceOf(settings, 'Service', 'ExecStartPre').filter(({ value }) => value !== '');
  const [only] = commands;
  const skips = restart.systemdVersion >= conditionHoldsSince && status < 255;
  if (only === undefined || commands.length > 1 || !skips)
    return 'let the check be an ExecCondition=, which systemd does not restart after, or do it in the main process';
  return dropIn({ Service: ['ExecStartPre=', `ExecCondition=${only.value}`] });
}

const conditionHoldsSince = 251;
