import type { Incident } from './incident.ts';
import type { Policy } from './policy.ts';
import type { RemedyState } from './remedy/remedy.ts';
import type { Silence } from './silence.ts';
import type { UnitRecord } from './unit-record.ts';

/**
 * All that flapd knows. `step` owns it: the maps are changed in place, since copying 5,000 entries for each of PID 1's
 * signals would cost more than judging them; the records and incidents in them are immutable.
 */
export interface State {
  policies: readonly Policy[];
  silences: readonly Silence[];
  readonly units: Map<string, UnitRecord>;
  /** Units whose incident is open: those a passing of time can change. */
  readonly open: Set<string>;
  /** Units that systemd no longer has loaded, the longest gone first. */
  readonly unloaded: Set<string>;
  /** Closed incidents, oldest first, at most {@link maxClosedIncidents}. */
  readonly closed: Incident[];
  readonly incidentsTotal: { loop: number; braked: number };
  /** What remedies came to, since flapd started. */
  readonly remediesTotal: Record<RemedyState, number>;
}

/** Closed incidents kept for the API. The log and the journal keep them all. */
export const maxClosedIncidents = 100;

/** Units that systemd no longer has loaded, but that restarted: kept, so that a unit that comes back has its past. */
export const maxUnloadedUnits = 1000;

export function newState(policies: readonly Policy[]): State {
  return {
    policies,
    silences: [],
    units: new Map(),
    open: new Set(),
    unloaded: new Set(),
    closed: [],
    incidentsTotal: { loop: 0, braked: 0 },
    remediesTotal: {
      pending: 0,
      helped: 0,
      'no-effect': 0,
      worse: 0,
      reverted: 0,
      refused: 0,
      failed: 0,
    },
  };
}
