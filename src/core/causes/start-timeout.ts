import { formatTimeSpan } from '../time-span.ts';
import type { Matcher } from './suspicion.ts';
import { saidBySystemd } from './telling-lines.ts';

export const startTimeout: Matcher = {
  id: 'start-timeout',
  looksFor: 'systemd killed it because it was not ready within TimeoutStartSec=',
  match(evidence) {
    const { exit, service } = evidence;
    if (exit?.result !== 'timeout') return undefined;
    const said = saidBySystemd(evidence, /start(?:-p(?:re|ost))? operation timed out|result 'timeout'/);
    const whileStarting =
      exit.during?.startsWith('start') === true || said.some((text) => text.includes('start'));
    if (!whileStarting) return undefined;
    const limit = service?.timeoutStartSeconds;
    const within =
      limit === undefined ? 'TimeoutStartSec=' : `TimeoutStartSec=${formatTimeSpan(limit * 1000)}`;
    const signal =
      service?.type === 'notify' || service?.type === 'notify-reload' ? ' (it never said READY=1)' : '';
    return {
      sentence: `It was not ready within ${within}${signal}, and systemd ended it.`,
      proof: said.slice(-2),
      state: 'confirmed',
    };
  },
};
