import { dropIn } from './finding.ts';
import type { LintRule } from './rule.ts';
import { placeOf } from './subject.ts';

/** Who never says READY=1 is killed when TimeoutStartSec= is over, however well it works. */
export const neverReady: LintRule = {
  id: 'never-ready',
  finds: 'Type=notify without READY=1 ever seen',
  manual: ['systemd.service', 'Type='],
  find: (subject) => {
    const { restart, past, active } = subject;
    const waits = restart.type === 'notify' || restart.type === 'notify-reload';
    if (!waits || active || past === undefined || past.neverReady === 0 || past.ready > 0) return [];
    const starts = past.neverReady === 1 ? 'its one start' : `all of its ${past.neverReady} starts`;
    return [
      {
        severity: 'warning',
        at: placeOf(subject, 'Service.Type'),
        message: `Type=${restart.type} waits for READY=1, which never came: ${starts} on record ended before it`,
        fix: dropIn({ Service: ['Type=exec'] }),
      },
    ];
  },
};
