import type { IncidentView, UnitView } from '../../src/core/view.ts';
import type { HttpSource, MetricsInput } from '../../src/http/source.ts';

/** What the tests of src/http show. */

/** The logstash story: exit 1 after 8 s, brought back for ever. */
export const logstash: UnitView = {
  unit: 'logstash.service',
  verdict: 'looping',
  policy: 'default',
  mode: 'recommend',
  restarts: { automatic: 41, external: 2, inferred: 1 },
  window: [
    { within: '2min', withinSeconds: 120, restarts: 14 },
    { within: '1h', withinSeconds: 3600, restarts: 43 },
  ],
  timeline: { sliceSeconds: 30, restarts: [3, 4, 4, 4, 4, 4, 3, 4, 4, 3, 3, 3] },
  periodSeconds: 8.1,
  lastExit: {
    summary: 'the main process exited with status 1/FAILURE',
    at: '2026-11-23T17:51:25.000Z',
    process: 'main',
    code: 'exited',
    status: 1,
    name: 'FAILURE',
    result: 'exit-code',
    uptimeSeconds: 8,
  },
  exits: [
    { process: 'main', code: 'exited', status: 1, name: 'FAILURE', result: 'exit-code', count: 40 },
    { process: 'main', code: 'dumped', status: 11, name: 'SIGSEGV', result: 'core-dump', count: 3 },
  ],
  burnedCpuSeconds: 301.5,
  incident: 'i-1',
};

/** Every legal character of a unit name, and then some that are not. */
export const oddName = 'a-b:c_d.e\\x2df@"g"\n<h>.service';

export const odd: UnitView = {
  unit: oddName,
  verdict: 'calm',
  policy: 'p"\\\n',
  mode: 'recommend',
  restarts: { automatic: 0, external: 0, inferred: 0 },
  window: [],
  timeline: { sliceSeconds: 5, restarts: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
  exits: [{ result: 'resources', count: 1 }],
};

export const calm: UnitView = {
  unit: 'calm.service',
  verdict: 'calm',
  policy: 'default',
  mode: 'recommend',
  restarts: { automatic: 0, external: 0, inferred: 0 },
  window: [{ within: '2min', withinSeconds: 120, restarts: 0 }],
  timeline: { sliceSeconds: 5, restarts: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
  exits: [{ process: 'main', code: 'exited', status: 0, name: 'SUCCESS', result: 'success', count: 9 }],
};

export const openIncident: IncidentView = {
  id: 'i-1',
  unit: 'logstash.service',
  kind: 'loop',
  openedAt: '2026-11-23T17:49:00.000Z',
  policy: 'default',
  rule: { restarts: 5, within: '2min' },
  restarts: 43,
  exits: [],
  groups: [],
  sentence: 'logstash.service is in a restart loop: 43 restarts & <more>',
};

export const closedIncident: IncidentView = {
  ...openIncident,
  id: 'i-0',
  kind: 'braked',
  closedAt: '2026-11-23T17:30:00.000Z',
  closedBecause: 'stable',
};

export function metricsInput(units: readonly UnitView[]): MetricsInput {
  return {
    units,
    incidentsTotal: { loop: 3, braked: 1 },
    remediesTotal: {
      pending: 3,
      helped: 1,
      'no-effect': 1,
      worse: 0,
      reverted: 1,
      refused: 2,
      failed: 0,
    },
    notifications: [{ sink: 'ops', outcome: 'delivered', count: 3 }],
    incidentsOpen: 1,
    unitsWatched: 212,
    dbus: { connected: true, reconnects: 2, signals: 4711 },
    config: { ok: true, at: 1795456285 },
    build: { version: '0.1.0', systemd: '252 (252.38-1~deb12u1)', node: 'v20.20.2' },
  };
}

export function source(more: Partial<HttpSource> = {}): HttpSource {
  const units = [logstash, odd, calm];
  return {
    manager: 'system',
    units: () => units,
    unit: (name) => units.find(({ unit }) => unit === name),
    incidents: () => [closedIncident, openIncident],
    ready: () => ({ ok: true }),
    metrics: () => metricsInput(units),
    ...more,
  };
}
