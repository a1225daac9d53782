import type { PlacedFile, Setting } from '../systemd/unit-settings.ts';
import { isRestartDirective, kindOf, properSectionOf } from '../systemd/unit-directive.ts';
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
  find: (subject) => {
    const own = subject.complaints.filter(({ file }) => subject.files.some((each) => each.file === file));
    return [
      ...own.flatMap((complaint) => {
        const file = subject.files.find((each) => each.file === complaint.file);
        return file === undefined ? [] : foundAt(subject, file, complaint);
      }),
      ...unsaid(subject, own),
    ];
  },
};

/** What verify does not look at, as the drop-ins of an instance: of the directives about restarts it is known anyway. */
function unsaid({ settings, restart }: LintSubject, said: readonly Complaint[]): readonly Found[] {
  const { systemdVersion } = restart;
  const lines = new Set(said.map(({ file, line }) => `${file}:${line}`));
  return settings
    .filter((each) => each.standing.kind === 'ignored' && isRestartDirective(each))
    .filter(({ file, lastLine }) => !lines.has(`${file}:${lastLine}`))
    .map((at) => {
      const isUnknown = kindOf(at, systemdVersion) === 'unknown';
      const why = isUnknown ? `it does not know ${at.directive}=` : "it can't read the value";
      return { severity: 'warning', at, message: `systemd ${systemdVersion} ignores this: ${why}`, fix };
    });
}

const fix = 'write what this systemd reads, or remove the line';

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
      fix,
    },
  ];
}

/** Where it is about restarts it is a brake that is not there; much else is meant for newer systemds. */
function severityOf(at: Setting | undefined): Found['severity'] {
  return at === undefined || at.standing.kind === 'ignored' ? 'warning' : 'info';
}
