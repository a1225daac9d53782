import { type Directive, directiveLine, readDirective } from './directive.ts';
import type { RemedySettings } from '../policy.ts';
import type { Refusal } from '../refusal.ts';
import { growingDelaySince, restartDelayMs } from '../systemd/restart-delay.ts';
import type { RestartSettings } from '../systemd/restart-settings.ts';
import { settingsWith } from '../advice/advised.ts';
import { formatTimeSpan } from '../time-span.ts';

/** What the directives would do to a service, and what decides whether they may. */
export interface DirectiveFacts {
  readonly directives: readonly Directive[];
  /** In force now. */
  readonly settings: RestartSettings;
  /** `StartLimitAction=` and `FailureAction=`: what systemd does to the machine when the unit rests. */
  readonly startLimitAction: string;
  readonly failureAction: string;
  readonly remedy: RemedySettings;
}

/**
 * Why these directives must not be written for this service; undefined where they may. Whoever asks: a remedy may make a
 * service restart later, less often or no more, and nothing else.
 */
export function directiveRefusal(facts: DirectiveFacts): Refusal | undefined {
  const { directives } = facts;
  if (directives.length === 0)
    return { rule: 'directives', reason: 'there is nothing to write: no directive is given' };
  return (
    twice(directives) ??
    unknownToSystemd(facts) ??
    offByPolicy(facts) ??
    firesAction(facts) ??
    faster(facts) ??
    weakerLimit(facts)
  );
}

function twice(directives: readonly Directive[]): Refusal | undefined {
  const names = directives.map(({ name }) => name);
  const again = names.find((name, index) => names.indexOf(name) !== index);
  return again === undefined ? undefined : { rule: 'directives', reason: `${again}= is given twice` };
}

function unknownToSystemd({ directives, settings }: DirectiveFacts): Refusal | undefined {
  if (settings.systemdVersion >= growingDelaySince) return undefined;
  const unknown = directives.find(({ name }) => name === 'RestartSteps' || name === 'RestartMaxDelaySec');
  return (
    unknown && {
      rule: 'systemd-version',
      reason: `systemd ${settings.systemdVersion} does not know ${unknown.name}=, which came with ${growingDelaySince}`,
    }
  );
}

function offByPolicy({ directives, remedy }: DirectiveFacts): Refusal | undefined {
  for (const directive of directives) {
    const reason = policyReason(directive, remedy);
    if (reason !== undefined) return { rule: 'policy', reason };
  }
  return undefined;
}

function policyReason(directive: Directive, remedy: RemedySettings): string | undefined {
  const { preventExitStatus, backoff, startLimit } = remedy;
  switch (directive.name) {
    case 'RestartPreventExitStatus':
      return preventReason(directive, preventExitStatus);
    case 'RestartSec':
    case 'RestartMaxDelaySec':
      if (backoff === 'off') return 'its policy says "backoff: off"';
      if (backoff === 'auto' || (directive.ms >= backoff.fromMs && directive.ms <= backoff.toMs))
        return undefined;
      return `${directiveLine(directive)} is outside of its policy's backoff, from ${formatTimeSpan(backoff.fromMs)} to ${formatTimeSpan(backoff.toMs)}`;
    case 'RestartSteps':
      return backoff === 'off' ? 'its policy says "backoff: off"' : undefined;
    case 'StartLimitIntervalSec':
    case 'StartLimitBurst':
      return startLimit === 'off' ? 'its policy says "start_limit: off"' : undefined;
  }
}

function preventReason(
  { exits }: Directive & { readonly name: 'RestartPreventExitStatus' },
  allowed: RemedySettings['preventExitStatus'],
): string | undefined {
  if (allowed === 'auto') return undefined;
  if (allowed === 'off') return 'its policy says "prevent_exit_status: off"';
  const reading = readDirective('RestartPreventExitStatus', allowed.join(' '));
  const list = reading.ok && 'exits' in reading.directive ? reading.directive.exits : undefined;
  const isListed =
    exits.statuses.every((status) => list?.statuses.includes(status)) &&
    exits.signals.every((signal) => list?.signals.includes(signal));
  return isListed ? undefined : `its policy allows "prevent_exit_status" ${allowed.join(', ')} only`;
}

/** A unit that comes to rest sets these off: a reboot is no remedy (systemd.unit(5)). */
function firesAction({ directives, startLimitAction, failureAction }: DirectiveFacts): Refusal | undefined {
  const prevents = directives.find(({ name }) => name === 'RestartPreventExitStatus');
  const limits = directives.find(
    ({ name }) => name === 'StartLimitBurst' || name === 'StartLimitIntervalSec',
  );
  const resting = prevents ?? limits;
  if (resting !== undefined && failureAction !== 'none')
    return {
      rule: 'action',
      reason: `with ${resting.name}= it may rest in failed, and then FailureAction=${failureAction} is done`,
    };
  if (limits !== undefined && startLimitAction !== 'none')
    return {
      rule: 'action',
      reason: `its start limit does StartLimitAction=${startLimitAction} when it trips`,
    };
  return undefined;
}

/** At each restart that it may come to, from the first to the one after the last step. */
function faster({ directives, settings }: DirectiveFacts): Refusal | undefined {
  const after = settingsWith(settings, directives);
  const last = Math.max(settings.restartSteps, after.restartSteps) + 1;
  for (let n = 1; n <= last; n += 1) {
    const [wasMs, wouldBeMs] = [restartDelayMs(n, settings), restartDelayMs(n, after)];
    if (wouldBeMs < wasMs)
      return {
        rule: 'slower-only',
        reason: `restart ${n} would come after ${formatTimeSpan(wouldBeMs)}, sooner than after ${formatTimeSpan(wasMs)} as now`,
      };
  }
  return undefined;
}

/** A limit may let more starts pass in all, where longer delays want patience, but not more of them in a time. */
function weakerLimit({ directives, settings }: DirectiveFacts): Refusal | undefined {
  const { startLimitBurst: burst, startLimitIntervalMs: intervalMs } = settings;
  if (burst <= 0 || intervalMs <= 0) return undefined;
  const after = settingsWith(settings, directives);
  if (after.startLimitBurst * intervalMs <= burst * after.startLimitIntervalMs) return undefined;
  return {
    rule: 'slower-only',
    reason: `a start limit of ${after.startLimitBurst} in ${formatTimeSpan(after.startLimitIntervalMs)} lets pass what the one of now, ${burst} in ${formatTimeSpan(intervalMs)}, stops`,
  };
}
