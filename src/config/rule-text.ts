import type { LoopRule } from '../core/policy.ts';
import { formatTimeSpan } from '../core/time-span.ts';

/** `5 within 2min`, as incidents name their rule. */
export function ruleText({ restarts, withinMs }: LoopRule): string {
  return `${restarts} within ${formatTimeSpan(withinMs)}`;
}
