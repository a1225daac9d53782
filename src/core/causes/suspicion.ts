import type { Evidence } from '../evidence/evidence.ts';
import type { Inquiry } from '../evidence/inquiry.ts';

export const causeIds = [
  'oom-killed',
  'watchdog-timeout',
  'missing-user',
  'missing-directory',
  'bad-executable',
  'noexec-mount',
  'shell-quoting',
  'address-in-use',
  'disk-full',
  'fd-limit',
  'dependency-down',
  'missing-file',
  'permission-denied',
  'start-timeout',
  'config-error',
  'core-dumped',
] as const;

export type CauseId = (typeof causeIds)[number];

/** What may be why, before anybody looked. */
export interface Suspicion {
  readonly sentence: string;
  /** Log lines that say so, at most six. */
  readonly proof: readonly string[];
  /** As long as nothing was asked. */
  readonly state: 'confirmed' | 'likely';
  readonly inquiry?: Inquiry;
}

/** One kind of cause. Each looks at the evidence by itself and knows nothing of the others. */
export interface Matcher {
  readonly id: CauseId;
  readonly looksFor: string;
  /** Says how a run ended rather than why: named after causes that say more. */
  readonly isGeneral?: true;
  match(evidence: Evidence): Suspicion | undefined;
}
