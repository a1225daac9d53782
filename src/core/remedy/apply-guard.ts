import { neverAppliesTo } from './deny-list.ts';
import { type DirectiveFacts, directiveRefusal } from './directive-guard.ts';
import type { LoadedService } from '../systemd/loaded-service.ts';
import type { Policy } from '../policy.ts';
import type { Refusal } from '../refusal.ts';
import { type LedgerEntry, ledgerSpanMs } from './remedy-ledger.ts';
import { displayTimeSpan } from '../time-span.ts';

/** A unit whose remedy was touched is left alone for so long. */
export const cooldownMs = ledgerSpanMs;

/** Remedies that the daemon may apply on a host within an hour. */
export const budgetPerHour = 6;

/** All that decides whether a remedy may be applied, looked up anew right before. */
export interface GuardFacts extends Pick<DirectiveFacts, 'directives'> {
  readonly service: LoadedService;
  readonly policy: Policy;
  /** Why nothing may be written on this host now, as a clause; undefined where it may. */
  readonly switchedOff: Refusal | undefined;
  /** All its names: its own, and those that are aliases of it. */
  readonly names: readonly string[];
  /** Every unit that requires it or is bound to it, also by way of others. */
  readonly dependents: readonly string[];
  readonly ledger: readonly LedgerEntry[];
  readonly by: 'hand' | 'daemon';
  readonly nowWallMs: number;
  readonly nowMonotonicMs: number;
}

/**
 * Why the remedy must not be applied; undefined where it may. A person who asks is held back by everything but the
 * policy's mode, that the unit is well or being edited, the cooldown and the budget, which are there for a machine that acts alone.
 */
export function guardRefusal(facts: GuardFacts): Refusal | undefined {
  return (
    facts.switchedOff ??
    denied(facts) ??
    notLoaded(facts) ??
    (facts.by === 'hand'
      ? undefined
      : (notByPolicy(facts) ?? isWell(facts) ?? isEdited(facts) ?? cooling(facts) ?? overBudget(facts))) ??
    byDirectives(facts)
  );
}

/** A unit that is never touched, or that one of those needs: no remedy may take it down. */
function denied({ service: { unit }, names, dependents }: GuardFacts): Refusal | undefined {
  for (const name of [unit, ...names]) {
    const because = neverAppliesTo(name);
    if (because !== undefined)
      return { rule: 'deny-list', reason: `flapd never changes ${name}: ${because}` };
  }
  for (const dependent of dependents) {
    const because = neverAppliesTo(dependent);
    if (because !== undefined)
      return {
        rule: 'deny-list',
        reason: `${dependent} requires it, and flapd never changes that: ${because}`,
      };
  }
  return undefined;
}

function notLoaded({ service: { unit, loadState, transient } }: GuardFacts): Refusal | undefined {
  if (loadState !== 'loaded')
    return {
      rule: 'loaded',
      reason: `systemd has not loaded it (${loadState})`,
      hint: `systemctl status ${unit}`,
    };
  return transient ? { rule: 'loaded', reason: 'it is transient: a drop-in would outlive it' } : undefined;
}

function notByPolicy({ policy, service: { unit } }: GuardFacts): Refusal | undefined {
  if (policy.mode === 'apply') return undefined;
  return {
    rule: 'policy',
    reason: `its policy "${policy.name}" says "mode: ${policy.mode}", not "apply"`,
    hint: `flapd check --unit ${unit}`,
  };
}

/** One that stays up needs no remedy, whatever the daemon says that it saw. */
function isWell({ service: { activeSinceMs }, policy, nowMonotonicMs }: GuardFacts): Refusal | undefined {
  const upMs = activeSinceMs === undefined ? 0 : nowMonotonicMs - activeSinceMs;
  if (upMs < policy.calmAfterMs) return undefined;
  return {
    rule: 'well',
    reason: `it has been up for ${displayTimeSpan(upMs)}, and is in no loop: its policy calls ${displayTimeSpan(policy.calmAfterMs)} calm`,
  };
}

/** Somebody is at it: what they have written is to be tried first, and when, they say. */
function isEdited({ service: { needsReload } }: GuardFacts): Refusal | undefined {
  if (!needsReload) return undefined;
  return {
    rule: 'edited',
    reason: 'its files have changed since systemd read them: whoever is at it comes first',
    hint: 'systemctl daemon-reload',
  };
}

function cooling({ ledger, service: { unit }, nowWallMs }: GuardFacts): Refusal | undefined {
  const last = ledger.findLast((entry) => entry.unit === unit);
  if (last === undefined) return undefined;
  const agoMs = Math.max(0, nowWallMs - last.atWallMs);
  if (agoMs >= cooldownMs) return undefined;
  return {
    rule: 'cooldown',
    reason: `a remedy of it was ${last.did} ${displayTimeSpan(agoMs)} ago, less than ${displayTimeSpan(cooldownMs)}`,
    passes: { atWallMs: nowWallMs - agoMs + cooldownMs, of: 'unit' },
  };
}

function overBudget({ ledger, nowWallMs }: GuardFacts): Refusal | undefined {
  const spent = ledger.filter(
    ({ did, by, atWallMs }) => did === 'applied' && by === 'daemon' && nowWallMs - atWallMs < ledgerSpanMs,
  );
  // The one whose hour must be over for another to be within the budget.
  const oldest = spent.at(-budgetPerHour);
  if (oldest === undefined) return undefined;
  const leftMs = Math.min(ledgerSpanMs, oldest.atWallMs + ledgerSpanMs - nowWallMs);
  return {
    rule: 'budget',
    reason: `${spent.length} remedies were applied on this host within ${displayTimeSpan(ledgerSpanMs)}, and no unit gets another for ${displayTimeSpan(leftMs)}`,
    passes: { atWallMs: nowWallMs + leftMs, of: 'host' },
  };
}

function byDirectives({ directives, service, policy }: GuardFacts): Refusal | undefined {
  const { settings, startLimitAction, failureAction } = service;
  if (settings === undefined) return { rule: 'loaded', reason: 'its restart settings are not known' };
  return directiveRefusal({ directives, settings, startLimitAction, failureAction, remedy: policy.remedy });
}
