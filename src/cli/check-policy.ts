import { placeOf, type PlacedPolicy } from '../config/placed-policy.ts';
import { neverAppliesTo } from '../core/remedy/deny-list.ts';
import { builtInPolicy, type Policy } from '../core/policy.ts';
import { fits } from '../core/policy-choice.ts';
import { formatTimeSpan } from '../core/time-span.ts';
import type { YamlPath } from '../config/yaml-source.ts';

/** The policy that holds for a unit. */
export interface EffectivePolicy {
  readonly unit: string;
  readonly policy: Policy;
  /** Where it is written; undefined for the built-in one. */
  readonly placed: PlacedPolicy | undefined;
}

/** The keys of a policy that have a value of their own. */
export const policyKeys: readonly YamlPath[] = [
  ['match'],
  ['loop'],
  ['calm_after'],
  ['mode'],
  ['remedy', 'prevent_exit_status'],
  ['remedy', 'backoff'],
  ['remedy', 'start_limit'],
  ['remedy', 'lifetime'],
  ['remedy', 'revert_after'],
  ['notify'],
  ['remind_every'],
];

/** The first policy that fits the unit, or the built-in one. */
export function effectivePolicyOf(unit: string, policies: readonly PlacedPolicy[]): EffectivePolicy {
  const placed = policies.find(({ policy }) => fits(policy, unit));
  return { unit, policy: placed?.policy ?? builtInPolicy, placed };
}

/** `FILE:LINE`, or `default` where the policy leaves it out. */
export function originOf({ placed }: EffectivePolicy, path: YamlPath): string {
  const place = placed && placeOf(placed, path);
  return place ? `${place.file}:${place.line}` : 'default';
}

/** For scripts; what is absent is so by default, as in the files. */
export function policyJson(effective: EffectivePolicy): unknown {
  const { unit, policy, placed } = effective;
  const { remedy } = policy;
  const { backoff } = remedy;
  const neverApplied = neverAppliesTo(unit);
  return {
    unit,
    name: policy.name,
    ...(placed && placeOf(placed, [])),
    ...(neverApplied === undefined ? {} : { neverApplied }),
    match: policy.match,
    loop: policy.loop.map(({ restarts, withinMs }) => ({ restarts, within: formatTimeSpan(withinMs) })),
    calmAfterSeconds: policy.calmAfterMs / 1000,
    mode: policy.mode,
    remedy: {
      preventExitStatus: remedy.preventExitStatus,
      backoff:
        typeof backoff === 'string'
          ? backoff
          : { fromSeconds: backoff.fromMs / 1000, toSeconds: backoff.toMs / 1000 },
      startLimit: remedy.startLimit,
      lifetime: remedy.lifetime,
      revertAfterSeconds: remedy.revertAfterMs / 1000,
    },
    ...(policy.notify === undefined ? {} : { notify: policy.notify }),
    remindEverySeconds: policy.remindEveryMs / 1000,
    from: Object.fromEntries(policyKeys.map((path) => [path.join('.'), originOf(effective, path)])),
  };
}
