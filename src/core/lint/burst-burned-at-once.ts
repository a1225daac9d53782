import { neverAppliesTo } from '../deny-list.ts';
import { restartDelayMs } from '../restart-delay.ts';
import { formatTimeSpan } from '../time-span.ts';
import { inForceOf } from '../unit-settings.ts';
import { restartsByItself } from './restarts-by-itself.ts';
import type { LintRule } from './rule.ts';
import { delayWords, isLimitOff, leastTimeMs, limitFix, limitWords } from './start-limit.ts';
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
    if (!restartsByItself(restart) || isLimitOff(restart) || leastTimeMs(restart) > soonMs) return [];
    const needed = slowDependencies(subject);
    if (needed.length === 0 || neverAppliesTo(unit) !== undefined) return [];
    const first = needed.slice(0, 2).join(' and ');
    const slower = { ...restart, restartSecMs: patientSecMs };
    return [
      {
        severity: 'warning',
        at: placeOf(subject, 'Service.RestartSec', 'Service.Restart'),
        message: `${restart.startLimitBurst} starts that fail at once are over in ${burnedIn(subject)} (${delayWords(subject)}), and then the start limit (${limitWords(subject)}) leaves it failed, even where ${first}, which it needs, is back a moment later`,
        fix: limitFix(subject, slower, { service: [`RestartSec=${formatTimeSpan(patientSecMs)}`] }),
      },
    ];
  },
};

function burnedIn({ restart }: LintSubject): string {
  const ms = leastTimeMs(restart);
  return restartDelayMs(1, restart) === 0 ? 'no time' : formatTimeSpan(ms);
}

/** What it both pulls in and waits for: other services that are not systemd's own, and the network. */
function slowDependencies({ settings, unit }: LintSubject): readonly string[] {
  const named = (directive: string): readonly string[] =>
    inForceOf(settings, 'Unit', directive).flatMap(({ value }) => value.split(/[ \t]+/));
  const after = new Set(named('After'));
  const pulled = ['Requires', 'BindsTo', 'Requisite', 'Wants'].flatMap(named);
  return [...new Set(pulled)].filter(
    (name) => after.has(name) && name !== unit && (name === 'network-online.target' || isOtherService(name)),
  );
}

function isOtherService(name: string): boolean {
  return name.endsWith('.service') && !name.startsWith('modprobe@') && neverAppliesTo(name) === undefined;
}
