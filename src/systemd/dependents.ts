import type { Manager } from './manager.ts';

/** Every unit that requires this one, by way of others too, or why that is not known. */
export type Dependents =
  | { readonly ok: true; readonly units: readonly string[] }
  | { readonly ok: false; readonly found: string };

/** So many units on one are a host on which nobody can foresee what a change does. */
const mostDependents = 500;

export async function allDependents(manager: Pick<Manager, 'dependents'>, unit: string): Promise<Dependents> {
  const seen = new Set([unit]);
  // A Set goes on through what is added meanwhile.
  for (const each of seen) {
    for (const dependent of await manager.dependents(each)) seen.add(dependent);
    if (seen.size > mostDependents)
      return { ok: false, found: `more than ${mostDependents} units require it` };
  }
  seen.delete(unit);
  return { ok: true, units: [...seen] };
}
