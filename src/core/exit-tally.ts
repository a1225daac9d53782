import { exitKey, type Exit } from './exit.ts';

/** One kind of exit and how often it was seen. */
export interface ExitCount {
  readonly exit: Pick<Exit, 'process' | 'code' | 'status' | 'result'>;
  readonly count: number;
}

/** Exits by kind, most recent kind last. */
export type ExitTally = readonly ExitCount[];

/**
 * Kinds kept per unit. A program that exits with a random status would else grow a series for each of 256 numbers; past
 * the cap a kind is counted without its status.
 */
export const maxExitKinds = 16;

export function countExit(tally: ExitTally, exit: ExitCount['exit'], by = 1): ExitTally {
  const { process, code, status, result } = exit;
  const key = exitKey(exit);
  const known = tally.findIndex((entry) => exitKey(entry.exit) === key);
  if (known >= 0) {
    return tally.map((entry, index) => (index === known ? { ...entry, count: entry.count + by } : entry));
  }
  if (tally.length < maxExitKinds || status === undefined) {
    return [...tally, { exit: { process, code, status, result }, count: by }];
  }
  return countExit(tally, { process, code: undefined, status: undefined, result }, by);
}

/** All of them at once: one by one would build a tally for each of ten thousand. */
export function tallyOf(exits: readonly ExitCount['exit'][]): ExitTally {
  const kinds = new Map<string, { readonly exit: ExitCount['exit']; count: number }>();
  for (const exit of exits) {
    const key = exitKey(exit);
    const known = kinds.get(key);
    if (known === undefined) kinds.set(key, { exit, count: 1 });
    else known.count += 1;
  }
  return [...kinds.values()].reduce<ExitTally>((tally, { exit, count }) => countExit(tally, exit, count), []);
}

/** Takes back one exit that was counted before its status was known, and counts it as what it proved to be. */
export function recountExit(
  tally: ExitTally,
  before: ExitCount['exit'],
  after: ExitCount['exit'],
): ExitTally {
  const key = exitKey(before);
  const without = tally
    .map((entry) => (exitKey(entry.exit) === key ? { ...entry, count: entry.count - 1 } : entry))
    .filter((entry) => entry.count > 0);
  return countExit(without, after);
}

/** The kinds by count, the most frequent first; of equals the more recent. */
export function byCount(tally: ExitTally): ExitTally {
  return tally.toReversed().sort((a, b) => b.count - a.count);
}
