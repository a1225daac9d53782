import { expect, test } from 'vitest';
import { presentIncidents } from '../../src/core/present.ts';
import type { CauseView } from '../../src/core/view.ts';
import { loopingTimeline } from '../support/looping-timeline.ts';

const causes: readonly CauseView[] = [
  { id: 'missing-file', state: 'confirmed', sentence: '/x does not exist.', proof: ['open /x'] },
];

test('the causes of an open incident stay with it, also after it has closed', () => {
  const { timeline, id } = loopingTimeline();
  expect(presentIncidents(timeline.state)[0]).not.toHaveProperty('causes');
  timeline.take(11, { kind: 'causes', unit: 'app.service', incident: id, causes });
  expect(timeline.effects.at(-1)?.effect.kind).toBe('incident-explained');
  expect(presentIncidents(timeline.state)[0]).toMatchObject({ id, causes });
  timeline.tick(2000);
  expect(presentIncidents(timeline.state)[0]).toMatchObject({ id, closedBecause: 'stable', causes });
});

test('those of another incident, or of one that has closed, change nothing', () => {
  const { timeline, id } = loopingTimeline();
  timeline.take(11, { kind: 'causes', unit: 'app.service', incident: 'other', causes });
  timeline.take(11, { kind: 'causes', unit: 'none.service', incident: id, causes });
  timeline.tick(2000);
  timeline.take(2001, { kind: 'causes', unit: 'app.service', incident: id, causes });
  expect(timeline.effects.map(({ effect }) => effect.kind)).not.toContain('incident-explained');
  expect(presentIncidents(timeline.state)[0]).not.toHaveProperty('causes');
});
