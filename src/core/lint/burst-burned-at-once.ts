import { timerSlackMs } from '../systemd/brake.ts';
import { neverAppliesTo } from '../remedy/deny-list.ts';
import { willRestart } from '../systemd/restart-decision.ts';
import type { RestartSettings } from '../systemd/restart-settings.ts';
import { displayTimeSpan, formatTimeSpan } from '../time-span.ts';
import { inForceOf } from '../systemd/unit-settings.ts';
import { failures } from './restarts-by-itself.ts';
import type { LintRule } from './rule.ts';
import { delayWords, isLimitOff, isLimitSet, leastTimeMs, limitFix, limitWords } from './start-limit.ts';
import { placeOf, type LintSubject } from './subject.ts';

/** Whoever is restarted, or comes up after a boot, takes longer than this to answer. */
const soonMs = 1000;
/** A delay that most services that come back have come back within, five times over. */
const patientSecMs = 5000;

/**
 * Starts that fail because of another service fail until that one is back; a burst that is over before leaves both down.
 * Only of a unit that says itself that it needs one: pulled in, and waited for.
 */
export const burstBurnedAtOnce: LintRule = {
  id: 'burst-burned-at-once',
  finds: 'a delay so short that a dependency which comes back slowly costs the whole burst',
  manual: ['systemd.service', 'RestartSec='],
  find: (subject) => {
    const { unit, restart } = subject;
    if (!restartsOnExit(restart) || isLimitOff(restart) || leastTimeMs(restart) > soonMs) return [];
    const needed = slowDependencies(subject);
    if (needed.length === 0 || neverAppliesTo(unit) !== undefined) return [];
    const delay = placeOf(subject, 'Service.RestartSec');
    const first = needed.slice(0, 2).join(' and ');
    const take = needed.length > 1 ? 'take' : 'takes';
    const slower = { ...restart, restartSecMs: patientSecMs };
    return [
      {
        // Who wrote neither may not have thought of it, or may not need more.
        severity: delay !== undefined || isLimitSet(subject) ? 'warning' : 'info',
        at: delay ?? placeOf(subject, 'Service.Restart'),
        message: `${restart.startLimitBurst} restarts that fail at once are over ${burnedIn(restart)} (${delayWords(subject)}): where ${first}, which it needs, ${take} longer to be up, the start limit (${limitWords(subject)}) has given up on it by then`,
        fix: limitFix(subject, slower, { service: [`RestartSec=${formatTimeSpan(patientSecMs)}`] }),
      },
    ];
  },
};

/** At most: each may come as much later than its delay as PID 1's timers do; without a delay there is no timer. */
function burnedIn(restart: RestartSettings): string {
  const waitMs = leastTimeMs(restart);
  if (waitMs === 0) return 'without a pause';
  return `within ${displayTimeSpan(waitMs + restart.startLimitBurst * timerSlackMs)}`;
}

/** Whoever finds nobody to talk to exits; where only a crash is restarted, that costs nothing. */
function restartsOnExit(settings: RestartSettings): boolean {
  return failures.some((end) => end.result === 'exit-code' && willRestart(end, settings).restarts);
}

/**
 * What it both pulls in and waits for: other services that are not systemd's own, and the network. What it is bound to
 * takes it down and up with itself.
 */
function slowDependencies({ settings, unit }: LintSubject): readonly string[] {
  const named = (directive: string): readonly string[] =>
    inForceOf(settings, 'Unit', directive).flatMap(({ value }) => value.split(/[ \t]+/));
  const after = new Set(named('After'));
  const bound = new Set(named('BindsTo'));
  const pulled = ['Requires', 'Requisite', 'Wants'].flatMap(named);
  return [...new Set(pulled)].filter(
    (name) =>
      after.has(name) &&
      !bound.has(name) &&
      name !== unit &&
      (name === 'network-online.target' || isOtherService(name)),
  );
}

function isOtherService(name: string): boolean {
  return name.endsWith('.service') && !name.startsWith('modprobe@') && neverAppliesTo(name) === undefined;
}
