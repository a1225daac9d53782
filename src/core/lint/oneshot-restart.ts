import { emptyExitSet, type RestartSettings } from '../systemd/restart-settings.ts';
import { refusalOf } from '../systemd/setting-refusal.ts';
import { dropIn } from './finding.ts';
import type { LintRule } from './rule.ts';
import { placeOf } from './subject.ts';

/** The unit is not loaded at all, so it never starts, nor do those that require it. */
export const oneshotRestart: LintRule = {
  id: 'oneshot-restart',
  finds: "a Restart= that a oneshot can't have",
  manual: ['systemd.service', 'Restart='],
  find: (subject) => {
    const { restart } = subject;
    const refusal = refusalOf(restart);
    if (refusal === undefined) return [];
    const byRestart = refusalOf({ ...restart, forceExitStatus: emptyExitSet }) !== undefined;
    return [
      {
        severity: 'error',
        at: placeOf(
          subject,
          byRestart ? 'Service.Restart' : 'Service.RestartForceExitStatus',
          'Service.Type',
        ),
        message: `${refusal}: the unit does not load, so it can't be started at all`,
        fix: dropIn({ Service: acceptable(restart) }),
      },
    ];
  },
};

/** The lines with which systemd takes it: a oneshot that failed may be started again, but only by newer ones. */
function acceptable(settings: RestartSettings): readonly string[] {
  const restarts = (['on-failure', 'no'] as const).filter(
    (restart) => refusalOf({ ...settings, restart, forceExitStatus: emptyExitSet }) === undefined,
  );
  const isRefused = refusalOf({ ...settings, forceExitStatus: emptyExitSet }) !== undefined;
  const restart = isRefused ? (restarts[0] ?? 'no') : settings.restart;
  return [
    ...(isRefused ? [`Restart=${restart}`] : []),
    ...(refusalOf({ ...settings, restart }) === undefined ? [] : ['RestartForceExitStatus=']),
  ];
}
