import { longestDelayMs } from '../brake.ts';
import { formatTimeSpan } from '../time-span.ts';
import type { LintRule } from './rule.ts';
import { delayWords, isLimitOff, limitFix } from './start-limit.ts';
import { placeOf } from './subject.ts';

const dayMs = 86_400_000;
/** Restarts that come so slowly hurt nobody much. */
const slowMs = 60_000;

/** The one pair of settings that nothing ever stops. */
export const startLimitOff: LintRule = {
  id: 'start-limit-off',
  finds: 'Restart=always with the start limit switched off',
  manual: ['systemd.unit', 'StartLimitIntervalSec=interval'],
  find: (subject) => {
    const { restart } = subject;
    if (restart.restart !== 'always' || restart.type === 'oneshot' || !isLimitOff(restart)) return [];
    const isInterval = restart.startLimitIntervalMs <= 0;
    const at = placeOf(subject, isInterval ? 'Unit.StartLimitIntervalSec' : 'Unit.StartLimitBurst');
    const off = `${isInterval ? 'StartLimitIntervalSec=0' : 'StartLimitBurst=0'}${at === undefined ? ", this host's default," : ''}`;
    return [
      {
        severity: longestDelayMs(restart) >= slowMs ? 'info' : 'warning',
        at: at ?? placeOf(subject, 'Service.Restart'),
        message: `nothing ever stops a loop: ${off} switches the start limit off and Restart=always starts it again ${often(longestDelayMs(restart))} (${delayWords(subject)})`,
        fix: limitFix(subject),
      },
    ];
  },
};

function often(delayMs: number): string {
  if (delayMs === 0) return 'without a pause';
  if (delayMs === Infinity) return `after ${formatTimeSpan(delayMs)}`;
  return `up to ${Math.floor(dayMs / delayMs).toLocaleString('en')} times a day`;
}
