import { signalName } from '../systemd/exit-status.ts';
import { willRestart } from '../systemd/restart-decision.ts';
import type { RestartSetting, RestartSettings } from '../systemd/restart-settings.ts';
import { parseTimeSpan, formatTimeSpan } from '../time-span.ts';
import { valueOf } from '../systemd/unit-settings.ts';
import { dropIn } from './finding.ts';
import type { LintRule } from './rule.ts';
import { failures } from './restarts-by-itself.ts';
import { placeOf } from './subject.ts';

/** What the watchdog does: SIGABRT to all of it, and the result `watchdog` (facts §1.5). */
const barked = failures.find(({ result }) => result === 'watchdog');
const sigabrt = 6;

/**
 * A watchdog that only kills. Left alone: what a bus name or a socket starts anew when it is needed, and what reboots the
 * machine when it fails.
 */
export const watchdogUncovered: LintRule = {
  id: 'watchdog-uncovered',
  finds: 'WatchdogSec= with a Restart= that does not cover it',
  manual: ['systemd.service', 'WatchdogSec='],
  find: (subject) => {
    const { settings, restart, hasSocket } = subject;
    const at = valueOf(settings, 'Service', 'WatchdogSec');
    const span = parseTimeSpan(at?.value ?? '');
    if (at === undefined || !span.ok || span.ms === 0 || span.ms === Infinity || barked === undefined)
      return [];
    const others = ['Service.BusName', 'Unit.FailureAction', 'Service.FailureAction'];
    const called = restart.type === 'dbus' || hasSocket || placeOf(subject, ...others) !== undefined;
    const { restarts, because } = willRestart(barked, restart);
    if (restarts || called || restart.type === 'oneshot') return [];
    return [
      {
        severity: 'warning',
        at,
        message: `after ${formatTimeSpan(span.ms)} without a sign of life the watchdog kills it, and it stays down: ${because}`,
        fix: dropIn({ Service: coverOf(restart) }),
      },
    ];
  },
};

/** The least that covers it: nothing else is restarted than before. */
const wider: Partial<Record<RestartSetting, RestartSetting>> = {
  no: 'on-watchdog',
  'on-success': 'always',
  'on-abort': 'on-abnormal',
};

function coverOf({ restart, preventExitStatus }: RestartSettings): readonly string[] {
  const lines = wider[restart] === undefined ? [] : [`Restart=${wider[restart]}`];
  const { statuses, signals } = preventExitStatus;
  if (!signals.includes(sigabrt)) return lines;
  const kept = [...statuses, ...signals.filter((each) => each !== sigabrt).map(signalName)].join(' ');
  return [
    ...lines,
    'RestartPreventExitStatus=',
    ...(kept === '' ? [] : [`RestartPreventExitStatus=${kept}`]),
  ];
}
