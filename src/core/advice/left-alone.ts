import type { AdviceEvidence, HistoryRun } from './advice-evidence.ts';
import { deathWords } from './advice-words.ts';
import { countWords } from '../count-words.ts';
import { neverAppliesTo } from '../remedy/deny-list.ts';
import { byCount, tallyOf } from '../exit-tally.ts';
import type { LoadedService } from '../systemd/loaded-service.ts';
import { healthyMsOf, isDeath, type LoopShape } from './loop-shape.ts';
import { median } from '../median.ts';
import { leastDeaths } from './prevention.ts';
import { willRestart } from '../systemd/restart-decision.ts';
import type { RestartSettings } from '../systemd/restart-settings.ts';
import { refusalOf } from '../systemd/setting-refusal.ts';
import { displayTimeSpan } from '../time-span.ts';

export type LeftAlone =
  /** `because` is a sentence. */
  | { readonly kind: 'left-alone'; readonly because: string }
  | { readonly kind: 'worth-advice'; readonly settings: RestartSettings };

/** What works for longer than this before it dies is worth being restarted: start-up faults show sooner. */
export const quickMs = 2 * 60_000;

/** Why a unit's restarts are as they should be, or are not what decides, whatever its loop looks like. */
export function whyLeftAlone(evidence: AdviceEvidence, loop: LoopShape): LeftAlone {
  const { service } = evidence;
  const { unit, settings } = service;
  if (settings === undefined || service.loadState !== 'loaded') return leave(notLoaded(service));
  const denied = neverAppliesTo(unit);
  if (denied !== undefined)
    return leave(
      `flapd leaves ${unit} alone (${denied}): a wrong setting there does more harm than a loop; find out why it dies.`,
    );
  const refusal = refusalOf(settings);
  if (refusal !== undefined) return leave(`${refusal}: it can't be started before that is mended.`);
  const quiet = whyQuiet(evidence, loop);
  if (quiet !== undefined) return leave(quiet);
  const elsewhere = whyElsewhere(evidence, loop, settings);
  if (elsewhere !== undefined) return leave(elsewhere);
  return { kind: 'worth-advice', settings };
}

function notLoaded({ unit, loadState }: LoadedService): string {
  switch (loadState) {
    case 'masked':
      return 'It is masked: systemd does not start it, and reads no drop-in of it.';
    case 'not-found':
      return 'systemd finds no unit file of it, so it would read no drop-in either.';
    default:
      return `systemd could not load it (${loadState}), and \`systemctl status ${unit}\` says why: mend that first.`;
  }
}

/** It does not loop now, or too little is known. */
function whyQuiet(evidence: AdviceEvidence, loop: LoopShape): string | undefined {
  const { nowMs, sinceMs, upSinceMs } = evidence;
  const looked = displayTimeSpan(nowMs - sinceMs);
  const deaths = evidence.runs.filter(isDeath);
  if (deaths.length === 0)
    return (
      whyFollows(evidence) ??
      `It did not die in the last ${looked} without being asked to: there is nothing to change.`
    );
  if (upSinceMs !== undefined && nowMs - upSinceMs >= healthyMsOf(evidence))
    return `It is up for ${displayTimeSpan(nowMs - upSinceMs)}, after ${countWords(deaths.length, 'death')} in the last ${looked}: there is nothing to change now.`;
  return whyWorthIt(deaths) ?? whyTooFew(loop, looked);
}

/** Deaths that are looked at for how long it works before it dies. */
const latestDeaths = 10;

function whyWorthIt(deaths: readonly HistoryRun[]): string | undefined {
  const latest = deaths.slice(-latestDeaths);
  const uptimeMs = median(latest.flatMap(({ exit }) => exit.uptimeMs ?? []));
  if (latest.length < leastDeaths || uptimeMs === undefined || uptimeMs <= quickMs) return undefined;
  const [most] = byCount(tallyOf(latest.map(({ exit }) => exit)));
  const usual =
    most === undefined ? '' : ` (${most.count} of ${latest.length} times by ${deathWords(most.exit)})`;
  return `It works for about ${displayTimeSpan(uptimeMs)} before it dies${usual}, so to restart it is right: change nothing, fix the program.`;
}

function whyTooFew({ deaths, spanMs }: LoopShape, looked: string): string | undefined {
  if (deaths.length >= leastDeaths) return undefined;
  if (deaths.length === 0)
    return `It last died after a healthy run, and not since (in the last ${looked}): there is nothing to change.`;
  return deaths.length === 1
    ? '1 death says too little: change nothing yet.'
    : `${countWords(deaths.length, 'death')} in ${displayTimeSpan(spanMs)} say too little: change nothing yet.`;
}

function whyFollows({ root }: AdviceEvidence): string | undefined {
  return root === undefined
    ? undefined
    : `It follows ${root}, which is in trouble itself: change nothing here, and see \`flapd advise ${root}\`.`;
}

/** What makes it loop is not how it is restarted. */
function whyElsewhere(
  evidence: AdviceEvidence,
  loop: LoopShape,
  settings: RestartSettings,
): string | undefined {
  const { service, braked } = evidence;
  const follows = whyFollows(evidence);
  if (follows !== undefined) return follows;
  const { deaths, external } = loop;
  if (2 * external > deaths.length)
    return `${countWords(external, 'start')} of ${deaths.length} came from outside (a script, a timer or a person that calls systemctl), which Restart= does not brake: find out who does it, and change nothing here.`;
  const last = deaths.at(-1);
  const decision = last === undefined || braked ? undefined : willRestart(last.exit, settings);
  if (decision?.restarts === false && last?.sequel !== 'automatic')
    return `As it is set now, systemd does not restart it after ${deathWords(last?.exit ?? deathless)} (${decision.because}): change nothing, fix the program, then \`systemctl start ${service.unit}\`.`;
  return undefined;
}

const deathless = { process: undefined, code: undefined, status: undefined, result: 'success' };

function leave(because: string): LeftAlone {
  return { kind: 'left-alone', because };
}
