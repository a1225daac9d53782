import type { AdviceEvidence, HistoryRun } from './advice-evidence.ts';
import { type ExitTally, tallyOf } from '../exit-tally.ts';
import { exitKey } from '../exit.ts';
import { median } from '../median.ts';
import type { SimulatedRun } from '../systemd/simulate.ts';

/** The loop at hand: the latest deaths with no healthy run between them. How a healthy run ended is another matter. */
export interface LoopShape {
  /** Oldest first. */
  readonly deaths: readonly HistoryRun[];
  readonly kinds: ExitTally;
  /** From the first death to the last. */
  readonly spanMs: number;
  /** Median of those known; undefined where none is. */
  readonly uptimeMs: number | undefined;
  readonly longestUptimeMs: number | undefined;
  /** Median time from one death to the next; undefined below two deaths. */
  readonly periodMs: number | undefined;
  /** Deaths after which somebody else than systemd started it. */
  readonly external: number;
}

export function loopShapeOf(evidence: AdviceEvidence): LoopShape {
  const deaths = latestDeaths(evidence);
  const times = deaths.map(({ exit }) => exit.atMs);
  const uptimes = deaths.flatMap(({ exit }) => exit.uptimeMs ?? []);
  return {
    deaths,
    kinds: tallyOf(deaths.map(({ exit }) => exit)),
    spanMs: (times.at(-1) ?? 0) - (times[0] ?? 0),
    uptimeMs: median(uptimes),
    longestUptimeMs: uptimes.length === 0 ? undefined : Math.max(...uptimes.slice(-mostUptimes)),
    periodMs: median(times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs))),
    external: deaths.filter(({ sequel }) => sequel === 'external').length,
  };
}

/** A function takes no million arguments. */
const mostUptimes = 10_000;

/** As long as most, ending as the last one did; undefined where that is not known of any. */
export function usualRunOf(runs: readonly Ended[]): SimulatedRun | undefined {
  const deaths = runs.filter(isDeath);
  const last = deaths.at(-1);
  const uptimeMs = median(deaths.flatMap(({ exit }) => exit.uptimeMs ?? []));
  return last === undefined || uptimeMs === undefined ? undefined : { uptimeMs, exit: last.exit };
}

type Ended = Pick<HistoryRun, 'exit'>;

/** A run that ended of itself, not on request, and not skipped by ExecCondition=. */
export function isDeath({ exit }: Ended): boolean {
  return !exit.requested && exit.result !== 'exec-condition';
}

/** Enough for a steady median. */
const mostGaps = 100;

/** A run that lasts for so long would end an incident of its policy: also twice the loop's own period, as there. */
export function healthyMsOf({ runs, policy }: AdviceEvidence): number {
  const times = runs
    .filter(isDeath)
    .slice(-mostGaps)
    .map(({ exit }) => exit.atMs);
  const periodMs = median(times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs)));
  return Math.max(policy.calmAfterMs, 2 * (periodMs ?? 0));
}

export function isHealthy({ exit }: HistoryRun, healthyMs: number): boolean {
  return (exit.uptimeMs ?? 0) >= healthyMs;
}

function latestDeaths(evidence: AdviceEvidence): readonly HistoryRun[] {
  const { runs } = evidence;
  const healthyMs = healthyMsOf(evidence);
  const healthy = runs.findLastIndex((run) => isHealthy(run, healthyMs));
  return runs.slice(healthy + 1).filter(isDeath);
}

/** Ways to end after which it was healthy again without anybody's doing, by how often that was. */
export function healedKinds(evidence: AdviceEvidence): ReadonlyMap<string, number> {
  const healthyMs = healthyMsOf(evidence);
  const healed = new Map<string, number>();
  let row = new Set<string>();
  for (const [index, run] of evidence.runs.entries()) {
    if (isHealthy(run, healthyMs)) row = new Set();
    if (!isDeath(run) || run.sequel !== 'automatic') {
      row = new Set();
      continue;
    }
    row.add(exitKey(run.exit));
    if (!isHealthyAfter(index, evidence, healthyMs)) continue;
    for (const key of row) healed.set(key, (healed.get(key) ?? 0) + 1);
    row = new Set();
  }
  return healed;
}

function isHealthyAfter(index: number, evidence: AdviceEvidence, healthyMs: number): boolean {
  const { runs, upSinceMs, nowMs } = evidence;
  const next = runs[index + 1];
  if (next !== undefined) return isHealthy(next, healthyMs);
  return upSinceMs !== undefined && nowMs - upSinceMs >= healthyMs;
}
