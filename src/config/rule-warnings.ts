import type { LoopRule } from '../core/policy.ts';
import { displayTimeSpan, formatTimeSpan } from '../core/time-span.ts';
import { type PlacedPolicy, problemIn } from './placed-policy.ts';
import type { Problem } from './problem.ts';
import { ruleText } from './rule-text.ts';

/** What systemd waits before each restart where RestartSec= says nothing (manager.c `manager_defaults`). */
const defaultRestartSecMs = 100;

/**
 * How long the restarts of this rule take at least, where that is too long for it to hold ever: between two of them
 * systemd waits `restartSecMs`, and the service runs.
 */
export function leastSpanMs({ restarts, withinMs }: LoopRule, restartSecMs: number): number | undefined {
  const least = (restarts - 1) * restartSecMs;
  return restarts > 1 && least >= withinMs ? least : undefined;
}

/** Rules that can't hold, and rules that another one leaves nothing to do. */
export function ruleWarnings(placed: PlacedPolicy): Problem[] {
  return placed.policy.loop.flatMap((rule, index) => [
    ...impossible(placed, rule, index),
    ...redundant(placed, rule, index),
  ]);
}

function impossible(placed: PlacedPolicy, rule: LoopRule, index: number): Problem[] {
  const least = leastSpanMs(rule, defaultRestartSecMs);
  if (least === undefined) return [];
  const wait = formatTimeSpan(defaultRestartSecMs);
  const message = `the rule "${ruleText(rule)}" hardly ever holds: systemd waits ${wait} before each restart unless RestartSec= says less, so ${rule.restarts} restarts take more than ${displayTimeSpan(least)}`;
  return [
    problemIn(placed, ['loop', index], message, {
      id: 'impossible-rule',
      severity: 'warning',
      fix: 'ask for fewer restarts, or within a longer time',
    }),
  ];
}

/** Of two rules that are the same the second one is. */
function redundant(placed: PlacedPolicy, rule: LoopRule, index: number): Problem[] {
  const { loop } = placed.policy;
  const earlier = loop.find(
    (other, at) =>
      at !== index &&
      other.restarts <= rule.restarts &&
      other.withinMs >= rule.withinMs &&
      (other.restarts < rule.restarts || other.withinMs > rule.withinMs || at < index),
  );
  if (earlier === undefined) return [];
  const message = `the rule "${ruleText(rule)}" never opens an incident: whenever it holds, "${ruleText(earlier)}" already does`;
  return [
    problemIn(placed, ['loop', index], message, {
      id: 'redundant-rule',
      severity: 'warning',
      fix: 'remove one of the two',
    }),
  ];
}
