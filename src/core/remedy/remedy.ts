import { type Directive, directiveLine } from './directive.ts';
import type { RemedyForecast } from './remedy-forecast.ts';

/**
 * - `pending`: in force, and watched;
 * - `helped`: in force, and it does what it is there for;
 * - `no-effect`, `worse`: measured, and taken back;
 * - `reverted`: taken back at its time, after calm, or by somebody;
 * - `refused`, `failed`: never in force.
 */
export const remedyStates = [
  'pending',
  'helped',
  'no-effect',
  'worse',
  'reverted',
  'refused',
  'failed',
] as const;

export type RemedyState = (typeof remedyStates)[number];

/** What was done about a unit last, and what came of it. Whether it is in force, its file says. */
export interface Remedy {
  readonly unit: string;
  /** Id of the incident that it is for, where it is known. */
  readonly incident: string | undefined;
  /** Undefined where it is not in force, or never was. */
  readonly dropIn: string | undefined;
  readonly directives: readonly Directive[];
  readonly by: 'hand' | 'daemon';
  /** When it came into force, or was refused, on the monotonic clock. */
  readonly atMs: number;
  readonly untilWallMs: number | undefined;
  /** Restarts of the unit by then, as flapd counts them. */
  readonly restartsBefore: number;
  /** Between restarts, before it. */
  readonly periodMs: number | undefined;
  /** What is to come of it; undefined where that is not known, as of one that a person applied. */
  readonly forecast: RemedyForecast | undefined;
  readonly outcome: RemedyState;
  /** Why, with the numbers, as a clause. */
  readonly reason: string | undefined;
  /** On the monotonic clock: for this incident nothing is tried again before. */
  readonly retryAtMs: number;
}

export function isInForce({ dropIn }: Remedy): boolean {
  return dropIn !== undefined;
}

/** "RestartSec=5s, RestartSteps=6" */
export function remedyWords({ directives }: Pick<Remedy, 'directives'>): string {
  return directives.map(directiveLine).join(', ');
}
