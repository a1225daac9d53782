import type { Incident } from './incident.ts';
import { silencedUntil } from './silence.ts';
import type { State } from './state.ts';
import type { UnitRecord } from './unit-record.ts';

/** Sinks that are told, by name; the log is told in any case. */
export type Audience = 'all' | readonly string[];

export const nobody: Audience = [];

export function isNobody(audience: Audience): boolean {
  return audience.length === 0;
}

/** What is part of another incident is told with that one. */
export function unlessLed({ leader }: Pick<Incident, 'leader'>, to: Audience): Audience {
  return leader === undefined ? to : nobody;
}

/** Whom news of a unit is for now: nobody while it is silenced. */
export function audienceOf(state: State, { unit, policy }: UnitRecord, nowWallMs: number): Audience {
  return silencedUntil(state.silences, unit, nowWallMs) === undefined ? (policy.notify ?? 'all') : nobody;
}
