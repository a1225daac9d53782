import { advise, type Advice } from './advice.ts';
import type { AdviceEvidence, HistoryRun } from './advice-evidence.ts';
import { brakeOf } from '../systemd/brake.ts';
import { counterfactualOf } from './counterfactual.ts';
import type { Incident } from '../incident.ts';
import type { LoadedService } from '../systemd/loaded-service.ts';
import { median } from '../median.ts';
import type { Policy } from '../policy.ts';
import { growingDelaySince } from '../systemd/restart-delay.ts';
import { emptyExitSet, type RestartSettings } from '../systemd/restart-settings.ts';

export interface IncidentToReplay {
  readonly incident: Incident;
  readonly policy: Pick<Policy, 'name' | 'remedy' | 'calmAfterMs'>;
  /** All that are known of the unit, the oldest first. */
  readonly runs: readonly HistoryRun[];
  /** Where what is known of it ends. */
  readonly untilMs: number;
  /** As it is set now; undefined of a recording, which does not tell. */
  readonly service: LoadedService | undefined;
}

/** What was known when the incident opened, advised on; and what would have been until it closed, had that been followed. */
export function replayedAdvice({ incident, policy, runs, untilMs, service }: IncidentToReplay): Advice {
  const openedMs = incident.openedAt.monotonicMs;
  const evidence: AdviceEvidence = {
    service: service ?? assumedService(incident, runs),
    files: [],
    unread: [],
    policy,
    runs: runs.filter(({ exit }) => exit.atMs <= openedMs),
    sinceMs: Math.min(openedMs, runs[0]?.exit.atMs ?? openedMs),
    nowMs: openedMs,
    upSinceMs: undefined,
    braked: incident.kind === 'braked' && incident.rule === undefined,
    root: incident.root,
    sisters: [],
  };
  const advised = advise(evidence);
  const advice = service === undefined ? { ...advised, notes: [...advised.notes, assumedWords] } : advised;
  if (advice.after === undefined || advice.counterfactual === undefined) return advice;
  const endMs = incident.closed?.at.monotonicMs ?? untilMs;
  const later = runs.filter(({ exit }) => exit.atMs > openedMs && exit.atMs <= endMs);
  const then = { ...evidence, runs: later, sinceMs: openedMs, nowMs: endMs };
  return { ...advice, counterfactual: counterfactualOf(then, advice.after) };
}

const assumedWords =
  'How it was set is not known: it is taken to be as it behaved, and by default where that does not show.';

/** As systemd's defaults would have it, at the pace and with the start limit that the loop shows. */
function assumedService({ unit, kind }: Incident, runs: readonly HistoryRun[]): LoadedService {
  const settings: RestartSettings = {
    type: 'simple',
    restart: 'always',
    restartSecMs: usualDelayMs(runs),
    restartSteps: 0,
    restartMaxDelayMs: Infinity,
    restartMode: 'normal',
    preventExitStatus: emptyExitSet,
    forceExitStatus: emptyExitSet,
    successExitStatus: emptyExitSet,
    startLimitIntervalMs: 10_000,
    startLimitBurst: 5,
    systemdVersion: growingDelaySince,
  };
  const uptimeMs = median(runs.flatMap(({ exit }) => exit.uptimeMs ?? [])) ?? 0;
  const hasNoLimit = kind === 'loop' && brakeOf(settings, uptimeMs).kind === 'works';
  return {
    unit,
    loadState: 'loaded',
    unitFileState: '',
    transient: false,
    fragmentPath: undefined,
    dropInPaths: [],
    needsReload: false,
    settings: hasNoLimit ? { ...settings, startLimitIntervalMs: 0 } : settings,
    startLimitAction: 'none',
    failureAction: 'none',
    randomDelayMs: 0,
    nRestarts: 0,
    activeSinceMs: undefined,
    requiredBy: [],
    boundBy: [],
  };
}

function usualDelayMs(runs: readonly HistoryRun[]): number {
  const delays = runs.slice(1).flatMap(({ exit }, index) => {
    const before = runs[index];
    if (before?.sequel !== 'automatic' || exit.uptimeMs === undefined) return [];
    return Math.max(0, exit.atMs - exit.uptimeMs - before.exit.atMs);
  });
  return Math.round(median(delays) ?? 100);
}
