import { placeOf, type PlacedPolicy, problemIn } from '../config/placed-policy.ts';
import { maxProblems, type Problem } from '../config/problem.ts';
import { ruleText } from '../config/rule-text.ts';
import { leastSpanMs } from '../config/rule-warnings.ts';
import { displayTimeSpan, formatTimeSpan } from '../core/time-span.ts';
import { Limit } from '../kit/limit.ts';
import { connectBus } from '../systemd/bus.ts';
import { Manager } from '../systemd/manager.ts';
import { effectivePolicyOf } from './check-policy.ts';

/** Two calls each: 32 in flight, as when everything is compared at start. */
const unitsAskedAtOnce = 16;

/**
 * Rules that never hold for a service that is loaded now, since systemd waits too long before each restart. None where
 * systemd does not answer: the files can be checked without it.
 */
export async function restartDelayWarnings(
  placed: readonly PlacedPolicy[],
  address: string,
): Promise<readonly Problem[]> {
  if (placed.length === 0) return [];
  const bus = await connectBus(address).catch(() => undefined);
  if (bus === undefined) return [];
  try {
    const manager = new Manager(bus);
    const listed = await manager.listServices();
    const asking = new Limit(unitsAskedAtOnce);
    const found = await Promise.all(
      listed
        .filter(({ loadState }) => loadState === 'loaded')
        .map(({ unit }) => asking.run(() => warn(manager, unit, placed))),
    );
    return found.flat().slice(0, maxProblems);
  } catch {
    return [];
  } finally {
    await bus.close();
  }
}

async function warn(manager: Manager, unit: string, policies: readonly PlacedPolicy[]): Promise<Problem[]> {
  const { placed } = effectivePolicyOf(unit, policies);
  if (placed === undefined) return [];
  // It may have been unloaded since.
  const settings = await manager.restartSettings(unit).catch(() => undefined);
  if (settings === undefined || settings.restart === 'no') return [];
  return delayWarnings(placed, unit, settings.delayMs);
}

/** One for each rule that was written; of the default ones only where none of them holds ever. */
export function delayWarnings(placed: PlacedPolicy, unit: string, delayMs: number): Problem[] {
  const { loop } = placed.policy;
  const impossible = loop.flatMap((rule, index) => {
    const leastMs = leastSpanMs(rule, delayMs);
    return leastMs === undefined ? [] : [{ rule, index, leastMs }];
  });
  if (placeOf(placed, ['loop']) === undefined && impossible.length < loop.length) return [];
  return impossible.map(({ rule, index, leastMs }) => {
    const message = `the rule "${ruleText(rule)}" never holds for ${unit}: systemd waits ${formatTimeSpan(delayMs)} before each restart of it (RestartSec=), so ${rule.restarts} restarts take more than ${displayTimeSpan(leastMs)}`;
    return problemIn(placed, ['loop', index], message, {
      id: 'rule-too-fast-for-unit',
      severity: 'warning',
      unit,
      fix: `ask for fewer restarts, or within more than ${displayTimeSpan(leastMs)}`,
    });
  });
}
