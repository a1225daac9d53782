import { covers } from '../core/pattern-cover.ts';
import { typedPattern } from '../core/unit-pattern.ts';
import { placeOf, type PlacedPolicy, problemIn } from './placed-policy.ts';
import { type Problem, quote } from './problem.ts';

/** Pairs of characters of two patterns that are compared in one load (0.2 s); what is left then is not looked at. */
const maxPairs = 600_000;

interface Owned {
  readonly pattern: string;
  /** What stands before its first sign that means more than itself: most patterns differ there. */
  readonly start: string;
  readonly owner: PlacedPolicy;
}

/** For each policy those that its patterns belong to, where each of them belongs to a policy before it. */
export function ownersOf(placed: readonly PlacedPolicy[]): readonly (readonly PlacedPolicy[])[] {
  const plain = new Map<string, PlacedPolicy>();
  const globs: Owned[] = [];
  let left = maxPairs;
  const ownerOf = (pattern: string): PlacedPolicy | undefined => {
    const same = plain.get(typedPattern(pattern));
    if (same) return same;
    for (const glob of globs) {
      const mayCover = pattern.startsWith(glob.start);
      left -= mayCover ? glob.pattern.length * pattern.length : 1;
      if (left < 0) return undefined;
      if (mayCover && covers(glob.pattern, pattern)) return glob.owner;
    }
    return undefined;
  };
  return placed.map((policy) => {
    const { match } = policy.policy;
    const owners = match.map(ownerOf).filter((owner) => owner !== undefined);
    for (const pattern of match) {
      if (isGlob(pattern)) globs.push({ pattern, start: /^[^*?[]*/.exec(pattern)?.[0] ?? '', owner: policy });
      else if (!plain.has(typedPattern(pattern))) plain.set(typedPattern(pattern), policy);
    }
    return owners.length === match.length ? owners : [];
  });
}

function isGlob(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/** A policy that is never used. */
export function shadowWarnings(placed: PlacedPolicy, owners: readonly PlacedPolicy[]): Problem[] {
  const { name, match } = placed.policy;
  const [pattern = ''] = match;
  const [owner] = owners;
  if (owner === undefined) return [];
  const place = placeOf(owner, []);
  const first = `${quote(pattern)} belongs to policy ${quote(owner.policy.name)} at ${place?.file}:${place?.line}`;
  const rest = match.length > 1 ? ', and the rest to that or other policies before it' : '';
  return [
    problemIn(placed, ['match'], `policy ${quote(name)} is never used: ${first}${rest}`, {
      id: 'shadowed-policy',
      severity: 'warning',
      fix: 'put it before the policies that it is an exception to, or remove it',
    }),
  ];
}
