import { growingDelaySince } from '../systemd/restart-delay.ts';
import type { RestartSettings } from '../systemd/restart-settings.ts';
import { formatTimeSpan } from '../time-span.ts';
import { dropIn } from './finding.ts';
import type { LintRule } from './rule.ts';
import { placeOf, type LintSubject } from './subject.ts';

const usualSteps = 5;
const usualMaxMs = 5 * 60_000;

/** service.c `service_restart_usec_next`: one without the other, or nothing to grow from, and the delay stays as it is. */
export const delayDoesNotGrow: LintRule = {
  id: 'delay-does-not-grow',
  finds: 'RestartSteps= and RestartMaxDelaySec= that do not make the delay grow',
  manual: ['systemd.service', 'RestartSteps='],
  find: (subject) => {
    const { restart } = subject;
    const isMeant = placeOf(subject, 'Service.RestartSteps', 'Service.RestartMaxDelaySec');
    if (isMeant === undefined || restart.systemdVersion < growingDelaySince) return [];
    const fault = faultOf(subject);
    if (fault === undefined) return [];
    return [
      {
        severity: 'warning',
        at: placeOf(subject, fault.at),
        message: `the delay does not grow: ${fault.because}, so each restart waits ${formatTimeSpan(Math.min(restart.restartSecMs, restart.restartMaxDelayMs))}`,
        fix: dropIn({ Service: [fault.line] }),
      },
    ];
  },
};

interface Fault {
  readonly at: string;
  readonly because: string;
  readonly line: string;
}

function faultOf(subject: LintSubject): Fault | undefined {
  const { restartSecMs, restartSteps, restartMaxDelayMs } = subject.restart;
  const max = `RestartMaxDelaySec=${formatTimeSpan(restartMaxDelayMs)}`;
  const wider = `RestartMaxDelaySec=${formatTimeSpan(longerThan(subject.restart))}`;
  if (restartSteps > 0 && restartMaxDelayMs === Infinity)
    return {
      at: 'Service.RestartSteps',
      because: `RestartSteps=${restartSteps} has no RestartMaxDelaySec= to grow to`,
      line: wider,
    };
  if (restartSteps === 0)
    // Without steps it may be meant to switch the growing off that another file switches on.
    return placeOf(subject, 'Service.RestartSteps') !== undefined || restartMaxDelayMs === Infinity
      ? undefined
      : {
          at: 'Service.RestartMaxDelaySec',
          because: `${max} has no RestartSteps= to get there`,
          line: `RestartSteps=${usualSteps}`,
        };
  if (restartMaxDelayMs <= restartSecMs)
    return {
      at: 'Service.RestartMaxDelaySec',
      because: `${max} is not more than RestartSec=${formatTimeSpan(restartSecMs)}`,
      line: wider,
    };
  return restartSecMs === 0
    ? { at: 'Service.RestartSec', because: 'it would grow from RestartSec=0', line: 'RestartSec=1s' }
    : undefined;
}

function longerThan({ restartSecMs }: RestartSettings): number {
  return restartSecMs < usualMaxMs ? usualMaxMs : 4 * restartSecMs;
}
