import { formatTimeSpan } from '../time-span.ts';
import type { Matcher } from './suspicion.ts';
import { saidBySystemd } from './telling-lines.ts';

export const watchdogTimeout: Matcher = {
  id: 'watchdog-timeout',
  looksFor: 'systemd killed it because it gave no sign of life within WatchdogSec=',
  match(evidence) {
    if (evidence.exit?.result !== 'watchdog') return undefined;
    const limit = evidence.service?.watchdogSeconds;
    const within = limit === undefined ? 'WatchdogSec=' : `WatchdogSec=${formatTimeSpan(limit * 1000)}`;
    return {
      sentence: `It gave no sign of life within ${within}: it hung, or is too busy to say WATCHDOG=1 in time.`,
      proof: saidBySystemd(evidence, /Watchdog timeout|result 'watchdog'/).slice(-2),
      state: 'confirmed',
    };
  },
};
