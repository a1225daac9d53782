import { expect, test } from 'vitest';
import type { EndedRun } from '../../../src/core/chronicle.ts';
import type { Exit } from '../../../src/core/exit.ts';
import { unitPasts } from '../../../src/core/lint/unit-past.ts';
import type { IncidentView } from '../../../src/core/view.ts';
import { ending } from '../systemd/ending-cases.ts';

function ended(unit: string, change: Partial<Exit>): EndedRun {
  const exit: Exit = { invocationId: 'a', atMs: 0, uptimeMs: 300, ...ending(), ...change };
  return { unit, run: { exit, cpuMs: undefined }, at: { wallMs: 0, monotonicMs: 0 }, sequel: 'automatic' };
}

function incident(unit: string, change: Partial<IncidentView>): IncidentView {
  return {
    id: 'x',
    unit,
    kind: 'loop',
    openedAt: '2026-11-24T12:00:00Z',
    policy: 'default',
    restarts: 5,
    exits: [],
    groups: [],
    sentence: '',
    ...change,
  };
}

test('what units did is counted by unit and process', () => {
  const pasts = unitPasts(
    [
      ended('a.service', { status: 1 }),
      ended('a.service', { status: 1 }),
      ended('a.service', { process: 'ExecStartPre', status: 1, during: 'start-pre' }),
      ended('a.service', { code: 'killed', status: 9, result: 'signal' }),
      ended('b.service', { code: 'killed', status: 15, result: 'timeout', during: 'start' }),
      ended('b.service', { status: 0, result: 'protocol', during: 'start' }),
      ended('b.service', { result: 'exit-code', during: 'start' }),
      ended('b.service', { code: 'killed', status: 15, result: 'timeout', during: 'start', uptimeMs: 0 }),
      ended('c.service', { code: 'killed', status: 15, result: 'timeout', during: 'stop-sigterm' }),
    ],
    [
      incident('a.service', { restarts: 9, periodSeconds: 3 }),
      incident('a.service', { restarts: 7, periodSeconds: 2 }),
      incident('b.service', { kind: 'braked', periodSeconds: 2 }),
      incident('d.service', {}),
    ],
  );
  expect(pasts.get('a.service')).toEqual({
    loop: { restarts: 7, periodMs: 2000 },
    exits: new Map([
      ['main 1', 2],
      ['ExecStartPre 1', 1],
    ]),
    neverReady: 0,
    // But for the one that ExecStartPre= ended.
    ready: 3,
  });
  expect(pasts.get('b.service')).toMatchObject({ loop: undefined, neverReady: 2, ready: 0 });
  expect(pasts.get('c.service')).toMatchObject({ neverReady: 0, ready: 1 });
  expect(pasts.has('d.service')).toBe(false);
});
