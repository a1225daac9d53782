import type { Finding } from './finding.ts';
import type { LintRule } from './rule.ts';
import { lintRules } from './rules.ts';
import type { LintSubject } from './subject.ts';

/** Everything that the rules find about one service, by file and line. */
export function lint(subject: LintSubject): readonly Finding[] {
  return lintRules.flatMap((rule) => findingsOf(rule, subject)).sort(comparePlaces);
}

function findingsOf(rule: LintRule, subject: LintSubject): readonly Finding[] {
  return rule.find(subject).map(({ severity, at, message, fix }) => ({
    id: rule.id,
    severity,
    unit: subject.unit,
    file: at?.file ?? subject.files[0]?.file ?? '',
    line: at?.line ?? 1,
    column: at?.column ?? 1,
    message,
    fix,
    see: manualUrl(rule),
    ...(at === undefined || at.directive === '' ? {} : { source: `${at.directive}=${at.value}` }),
  }));
}

export function manualUrl({ manual: [page, anchor] }: LintRule): string {
  return `https://www.freedesktop.org/software/systemd/man/latest/${page}.html#${encodeURI(anchor)}`;
}

function comparePlaces(a: Finding, b: Finding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
