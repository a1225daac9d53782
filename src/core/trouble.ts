import type { State } from './state.ts';
import type { UnitRecord } from './unit-record.ts';
import { countBetween } from './window.ts';

/** What a unit says it builds on: services only, by the names in its settings. */
export interface Dependencies {
  /** Requires=, Requisite=, BindsTo=, PartOf=. */
  readonly requires: readonly string[];
  /** After=: an order, which alone proves little. */
  readonly after: readonly string[];
}

/** A unit that another one's loop is likely to come from. */
export interface Root {
  readonly unit: string;
  /** When its own trouble began, on the monotonic clock. */
  readonly sinceMs: number;
}

/** A unit that only comes after another one, and begins to loop later than this after that one's trouble began, has reasons of its own. */
const orderedReachMs = 30_000;

/** What starts together dies together, in any order: the one that others build on need not be the first. */
const slackMs = 5000;

/** Longer chains of services that pull each other down are not followed. */
const maxChain = 8;

/** Two restarts within this span, or a failure at rest, are trouble, where no incident says so. */
const recentMs = 120_000;

/**
 * The far end of the chain of services in trouble that a unit's loop, begun at `beganMs`, follows: it requires or comes
 * after the first, that one the second, and so on. Undefined where all that it builds on was well then.
 */
export function rootOf(state: State, record: UnitRecord, beganMs: number, nowMs: number): Root | undefined {
  let root: Root | undefined;
  let from: UnitRecord | undefined = record;
  let loopMs = beganMs;
  const seen = new Set([record.unit]);
  for (let link = 0; link < maxChain && from !== undefined; link += 1) {
    const next = troubledAmong(state, from, seen, loopMs, nowMs);
    if (next === undefined) break;
    root = next;
    loopMs = next.sinceMs;
    seen.add(next.unit);
    from = state.units.get(next.unit);
  }
  return root;
}

function troubledAmong(
  state: State,
  { dependencies }: UnitRecord,
  seen: ReadonlySet<string>,
  beganMs: number,
  nowMs: number,
): Root | undefined {
  const { requires = [], after = [] } = dependencies ?? {};
  const within = (units: readonly string[], reachMs: number): Root | undefined => {
    const roots = units.flatMap((unit): Root[] => {
      const known = seen.has(unit) ? undefined : state.units.get(unit);
      const sinceMs = known && troubleSince(known, nowMs);
      return sinceMs !== undefined && sinceMs <= beganMs + slackMs && beganMs - sinceMs <= reachMs
        ? [{ unit, sinceMs }]
        : [];
    });
    return roots.toSorted((a, b) => a.sinceMs - b.sinceMs)[0];
  };
  return within(requires, Infinity) ?? within(after, orderedReachMs);
}

/** Since when a unit is not what others can build on; undefined where it is well. */
function troubleSince(record: UnitRecord, nowMs: number): number | undefined {
  const { incident, run, lastExit } = record;
  if (incident !== undefined) return incident.beganMs;
  const exit = run?.exit;
  if (exit !== undefined && (exit.requested || exit.result !== 'success' || run?.waits === true)) {
    return firstOfStreak(record, exit.atMs, nowMs);
  }
  if (countBetween(record.window, nowMs - recentMs, nowMs) < 2 || lastExit === undefined) return undefined;
  return firstOfStreak(record, lastExit.atMs, nowMs);
}

/** The first of the recent exits: the loop began there, not at the last of them. */
function firstOfStreak({ pastRuns }: UnitRecord, lastMs: number, nowMs: number): number {
  const first = pastRuns.find(({ exit }) => exit.atMs >= nowMs - recentMs);
  return Math.min(lastMs, first?.exit.atMs ?? lastMs);
}
