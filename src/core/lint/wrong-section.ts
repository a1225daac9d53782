import { isUsable, properSectionOf } from '../systemd/unit-directive.ts';
import { parseTimeSpan } from '../time-span.ts';
import { dropIn } from './finding.ts';
import type { LintRule } from './rule.ts';
import { isOutOfReach, limitFix } from './start-limit.ts';
import type { LintSubject } from './subject.ts';

/** The old names StartLimitInterval= and StartLimitBurst= are read in [Service] too: those are left alone. */
export const wrongSection: LintRule = {
  id: 'wrong-section',
  finds: 'a restart or limit directive in a section where systemd does not read it',
  manual: ['systemd.unit', 'StartLimitIntervalSec=interval'],
  find: (subject) =>
    subject.settings.flatMap((setting) => {
      const { section, directive, value, standing } = setting;
      const proper = properSectionOf(directive, section);
      if (standing.kind !== 'ignored' || proper === undefined) return [];
      return [
        {
          severity: 'error',
          at: setting,
          message: `${directive}=${value} has no effect: it stands in [${section}], and systemd reads it in [${proper}] only`,
          fix: fixOf(subject, { section: proper, directive, value }),
        } as const,
      ];
    }),
};

/** The same line where it belongs, unless that would be no brake either. */
function fixOf(
  subject: LintSubject,
  moved: { readonly section: string; readonly directive: string; readonly value: string },
): string {
  const { section, directive, value } = moved;
  const { restart } = subject;
  if (!isUsable(moved, restart.systemdVersion))
    return `write it into [${section}], with a value that systemd can read`;
  const span = parseTimeSpan(value);
  const isInterval = directive === 'StartLimitIntervalSec' && span.ok;
  return isInterval && isOutOfReach({ ...restart, startLimitIntervalMs: span.ms })
    ? limitFix(subject)
    : dropIn({ [section]: [`${directive}=${value}`] });
}
