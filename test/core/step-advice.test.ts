import { expect, test } from 'vitest';
import { adviceWords, incidentAdvice } from '../../src/core/advice/advice-summary.ts';
import { presentIncidents } from '../../src/core/present.ts';
import type { AdviceView } from '../../src/core/view.ts';
import { loopingTimeline } from '../support/looping-timeline.ts';

const advice: AdviceView = {
  unit: 'app.service',
  target: 'app.service',
  directives: [
    { section: 'Unit', directive: 'StartLimitBurst', from: '5', to: '9', writes: '9', reason: 'Then.' },
    { section: 'Service', directive: 'RestartSec', from: '1s', to: '5s', writes: '5s', reason: 'First.' },
  ],
  basis: 'By 5 deaths.',
  notes: [],
};
const none: AdviceView = { ...advice, directives: [], none: 'It is right as it is.' };

test('advice on an open incident stays with it, also after it has closed', () => {
  const { timeline, id } = loopingTimeline();
  expect(presentIncidents(timeline.state)[0]).not.toHaveProperty('advice');
  timeline.take(11, { kind: 'advice', unit: 'app.service', incident: id, advice });
  expect(timeline.effects.at(-1)?.effect.kind).toBe('incident-advised');
  expect(presentIncidents(timeline.state)[0]).toMatchObject({ id, advice });
  timeline.tick(2000);
  expect(presentIncidents(timeline.state)[0]).toMatchObject({ id, closedBecause: 'stable', advice });
});

test('that on another incident, or on one that has closed, changes nothing', () => {
  const { timeline, id } = loopingTimeline();
  timeline.take(11, { kind: 'advice', unit: 'app.service', incident: 'other', advice });
  timeline.tick(2000);
  timeline.take(2001, { kind: 'advice', unit: 'app.service', incident: id, advice });
  expect(presentIncidents(timeline.state)[0]).not.toHaveProperty('advice');
});

test('in one line', () => {
  expect(incidentAdvice({ unit: 'app.service' })).toBeUndefined();
  expect(incidentAdvice({ unit: 'app.service', advice })).toBe(
    'Advice: StartLimitBurst=9 RestartSec=5s (flapd advise app.service)',
  );
  expect(incidentAdvice({ unit: 'app.service', advice: none })).toBe('Advice: It is right as it is.');
  expect(adviceWords(advice)).toBe('StartLimitBurst=9 RestartSec=5s. First.');
  expect(adviceWords({ ...advice, target: 'app@.service' })).toContain('RestartSec=5s for app@.service. ');
  expect(adviceWords(none)).toBe('It is right as it is.');
});
