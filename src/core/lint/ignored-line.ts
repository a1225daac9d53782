import type { PlacedFile, Setting } from '../unit-settings.ts';
import { properSectionOf } from '../unit-directive.ts';
import type { Found } from './finding.ts';
import type { LintRule } from './rule.ts';
import type { Complaint, LintSubject } from './subject.ts';

/**
 * What systemd-analyze(1) verify says of the unit's own files, as far as it is that a line does not count: of obsolete and
 * unsafe things, which do, it tells as well. What is in a wrong section has a rule of its own.
 */
export const ignoredLine: LintRule = {
  id: 'ignored-line',
  finds: "a line that this systemd ignores or can't read, in its own words",
  manual: ['systemd.syntax', 'Introduction'],
  find: (subject) =>
    subject.complaints.flatMap((complaint) => {
      const file = subject.files.find((each) => each.file === complaint.file);
      return file === undefined ? [] : foundAt(subject, file, complaint);
    }),
};

const ignores = /\bignor(ing|ed)\b/i;

function foundAt(subject: LintSubject, file: PlacedFile, { line, message }: Complaint): readonly Found[] {
  const { settings, restart } = subject;
  // There systemd gives up on the whole file.
  const isEnd = file.faults.some((each) => each.ends && each.line === line);
  if (!isEnd && !ignores.test(message)) return [];
  const at = settings.find((each) => each.file === file.file && each.line <= line && line <= each.lastLine);
  if (at !== undefined && properSectionOf(at.directive, at.section) !== undefined) return [];
  const words = message.replace(/[,.]? ignoring(?=[.:]|$)\.?/i, '').replace(/[.: ]+$/, '');
  const noSetting = {
    section: '',
    directive: '',
    value: '',
    file: file.file,
    line,
    lastLine: line,
    column: 1,
  };
  return [
    {
      severity: isEnd ? 'error' : severityOf(at),
      at: at ?? noSetting,
      message: `systemd ${restart.systemdVersion} ${isEnd ? "can't read this file from here on" : 'ignores this'}: ${words}`,
      fix: 'write what this systemd reads, or remove the line',
    },
  ];
}

/** Where it is about restarts it is a brake that is not there; much else is meant for newer systemds. */
function severityOf(at: Setting | undefined): Found['severity'] {
  return at === undefined || at.standing.kind === 'ignored' ? 'warning' : 'info';
}
