import type { IncidentEffect } from './effect.ts';
import { leavingOutEvidence } from './evidence/kept-evidence.ts';
import { presentIncident } from './present.ts';
import type { IncidentView } from './view.ts';

/**
 * `worsened`: systemd gave up, or the loop became twice as fast. `applied`: a remedy is in force; `helped`: it slows the loop
 * as predicted; `reverted`: it is in force no more, and the loop goes on.
 */
export const notificationEvents = [
  'opened',
  'worsened',
  'applied',
  'helped',
  'reverted',
  'reminder',
  'closed',
] as const;

export type NotificationEvent = (typeof notificationEvents)[number];

/** What sinks are told. */
export interface Notification {
  readonly event: NotificationEvent;
  readonly atWallMs: number;
  /** As it was then. */
  readonly incident: IncidentView;
  /** Sent by `flapd notify-test`: nothing has happened. */
  readonly isTest: boolean;
}

/** One that a sink was still to be told when flapd stopped. */
export interface Undelivered {
  readonly sink: string;
  readonly notification: Notification;
}

const events: Readonly<Record<IncidentEffect['kind'], NotificationEvent>> = {
  'incident-opened': 'opened',
  // Open for longer, but new to whoever was kept from it by a silence.
  'incident-announced': 'opened',
  'incident-worsened': 'worsened',
  'incident-remedied': 'applied',
  'incident-helped': 'helped',
  'incident-unremedied': 'reverted',
  'incident-reminder': 'reminder',
  'incident-closed': 'closed',
};

export function notificationOf({ kind, incident }: IncidentEffect, atWallMs: number): Notification {
  const event = events[kind];
  const view = presentIncident(incident);
  return {
    event,
    atWallMs,
    incident: bringsEvidence(event) ? view : leavingOutEvidence(view),
    isTest: false,
  };
}

/** Who hears that a loop is there, or is worse, has to find out why; who hears more of it knows by then. */
export function bringsEvidence(event: NotificationEvent): boolean {
  return event === 'opened' || event === 'worsened';
}

/** Of what was left undelivered, what may still be told: the end of a loop, or one that is open or has just ended. */
export function stillTrue(
  undelivered: readonly Undelivered[],
  open: ReadonlySet<string>,
): readonly Undelivered[] {
  return undelivered.filter(
    ({ notification: { event, incident } }) => event === 'closed' || open.has(incident.id),
  );
}
