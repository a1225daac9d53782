import { describe, expect, test } from 'vitest';
import type { AdviceView, IncidentView } from '../../src/core/view.ts';
import { alertOf } from '../../src/sinks/alert.ts';
import { mailOf } from '../../src/sinks/mail-text.ts';
import { shortText } from '../../src/sinks/words.ts';
import { host, loop, notificationOf } from './samples.ts';

const advice: AdviceView = {
  unit: loop.unit,
  target: loop.unit,
  directives: [
    {
      section: 'Service',
      directive: 'RestartPreventExitStatus',
      from: '',
      to: '1',
      writes: '1',
      reason: 'It ended 5 times with status 1.',
    },
  ],
  counterfactual: {
    since: loop.openedAt,
    until: loop.openedAt,
    restarts: { was: 5, wouldBe: 0 },
    longestExtraDownSeconds: 0,
    sentence: 'With this: 0 restarts instead of 5.',
  },
  basis: 'By 5 deaths.',
  notes: ['A note\nof two lines.'],
};
const advised: IncidentView = { ...loop, advice };
const inShort = 'Advice: RestartPreventExitStatus=1 (flapd advise logstash.service)';

describe('advice', () => {
  test('is a line of a short text, while the loop goes on', () => {
    expect(shortText(notificationOf('opened', advised), host).split('\n')).toContain(inShort);
    expect(shortText(notificationOf('closed', advised), host)).not.toContain('Advice');
    expect(shortText(notificationOf('opened', loop), host)).not.toContain('Advice');
  });

  test('stands in full in a mail', () => {
    expect(mailOf(notificationOf('opened', advised), host).text).toContain(`
Advice, as a drop-in for logstash.service:
  [Service] RestartPreventExitStatus: (none) → 1
    It ended 5 times with status 1.
  With this: 0 restarts instead of 5.
  A note of two lines.
`);
    expect(mailOf(notificationOf('closed', advised), host).text).not.toContain('Advice');
  });

  test('to change nothing is a sentence', () => {
    const none = { ...advice, directives: [], none: 'It is right as it is.' };
    expect(mailOf(notificationOf('opened', { ...loop, advice: none }), host).text).toContain(
      '\nAdvice: It is right as it is.\n',
    );
  });

  test('is an annotation of an alert', () => {
    expect(alertOf(advised, {}, 0).annotations).toMatchObject({ advice: inShort });
    expect(alertOf(loop, {}, 0).annotations).not.toHaveProperty('advice');
  });
});
