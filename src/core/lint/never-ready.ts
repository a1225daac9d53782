import { displayTimeSpan } from '../time-span.ts';
import { dropIn } from './finding.ts';
import type { LintRule } from './rule.ts';
import { placeOf, type LintSubject } from './subject.ts';

/** Most services are ready sooner; one that is not may have much to do. */
const longStartMs = 60_000;

/** Who never says READY=1 is killed when TimeoutStartSec= is over, however well it works. */
export const neverReady: LintRule = {
  id: 'never-ready',
  finds: 'Type=notify without READY=1 ever seen',
  manual: ['systemd.service', 'Type='],
  find: (subject) => {
    const { restart, past, active } = subject;
    const waits = restart.type === 'notify' || restart.type === 'notify-reload';
    if (!waits || active || (past?.ready ?? 0) > 0) return [];
    const evidence = evidenceOf(subject);
    if (evidence === undefined) return [];
    return [
      {
        severity: (past?.neverReady ?? 0) > 0 ? 'warning' : 'info',
        at: placeOf(subject, 'Service.Type'),
        message: `Type=${restart.type} waits for READY=1, which never came: ${evidence}`,
        fix: `${dropIn({ Service: ['Type=exec'] })}# or NotifyAccess=all, where a process other than the main one says READY=1\n`,
      },
    ];
  },
};

function evidenceOf({ past, startingForMs }: LintSubject): string | undefined {
  const ended = past?.neverReady ?? 0;
  if (ended > 0)
    return `${ended === 1 ? 'its one start' : `all of its ${ended} starts`} on record ended before it`;
  return startingForMs !== undefined && startingForMs >= longStartMs
    ? `it has been starting for ${displayTimeSpan(startingForMs)}`
    : undefined;
}
