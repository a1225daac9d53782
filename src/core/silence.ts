import { typedService } from './unit-name.ts';
import { matchesUnit, patternProblem, typedPattern } from './unit-pattern.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** A maintenance that takes longer is none; a silence that is forgotten ends by itself. */
export const longestSilenceMs = 30 * dayMs;

/** As long as the longest unit name. */
const longestTarget = 255;

/** For a while flapd watches and logs these services, and tells nobody else. */
export interface Silence {
  /** A service's full name, or a pattern of such names. */
  readonly unit: string;
  readonly untilWallMs: number;
  readonly sinceWallMs: number;
  /** Who asked for it. */
  readonly by: string | undefined;
  readonly reason: string | undefined;
}

/** Until when notifications about this unit are kept back: the latest end of what silences it now. */
export function silencedUntil(
  silences: readonly Silence[],
  unit: string,
  nowWallMs: number,
): number | undefined {
  let latestMs: number | undefined;
  for (const silence of silences) {
    if (!isInForce(silence, nowWallMs) || !matchesUnit(silence.unit, unit)) continue;
    latestMs = Math.max(latestMs ?? -Infinity, silence.untilWallMs);
  }
  return latestMs;
}

/** One that begins far ahead was made while the clock was wrong: it must not hold until that year. */
export function isInForce({ sinceWallMs, untilWallMs }: Silence, nowWallMs: number): boolean {
  return nowWallMs < untilWallMs && sinceWallMs <= nowWallMs + dayMs;
}

export type SilenceTarget =
  | { readonly ok: true; readonly unit: string; readonly isPattern: boolean }
  | { readonly ok: false; readonly found: string };

/** What a person types, as it is kept: `web` is web.service, `web@*` every instance of it, as for systemctl. */
export function silenceTarget(text: string): SilenceTarget {
  if (!/[*?[]/.test(text)) {
    const service = typedService(text);
    return service.ok ? { ...service, isPattern: false } : { ok: false, found: service.found };
  }
  const unit = typedPattern(text);
  if (unit.length > longestTarget)
    return { ok: false, found: `it is longer than ${longestTarget} characters` };
  // Inside of [ ] a pattern may hold anything, and the name of a file, or a terminal, may not.
  const odd = /[^\w:.\\@*?[\]!^-]/u.exec(unit)?.[0];
  const found = odd === undefined ? patternProblem(unit) : `no unit name holds ${JSON.stringify(odd)}`;
  return found === undefined ? { ok: true, unit, isPattern: true } : { ok: false, found };
}
