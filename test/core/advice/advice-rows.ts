import type { AdviceEvidence } from '../../../src/core/advice/advice-evidence.ts';
import { builtInPolicy, type RemedySettings } from '../../../src/core/policy.ts';
import type { RunEnding } from '../../../src/core/systemd/run-ending.ts';
import { evidenceOf, hourMs, runsUntil, secondMs, type RunsOf } from './advice-cases.ts';
import { ending, exited } from '../systemd/ending-cases.ts';

export const day = 24 * hourMs;
export const slowly = ['RestartSec=5s', 'RestartSteps=6', 'RestartMaxDelaySec=5min'];
export const withLimit = ['StartLimitIntervalSec=1h', 'StartLimitBurst=9', ...slowly];

/** A loop of so many runs of three seconds each, a day after flapd began to look. */
export const loop = (end: RunEnding | readonly RunEnding[], change: Partial<RunsOf> = {}): RunsOf => ({
  ends: [end].flat(),
  times: 12,
  uptimeMs: 3 * secondMs,
  ...change,
});
export const healthy = loop(ending({ requested: true, result: 'success', status: 0 }), {
  times: 1,
  uptimeMs: 3 * hourMs,
});
/** Dies after three hours of its own. */
export const longLife = loop(exited(1), { times: 1, uptimeMs: 3 * hourMs });

export type Change = Parameters<typeof evidenceOf>[1];
export const given = (change: Change, ...parts: readonly RunsOf[]): AdviceEvidence =>
  evidenceOf(runsUntil(day, ...parts), change);
export const remedy = (change: Partial<RemedySettings>): Pick<AdviceEvidence, 'policy'> => ({
  policy: { ...builtInPolicy, name: 'web', remedy: { ...builtInPolicy.remedy, ...change } },
});

export interface Case {
  readonly evidence: AdviceEvidence;
  /** Lines of the drop-in; none where `none` says why. */
  readonly lines?: readonly string[];
  readonly none?: string;
  /** What some reason or note says. */
  readonly says?: string;
  /** Why an expert would say so. */
  readonly because: string;
}
