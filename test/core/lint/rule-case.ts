import { exitOf } from '../../../src/core/lint/unit-past.ts';
import { pastOf, type Given } from './subject-of.ts';

/** One service, and what one rule says of it. */
export interface RuleCase {
  /** Why an expert would say so, or would not. */
  readonly because: string;
  readonly text: string;
  readonly given?: Given;
  /** `line severity message part`, or nothing where it is left alone. */
  readonly found?: readonly [line: number, severity: string, message: RegExp, fix?: string | RegExp];
}

export type RuleCases = Readonly<Record<string, readonly RuleCase[]>>;

export const run = '[Service]\nExecStart=/usr/bin/a\n';
export const always = `${run}Restart=always\n`;
export const loop = (periodMs: number) => ({ past: pastOf({ loop: { restarts: 40, periodMs } }) });
export const exits = (...pairs: readonly (readonly [process: string, status: number, count: number])[]) => ({
  past: pastOf({ exits: new Map(pairs.map(([process, status, count]) => [exitOf(process, status), count])) }),
});
