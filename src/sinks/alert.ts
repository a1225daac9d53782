import { incidentAdvice } from '../core/advice/advice-summary.ts';
import { incidentCause } from '../core/evidence/cause-words.ts';
import type { IncidentView } from '../core/view.ts';
import { remedyOf } from './words.ts';

/** Alertmanager's API v2: `postableAlert`. */
export interface Alert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: string;
  readonly endsAt: string;
}

export type Labels = Readonly<Record<string, string>>;

/** What two alerts must share to be one: Alertmanager knows them by their labels alone. */
export function labelsOf(incident: IncidentView, host: string, more: Labels): Labels {
  return {
    alertname: 'FlapdRestartLoop',
    name: incident.unit,
    severity: incident.kind === 'braked' ? 'critical' : 'warning',
    instance: host,
    policy: incident.policy,
    ...more,
  };
}

/** It holds until `endsAtMs`, or held until then. */
export function alertOf(incident: IncidentView, labels: Labels, endsAtMs: number): Alert {
  const cause = incidentCause(incident);
  const advice = incidentAdvice(incident);
  const remedy = remedyOf({ incident });
  return {
    labels,
    annotations: {
      summary: incident.sentence,
      ...(cause === undefined ? {} : { cause }),
      ...(advice === undefined ? {} : { advice }),
      ...(remedy === undefined ? {} : { remedy }),
      incident: incident.id,
    },
    // Alertmanager refuses an alert that ends before it starts, as it would after a clock was set back.
    startsAt: new Date(Math.min(Date.parse(incident.openedAt), endsAtMs)).toISOString(),
    endsAt: new Date(endsAtMs).toISOString(),
  };
}

export function sameLabels(a: Labels, b: Labels): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
