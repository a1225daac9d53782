import { expect, test } from 'vitest';
import type { EvidenceView } from '../../../src/core/evidence/evidence-view.ts';
import { mostKept } from '../../../src/core/evidence/kept-evidence.ts';
import { notificationOf } from '../../../src/core/notification.ts';
import { builtInPolicy } from '../../../src/core/policy.ts';
import { presentIncidents } from '../../../src/core/present.ts';
import { revive, savedOf } from '../../../src/core/saved.ts';
import type { IncidentView } from '../../../src/core/view.ts';
import { loopingTimeline } from '../../support/looping-timeline.ts';
import { bootId, interrupted, live, type Move } from '../../support/past.ts';
import { instant, Timeline } from '../../support/timeline.ts';

const at = '2026-01-02T12:00:02.000Z';
const evidence = (lines: readonly string[]): EvidenceView => ({
  exit: { at, summary: 'the main process exited with status 1', result: 'exit-code' },
  lines: lines.map((text) => ({ at, by: 'service', text })),
  oomKilled: false,
  settings: Array.from({ length: 30 }, (_, index) => ({
    section: 'Service',
    directive: 'ExecStartPre',
    value: '/bin/true',
    file: '/etc/systemd/system/app.service',
    line: index + 1,
  })),
});
const changes = [{ at, kind: 'drop-in', what: 'drop-in /etc/x.conf was changed' }] as const;
const explained = (unit: string, incident: string, lines = ['boom']) =>
  ({ kind: 'causes', unit, incident, causes: [], evidence: evidence(lines), changes }) as const;

const firstOf = ({ state }: Timeline): IncidentView | undefined => presentIncidents(state)[0];

test('an incident carries what is left of its first failure, also after it has closed', () => {
  const { timeline, id } = loopingTimeline();
  timeline.take(11, explained('app.service', id));
  expect(firstOf(timeline)).toMatchObject({ evidence: { lines: [{ text: 'boom' }] }, changes });
  timeline.tick(2000);
  expect(firstOf(timeline)).toMatchObject({ closedBecause: 'stable', evidence: { oomKilled: false } });
});

test('it is bounded, and keeps the end of the log', () => {
  const { timeline, id } = loopingTimeline();
  const lines = Array.from({ length: 80 }, (_, index) => `${index} ${'x'.repeat(400)}`);
  timeline.take(11, explained('app.service', id, lines));
  const kept = firstOf(timeline)?.evidence;
  expect(kept?.lines.map(({ text }) => text.split(' ')[0])).toEqual(
    Array.from({ length: 20 }, (_, index) => String(index + 60)),
  );
  expect(kept?.lines.every(({ text }) => text.length === 300 && text.endsWith('…'))).toBe(true);
  expect(kept?.settings).toHaveLength(20);
  expect(JSON.stringify(kept).length).toBeLessThan(12_000);
});

test('of many incidents those that opened last keep theirs', () => {
  const timeline = new Timeline([{ ...builtInPolicy, calmAfterMs: 86_400_000 }]);
  const units = Array.from({ length: mostKept + 2 }, (_, index) => `a${index}.service`);
  for (const [index, unit] of units.entries()) {
    timeline.service(unit).start(index * 20);
    timeline.service(unit).loop(index * 20, 5, 2, 0.1, { status: index + 1 });
    const id = timeline.state.units.get(unit)?.incident?.id ?? '';
    timeline.take(index * 20 + 11, explained(unit, id));
  }
  const kept = units.map((unit) => timeline.state.units.get(unit)?.incident?.evidence !== undefined);
  expect(kept).toEqual(units.map((_, index) => index >= 2));
});

test('it is saved with the incident, and not once more with each notification', () => {
  const { timeline, id } = loopingTimeline();
  timeline.take(11, explained('app.service', id));
  const incident = timeline.state.units.get('app.service')?.incident;
  if (incident === undefined) throw new Error('no incident is open');
  const opened = notificationOf({ kind: 'incident-opened', incident, to: 'all' }, 0);
  expect(opened.incident).toHaveProperty('evidence');
  const saved = savedOf(timeline.state, bootId, instant(20), [{ sink: 'ops', notification: opened }]);
  expect(saved.undelivered[0]?.notification.incident).not.toHaveProperty('evidence');
  expect(saved.undelivered[0]?.notification.incident).not.toHaveProperty('changes');
  const [first] = saved.incidents;
  expect(first && revive(first, instant(20)).evidence).toEqual(incident.evidence);
});

test('whoever was told of the loop is not sent it again', () => {
  const { timeline, id } = loopingTimeline();
  timeline.take(11, explained('app.service', id));
  timeline.tick(2000);
  const [incident] = timeline.state.closed;
  if (incident === undefined) throw new Error('no incident has closed');
  const closed = notificationOf({ kind: 'incident-closed', incident, to: 'all' }, 0);
  expect(closed.incident).not.toHaveProperty('evidence');
});

test('what was found out is known after a start, also where the journal tells the same loop', () => {
  const crash: Move = { unit: 'a.service', kind: 'crash', afterSeconds: 2, status: 1 };
  const life = live(Array.from({ length: 12 }, () => crash));
  const count = life.timeline.inputs.length;
  const id = life.timeline.state.units.get('a.service')?.incident?.id ?? '';
  const cause = { id: 'missing-file', state: 'likely', sentence: 'It is not there.', proof: [] } as const;
  const found = { ...explained('a.service', id), causes: [cause] };
  life.timeline.inputs.splice(count - 8, 0, { at: instant(20), input: found });
  const { state } = interrupted(life, count - 6, count - 4);
  expect(state.units.get('a.service')?.incident).toMatchObject({
    id,
    causes: [cause],
    evidence: { lines: [{ text: 'boom' }] },
    changes,
  });
});
