import { displayTimeSpan, formatTimeSpan, parseTimeSpan } from '../time-span.ts';
import { restartsByItself } from './restarts-by-itself.ts';
import { dropIn, type Found } from './finding.ts';
import type { LintRule } from './rule.ts';
import {
  delayWords,
  isLimitOff,
  isLimitSet,
  isOutOfReach,
  leastTimeMs,
  limitFix,
  limitWords,
} from './start-limit.ts';
import { placeOf, type LintSubject } from './subject.ts';

/** systemd counts starts in a window that does not slide (ratelimit.c): slower ones never fill it. */
export const startLimitOutOfReach: LintRule = {
  id: 'start-limit-out-of-reach',
  finds: "a start limit that can't stop a loop, at the pace that is set or that the service had",
  manual: ['systemd.unit', 'StartLimitIntervalSec=interval'],
  find: (subject) => {
    const { restart } = subject;
    if (!restartsByItself(restart) || isLimitOff(restart) || leastTimeMs(restart) === Infinity) return [];
    return isOutOfReach(restart) ? [bySettings(subject)] : byPace(subject);
  },
};

const place = (subject: LintSubject): Found['at'] =>
  placeOf(
    subject,
    'Unit.StartLimitIntervalSec',
    'Unit.StartLimitBurst',
    'Service.RestartSec',
    'Service.RestartMaxDelaySec',
    'Service.Restart',
  );

function bySettings(subject: LintSubject): Found {
  const { restart, past } = subject;
  const { startLimitBurst: burst, startLimitIntervalMs } = restart;
  const seen = past?.loop === undefined ? '' : `, and it looped each ${displayTimeSpan(past.loop.periodMs)}`;
  return {
    // Who wrote no limit may mean that it is tried for ever.
    severity: isLimitSet(subject) || past?.loop !== undefined ? 'warning' : 'info',
    at: place(subject),
    message: `the start limit (${limitWords(subject)}) can't stop a loop: ${burst} restarts wait ${formatTimeSpan(leastTimeMs(restart))} at least (${delayWords(subject)}), more than ${formatTimeSpan(startLimitIntervalMs)}${seen}`,
    fix: misplaced(subject) ?? limitFix(subject, restart, { periodMs: past?.loop?.periodMs }),
  };
}

/** Somebody wrote an interval that would do, where systemd does not read it: then that is what to write. */
function misplaced({ settings, restart }: LintSubject): string | undefined {
  const written = settings.find(
    ({ directive, standing }) => directive === 'StartLimitIntervalSec' && standing.kind === 'ignored',
  );
  const span = parseTimeSpan(written?.value ?? '');
  if (written === undefined || !span.ok || span.ms === 0) return undefined;
  return isOutOfReach({ ...restart, startLimitIntervalMs: span.ms })
    ? undefined
    : dropIn({ Unit: [`StartLimitIntervalSec=${written.value}`] });
}

function byPace(subject: LintSubject): readonly Found[] {
  const { restart, past } = subject;
  const { startLimitBurst: burst, startLimitIntervalMs } = restart;
  if (past?.loop === undefined) return [];
  const { periodMs, restarts } = past.loop;
  if (burst * periodMs <= startLimitIntervalMs) return [];
  return [
    {
      severity: 'warning',
      at: place(subject),
      message: `the start limit (${limitWords(subject)}) did not trip when it looped: ${restarts} restarts, one each ${displayTimeSpan(periodMs)}, and ${burst} × ${displayTimeSpan(periodMs)} is more than ${formatTimeSpan(startLimitIntervalMs)}`,
      fix: limitFix(subject, restart, { periodMs }),
    },
  ];
}
