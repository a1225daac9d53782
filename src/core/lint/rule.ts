import type { Found } from './finding.ts';
import type { LintSubject } from './subject.ts';

/** One kind of brake that can't work. */
export interface LintRule {
  /** For scripts and for `flapd lint`'s output; never changes. */
  readonly id: string;
  /** What it finds, as a clause. */
  readonly finds: string;
  /** Where the manual says so: page, and what the section is called there. */
  readonly manual: readonly [page: 'systemd.unit' | 'systemd.service' | 'systemd.syntax', anchor: string];
  readonly find: (subject: LintSubject) => readonly Found[];
}
