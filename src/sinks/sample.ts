import type { Notification } from '../core/notification.ts';

/** What `flapd notify-test` sends: an incident as it could be, of a unit that nobody has. */
export function sampleNotification(nowWallMs: number): Notification {
  const openedMs = nowWallMs - 41_000;
  return {
    event: 'opened',
    atWallMs: nowWallMs,
    isTest: true,
    incident: {
      id: `flapd-notify-test.service@${new Date(openedMs).toISOString().replaceAll(/[-:]/gu, '')}`,
      unit: 'flapd-notify-test.service',
      kind: 'loop',
      openedAt: new Date(openedMs).toISOString(),
      policy: 'notify-test',
      rule: { restarts: 5, within: '2min' },
      restarts: 5,
      periodSeconds: 8.2,
      exits: [{ process: 'main', code: 'exited', status: 1, name: 'FAILURE', result: 'exit-code', count: 5 }],
      burnedCpuSeconds: 3.4,
      groups: [],
      sentence:
        'This is a test: flapd-notify-test.service is in a restart loop: 5 restarts in 41s (rule: 5 within 2min), ' +
        'about every 8.2s; the main process exited with status 1/FAILURE after 8s; 3.4s of CPU burned.',
    },
  };
}
