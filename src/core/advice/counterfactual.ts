import type { AdviceEvidence, HistoryRun } from './advice-evidence.ts';
import { healthyMsOf, isDeath, isHealthy } from './loop-shape.ts';
import type { RestartSettings } from '../systemd/restart-settings.ts';
import { simulate, type SimulatedRun } from '../systemd/simulate.ts';

/** What would have been, had these settings been in force since `sinceMs`, up to `untilMs`. */
export interface Counterfactual {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly restarts: WasAndWouldBe;
  /** Of runs that died; undefined where the CPU of none of them is known. */
  readonly burnedCpuMs: WasAndWouldBe | undefined;
  /** The longest that it would have been down while it was healthy in truth. */
  readonly longestExtraDownMs: number;
}

export interface WasAndWouldBe {
  readonly was: number;
  readonly wouldBe: number;
}

/**
 * Lives through the recorded history under other settings. What a service does is taken to depend on when it is started,
 * not on how often: started while it died in truth it dies in the same way, after as long; started while it was healthy it
 * lives until it died in truth. What somebody else than systemd started or stopped, is started or stopped here too.
 */
export function counterfactualOf(evidence: AdviceEvidence, settings: RestartSettings): Counterfactual {
  const healthyMs = healthyMsOf(evidence);
  const stretches = stretchesOf(evidence, healthyMs);
  const lived = stretches.map((stretch) => live(stretch, settings, healthyMs));
  const sum = (of: (each: Lived) => number): number => lived.reduce((total, each) => total + of(each), 0);
  const cpu = evidence.runs.filter((run) => burns(run, healthyMs)).flatMap(({ cpuMs }) => cpuMs ?? []);
  return {
    sinceMs: evidence.sinceMs,
    untilMs: evidence.nowMs,
    restarts: {
      was: evidence.runs.filter(({ sequel }) => sequel === 'automatic').length,
      wouldBe: sum(({ restarts }) => restarts),
    },
    burnedCpuMs:
      cpu.length === 0
        ? undefined
        : { was: cpu.reduce((total, ms) => total + ms, 0), wouldBe: sum(({ burnedCpuMs }) => burnedCpuMs) },
    longestExtraDownMs: Math.max(0, ...lived.map(({ longestExtraDownMs }) => longestExtraDownMs)),
  };
}

/** From a start by somebody else to the next one, or to the stop that somebody asked for. */
interface Stretch {
  readonly runs: readonly RecordedRun[];
  readonly startMs: number;
  readonly endMs: number;
}

interface RecordedRun {
  readonly run: HistoryRun;
  readonly startMs: number;
  /** Infinity for the one that still goes on. */
  readonly endMs: number;
  readonly healthy: boolean;
}

function stretchesOf(evidence: AdviceEvidence, healthyMs: number): readonly Stretch[] {
  const { nowMs } = evidence;
  const recorded = recordedRuns(evidence, healthyMs);
  const starts = recorded.flatMap((_, index) =>
    index === 0 || recorded[index - 1]?.run.sequel !== 'automatic' ? index : [],
  );
  return starts.map((first, index) => {
    const next = starts[index + 1] ?? recorded.length;
    const runs = recorded.slice(first, next);
    const last = runs.at(-1);
    const stopped = last?.run.exit.requested === true;
    const nextMs = recorded[next]?.startMs ?? nowMs;
    return { runs, startMs: runs[0]?.startMs ?? nowMs, endMs: stopped ? last.endMs : nextMs };
  });
}

function recordedRuns({ runs, upSinceMs, nowMs }: AdviceEvidence, healthyMs: number): readonly RecordedRun[] {
  const ended = runs.map((run) => ({
    run,
    startMs: run.exit.atMs - (run.exit.uptimeMs ?? 0),
    endMs: run.exit.atMs,
    healthy: isHealthy(run, healthyMs),
  }));
  const last = runs.at(-1);
  if (upSinceMs === undefined || last === undefined) return ended;
  const healthy = nowMs - upSinceMs >= healthyMs;
  return [...ended, { run: { ...last, sequel: 'none' }, startMs: upSinceMs, endMs: Infinity, healthy }];
}

interface Lived {
  readonly restarts: number;
  readonly burnedCpuMs: number;
  readonly longestExtraDownMs: number;
}

function live({ runs, startMs, endMs }: Stretch, settings: RestartSettings, healthyMs: number): Lived {
  const spanMs = endMs - startMs;
  const healthySpans = runs.filter(({ healthy }) => healthy);
  let upUntilMs = startMs;
  let longestExtraDownMs = 0;
  const down = (untilMs: number): void => {
    for (const span of healthySpans) {
      const ms = Math.min(untilMs, span.endMs) - Math.max(upUntilMs, span.startMs);
      longestExtraDownMs = Math.max(longestExtraDownMs, ms);
    }
  };
  let at = 0;
  const runAt = (index: number, sinceStartMs: number): SimulatedRun | undefined => {
    const nowMs = startMs + sinceStartMs;
    // What the first start took, it took in truth too.
    if (index > 0) down(nowMs);
    while (at < runs.length - 1 && (runs[at]?.endMs ?? Infinity) <= nowMs) at += 1;
    const recorded = runs[at];
    if (recorded === undefined || (recorded.healthy && recorded.endMs <= nowMs)) return undefined;
    const simulated = simulatedRun(recorded, nowMs, healthyMs);
    upUntilMs = nowMs + simulated.uptimeMs;
    return simulated;
  };
  const { restarts, burnedCpuMs } = simulate(runAt, settings, spanMs);
  down(endMs);
  return { restarts, burnedCpuMs, longestExtraDownMs };
}

function simulatedRun(recorded: RecordedRun, nowMs: number, healthyMs: number): SimulatedRun {
  const { run, endMs, healthy } = recorded;
  const goesOn = healthy || endMs === Infinity;
  const uptimeMs = goesOn ? Math.max(0, endMs - nowMs) : (run.exit.uptimeMs ?? 0);
  const cpuMs = burns(run, healthyMs) ? (run.cpuMs ?? 0) : 0;
  return { uptimeMs, exit: run.exit, cpuMs };
}

/** What a healthy run spent was work. */
function burns(run: HistoryRun, healthyMs: number): boolean {
  return isDeath(run) && !isHealthy(run, healthyMs);
}
