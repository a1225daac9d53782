import type { Advice } from '../advice/advice.ts';
import { readSections } from './drop-in-sections.ts';
import type { Instant } from '../instant.ts';
import { usualRunOf } from '../advice/loop-shape.ts';
import type { Passing } from '../refusal.ts';
import type { Remedy } from './remedy.ts';
import { forecastOf, forecastWords } from './remedy-forecast.ts';
import { watchMs } from './remedy-judge.ts';
import type { RemedyOutcome } from './remedy-outcome.ts';
import type { RestartSettings } from '../systemd/restart-settings.ts';
import type { SavedRemedy } from '../saved.ts';
import type { UnitRecord } from '../unit-record.ts';
import { periodMs } from '../verdict.ts';

/** What was refused for a reason that passes, nobody knows when, is asked for again. */
export const retryMs = 10 * 60_000;

/** No budget and no cooldown holds longer, whatever the clock was set to meanwhile. */
const longestHoldMs = 3_600_000;

/** Before it is known what it is to be. */
export function blankRemedy(record: UnitRecord, { monotonicMs }: Instant): Remedy {
  return {
    unit: record.unit,
    incident: record.incident?.id,
    dropIn: undefined,
    directives: [],
    by: 'daemon',
    atMs: monotonicMs,
    untilWallMs: undefined,
    restartsBefore: record.automatic + record.external,
    periodMs: record.incident?.periodMs ?? periodMs(record, monotonicMs),
    forecast: undefined,
    outcome: 'pending',
    reason: undefined,
    retryAtMs: -Infinity,
  };
}

/** Not in force, for this reason; it is tried again later. */
export function undone(remedy: Remedy, outcome: 'failed' | 'refused', reason: string, now: Instant): Remedy {
  const { monotonicMs } = now;
  return { ...remedy, atMs: monotonicMs, outcome, reason, retryAtMs: monotonicMs + retryMs };
}

/**
 * What was wanted, as it is by what came of it: in force, with what is predicted of it, so that it is known what is waited
 * for; or not. `record` is the unit's of now.
 */
export function resultingRemedy(
  wanted: Remedy,
  advice: Pick<Advice, 'after' | 'usualRun'>,
  { outcome, reason, passes, dropIn, untilWallMs }: RemedyOutcome,
  record: UnitRecord | undefined,
  now: Instant,
): Remedy {
  const known = { ...wanted, atMs: now.monotonicMs };
  if (outcome === 'applied' || outcome === 'already') {
    const restartsBefore = record === undefined ? wanted.restartsBefore : record.automatic + record.external;
    const forecast = forecastOf(advice, record?.nRestarts ?? 0, watchMs(wanted));
    const words = forecast && forecastWords(forecast);
    return { ...known, restartsBefore, dropIn, untilWallMs, forecast, reason: words };
  }
  const retryAtMs =
    outcome === 'no-effect' ? Infinity : passes ? passedMs(passes, now) : now.monotonicMs + retryMs;
  const ended = outcome === 'no-effect' || outcome === 'refused' ? outcome : 'failed';
  return { ...known, outcome: ended, reason, retryAtMs };
}

/**
 * One that somebody else applied, or a flapd that was killed before it could tell, with what is predicted by how the unit is
 * set now, and how its runs went.
 */
export function withForecast(remedy: Remedy, record: UnitRecord, settings: RestartSettings): Remedy {
  if (remedy.outcome !== 'pending' || remedy.forecast !== undefined) return remedy;
  const usualRun = usualRunOf(record.pastRuns);
  const forecast = forecastOf({ after: settings, usualRun }, record.nRestarts ?? 0, watchMs(remedy));
  return forecast === undefined ? remedy : { ...remedy, forecast, reason: forecastWords(forecast) };
}

/** When what was refused may be asked for again, on the monotonic clock. */
export function passedMs({ atWallMs }: Passing, { wallMs, monotonicMs }: Instant): number {
  return monotonicMs + Math.max(0, Math.min(longestHoldMs, atWallMs - wallMs));
}

/** One that was in force, or was judged, when flapd stopped, and of which no file is there any more. */
export function goneRemedy(saved: SavedRemedy, because: string, now: Instant): Remedy {
  const { sections, atWallMs, ...known } = saved;
  const was = wasInForce(saved);
  return {
    ...known,
    dropIn: undefined,
    directives: readSections(sections) ?? [],
    by: 'daemon',
    atMs: now.monotonicMs - (now.wallMs - atWallMs),
    untilWallMs: undefined,
    outcome: was ? 'reverted' : saved.outcome,
    reason: was ? because : saved.reason,
    retryAtMs: Infinity,
  };
}

export function wasInForce({ outcome }: SavedRemedy): boolean {
  return outcome === 'pending' || outcome === 'helped';
}
