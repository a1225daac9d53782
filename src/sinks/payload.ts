import type { Notification, NotificationEvent } from '../core/notification.ts';
import type { IncidentView } from '../core/view.ts';

/** What a webhook is sent as JSON, and a command on its standard input. More fields are welcome, none is ever renamed. */
export interface Payload {
  readonly version: 1;
  readonly event: NotificationEvent;
  /** When it was so: ISO 8601 in UTC. A delivery may be late. */
  readonly at: string;
  readonly host: string;
  /** Sent by `flapd notify-test`: nothing has happened. Absent otherwise. */
  readonly test?: true;
  readonly incident: IncidentView;
}

export function payloadOf({ event, atWallMs, incident, isTest }: Notification, host: string): Payload {
  return {
    version: 1,
    event,
    at: new Date(atWallMs).toISOString(),
    host,
    ...(isTest ? { test: true } : {}),
    incident,
  };
}
