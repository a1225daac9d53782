import type { Notification, NotificationEvent } from '../../src/core/notification.ts';
import type { IncidentView } from '../../src/core/view.ts';
import type { Log } from '../../src/kit/log.ts';

export const host = 'web1';

export const loop: IncidentView = {
  id: 'logstash.service@20261123T174900.000Z',
  unit: 'logstash.service',
  kind: 'loop',
  openedAt: '2026-11-23T17:49:00.000Z',
  policy: 'default',
  rule: { restarts: 5, within: '2min' },
  restarts: 5,
  periodSeconds: 8.1,
  exits: [
    { process: 'main', code: 'exited', status: 1, name: 'FAILURE', result: 'exit-code', count: 4 },
    { process: 'main', code: 'dumped', status: 11, name: 'SIGSEGV', result: 'core-dump', count: 1 },
  ],
  burnedCpuSeconds: 37.2,
  groups: [],
  sentence:
    'logstash.service is in a restart loop: 5 restarts in 41s (rule: 5 within 2min), about every 8.1s.',
};

export const braked: IncidentView = {
  ...loop,
  kind: 'braked',
  sentence: 'logstash.service is down: systemd gave up at its start limit after 9 restarts.',
};

export const closed: IncidentView = {
  ...loop,
  closedAt: '2026-11-23T18:09:00.000Z',
  closedBecause: 'stable',
  sentence: 'logstash.service is calm again: up without a restart for 10min; the loop took 9 restarts.',
};

export function notificationOf(
  event: NotificationEvent,
  incident: IncidentView = event === 'closed' ? closed : loop,
  atWallMs = Date.UTC(2026, 10, 23, 17, 50),
): Notification {
  return { event, incident, atWallMs, isTest: false };
}

/** An incident of its own for each number; the unit too, unless it is named. */
export function incidentOf(number: number, unit = `u${String(number)}.service`): IncidentView {
  return { ...loop, id: `${unit}@${String(number)}`, unit, sentence: `${unit} is in a restart loop.` };
}

export interface LogLine {
  readonly level: keyof Log;
  readonly fields: Record<string, unknown>;
  readonly sentence: string;
}

/** Keeps what it is told. */
export function heardLog(): { readonly log: Log; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const hear =
    (level: keyof Log) =>
    (fields: object, sentence: string): void =>
      void lines.push({ level, fields: { ...fields }, sentence });
  return {
    log: { debug: hear('debug'), info: hear('info'), warn: hear('warn'), error: hear('error') },
    lines,
  };
}

export const neverAborted = new AbortController().signal;

/** What must happen, but not at once: other tests run on the same cores. */
export const soon = { timeout: 4000 };
