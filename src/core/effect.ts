import type { Audience } from './audience.ts';
import type { Incident } from './incident.ts';
import type { Remedy } from './remedy/remedy.ts';
import type { PastRun } from './unit-record.ts';

/** News of an incident, and whom beside the log it is for. */
export type IncidentEffect =
  | { readonly kind: 'incident-opened'; readonly incident: Incident; readonly to: Audience }
  /** systemd gave up on it, or it became twice as fast as was told. */
  | {
      readonly kind: 'incident-worsened';
      readonly why: 'braked' | 'faster';
      readonly incident: Incident;
      readonly to: Audience;
    }
  /** It has been open for a while, but could not be told till now: its unit was silenced. */
  | { readonly kind: 'incident-announced'; readonly incident: Incident; readonly to: Audience }
  /** flapd, or somebody through it, has changed something about its unit. */
  | {
      readonly kind: RemedyNews;
      readonly incident: Incident;
      readonly to: Audience;
    }
  | { readonly kind: 'incident-reminder'; readonly incident: Incident; readonly to: Audience }
  | { readonly kind: 'incident-closed'; readonly incident: Incident; readonly to: Audience };

/** It is in force, it helps while the incident goes on, or it was taken back while it goes on. */
export type RemedyNews = 'incident-remedied' | 'incident-helped' | 'incident-unremedied';

/** What `step` wants done. Edges do it and feed what they learn back as inputs. */
export type Effect =
  | IncidentEffect
  /** It was found out why its runs die. */
  | { readonly kind: 'incident-explained'; readonly incident: Incident }
  /** It was advised on. */
  | { readonly kind: 'incident-advised'; readonly incident: Incident }
  /** Something was done about a unit, or it is known what that came to. */
  | { readonly kind: 'remedy-changed'; readonly remedy: Remedy }
  /** A unit's incident becomes part of one that is open. */
  | { readonly kind: 'incident-grouped'; readonly incident: Incident; readonly leader: Incident }
  | {
      readonly kind: 'restarted';
      readonly unit: string;
      readonly automatic: number;
      readonly external: number;
      readonly inferred: number;
      /** Of the first rule's span, this many restarts are reached. */
      readonly inWindow: number;
    }
  /** A run is over, or more is known of how one ended: the same invocation id may come again. */
  | { readonly kind: 'run-ended'; readonly unit: string; readonly run: PastRun }
  /** CPUUsageNSec of the run that died: readable while the unit waits for its restart, zero after the next start. */
  | { readonly kind: 'ask-cpu'; readonly unit: string; readonly invocationId: string }
  /** How the control process ended: only the Exec… property itself has it, until the next start. */
  | {
      readonly kind: 'ask-control-exit';
      readonly unit: string;
      readonly invocationId: string;
      readonly process: string;
    }
  | { readonly kind: 'ask-service-type'; readonly unit: string }
  /** It died or restarted: what it builds on may be why. */
  | { readonly kind: 'ask-dependencies'; readonly unit: string }
  /** A listed service runs: read its restart counter and invocation id. */
  | { readonly kind: 'read-counters'; readonly unit: string }
  /** Something happened to it unseen, or it is on its way somewhere: read all of it. */
  | { readonly kind: 'read-unit'; readonly unit: string };
