import { longestDelayMs } from '../systemd/brake.ts';
import { displayTimeSpan, formatTimeSpan } from '../time-span.ts';
import { countText } from '../count-words.ts';
import { restartsByItself } from './restarts-by-itself.ts';
import type { LintRule } from './rule.ts';
import { delayWords, isLimitOff, limitFix } from './start-limit.ts';
import { placeOf, type LintSubject } from './subject.ts';

const dayMs = 86_400_000;
/** Restarts that come so slowly hurt nobody much. */
const slowMs = 60_000;

/** The one pair of settings that nothing ever stops; with another Restart= only where it has looped. */
export const startLimitOff: LintRule = {
  id: 'start-limit-off',
  finds: 'the start limit switched off, with Restart=always or of a service that has looped',
  manual: ['systemd.unit', 'StartLimitIntervalSec=interval'],
  find: (subject) => {
    const { restart, past } = subject;
    const isEndless = restart.restart === 'always' || past?.loop !== undefined;
    if (!isEndless || !restartsByItself(restart) || !isLimitOff(restart)) return [];
    const isInterval = restart.startLimitIntervalMs <= 0;
    const at = placeOf(subject, isInterval ? 'Unit.StartLimitIntervalSec' : 'Unit.StartLimitBurst');
    const off = `${isInterval ? 'StartLimitIntervalSec=0' : 'StartLimitBurst=0'}${at === undefined ? ", this host's default," : ''}`;
    const isSlow = longestDelayMs(restart) >= slowMs && past?.loop === undefined;
    return [
      {
        severity: isSlow ? 'info' : 'warning',
        at: at ?? placeOf(subject, 'Service.Restart', 'Service.RestartForceExitStatus'),
        message: `${consequence(subject)}: ${off} switches the start limit off`,
        fix: limitFix(subject, restart, { periodMs: past?.loop?.periodMs }),
      },
    ];
  },
};

function consequence(subject: LintSubject): string {
  const { restart, past } = subject;
  if (past?.loop !== undefined) {
    const { restarts, periodMs } = past.loop;
    return `nothing stopped it when it looped, ${restarts} restarts, one each ${displayTimeSpan(periodMs)}`;
  }
  const delayMs = longestDelayMs(restart);
  return `nothing ever stops a loop, Restart=${restart.restart} starts it again ${often(delayMs)} (${delayWords(subject)})`;
}

function often(delayMs: number): string {
  if (delayMs === 0) return 'without a pause';
  if (delayMs === Infinity) return `after ${formatTimeSpan(delayMs)}`;
  return `up to ${countText(Math.floor(dayMs / delayMs))} times a day`;
}
