import { dropIn } from './finding.ts';
import { restartsAlways } from './restarts-by-itself.ts';
import type { LintRule } from './rule.ts';
import { isLimitOff, isOutOfReach, limitFix, limitWords } from './start-limit.ts';
import { placeOf } from './subject.ts';

/** With RestartMode=direct a restart does not go through `failed`, which is what OnFailure= waits for. */
export const onFailureSkipped: LintRule = {
  id: 'on-failure-skipped',
  finds: 'OnFailure= that RestartMode=direct keeps from ever firing',
  manual: ['systemd.service', 'RestartMode='],
  find: (subject) => {
    const { restart } = subject;
    const at = placeOf(subject, 'Unit.OnFailure');
    if (at === undefined || at.value === '' || restart.restartMode !== 'direct') return [];
    if (!restartsAlways(restart)) return [];
    const never = isLimitOff(restart) || isOutOfReach(restart);
    const why = isLimitOff(restart)
      ? 'the start limit is off'
      : `the start limit (${limitWords(subject)}) can't stop a loop`;
    return [
      {
        severity: never ? 'warning' : 'info',
        at,
        message: never
          ? `OnFailure=${at.value} never fires: RestartMode=direct restarts it without passing through "failed", Restart=${restart.restart} does so after every failure, and ${why}`
          : `OnFailure=${at.value} does not fire when it fails and is restarted (RestartMode=direct), only when the start limit (${limitWords(subject)}) gives up on it`,
        fix: never ? limitFix(subject) : dropIn({ Service: ['RestartMode=normal'] }),
      },
    ];
  },
};
