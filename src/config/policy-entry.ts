import { builtInPolicy, type Policy, type RemedySettings } from '../core/policy.ts';
import type { PolicyEntry } from './policy-schema.ts';
import type { RemedyEntry } from './remedy-schema.ts';

/** What a policy leaves out it takes from the built-in one. */
export function policyOf(entry: PolicyEntry, name: string): Policy {
  return {
    name: entry.name ?? name,
    match: entry.match ?? builtInPolicy.match,
    loop: entry.loop?.map(({ restarts, within }) => ({ restarts, withinMs: within })) ?? builtInPolicy.loop,
    calmAfterMs: entry.calm_after ?? builtInPolicy.calmAfterMs,
    mode: entry.mode ?? builtInPolicy.mode,
    remedy: remedyOf(entry.remedy ?? {}),
    notify: entry.notify ?? builtInPolicy.notify,
    remindEveryMs: entry.remind_every ?? builtInPolicy.remindEveryMs,
  };
}

function remedyOf(entry: RemedyEntry): RemedySettings {
  const { remedy: builtIn } = builtInPolicy;
  return {
    preventExitStatus: entry.prevent_exit_status ?? builtIn.preventExitStatus,
    backoff: entry.backoff === undefined ? builtIn.backoff : backoffOf(entry.backoff),
    startLimit: entry.start_limit ?? builtIn.startLimit,
    lifetime: entry.lifetime ?? builtIn.lifetime,
    revertAfterMs: entry.revert_after ?? builtIn.revertAfterMs,
  };
}

function backoffOf(backoff: NonNullable<RemedyEntry['backoff']>): RemedySettings['backoff'] {
  return typeof backoff === 'string' ? backoff : { fromMs: backoff.from, toMs: backoff.to };
}
