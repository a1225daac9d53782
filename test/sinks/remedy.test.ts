import { describe, expect, test } from 'vitest';
import type { RemedyView } from '../../src/core/remedy/remedy-view.ts';
import type { IncidentView } from '../../src/core/view.ts';
import { alertOf } from '../../src/sinks/alert.ts';
import { ntfyBody } from '../../src/sinks/format-ntfy.ts';
import { mailOf } from '../../src/sinks/mail-text.ts';
import { payloadOf } from '../../src/sinks/payload.ts';
import { shortText, titleOf } from '../../src/sinks/words.ts';
import { closed, host, loop, notificationOf } from './samples.ts';

const remedy: RemedyView = {
  unit: loop.unit,
  dropIn: '/run/systemd/system/logstash.service.d/90-flapd.conf',
  directives: [{ section: 'Service', directive: 'RestartSec', to: '5s' }],
  outcome: 'pending',
};
const remedied: IncidentView = { ...loop, remedy };
const { dropIn: _dropIn, ...rest } = remedy;
const takenBack: IncidentView = {
  ...loop,
  remedy: { ...rest, outcome: 'no-effect', reason: '9 restarts in 1min (at most 1 predicted, 7 without it)' },
};
const inForce = 'logstash.service: RestartSec=5s is in force, and watched.';
const undo = 'To undo: sudo flapd revert logstash.service';
const vain =
  'logstash.service: RestartSec=5s had no effect, and is taken back: 9 restarts in 1min (at most 1 predicted, 7 without it).';

describe('a remedy', () => {
  test('that is applied is what a short text begins with, and says how to undo it', () => {
    const lines = shortText(notificationOf('applied', remedied), host).split('\n');
    expect(lines.slice(0, 3)).toEqual([`web1: ${inForce}`, loop.sentence, undo]);
    expect(titleOf(notificationOf('applied', remedied), host)).toBe(
      'logstash.service has a remedy in force (web1)',
    );
  });

  test('that is taken back says why, with the numbers, and there is nothing to undo', () => {
    const notification = notificationOf('reverted', takenBack);
    const lines = shortText(notification, host).split('\n');
    expect(lines.slice(0, 2)).toEqual([`web1: ${vain}`, loop.sentence]);
    expect(lines.join()).not.toContain('undo');
    expect(titleOf(notification, host)).toBe('logstash.service loops on, its remedy taken back (web1)');
  });

  test('that helps while the loop goes on is what a text begins with', () => {
    const reason = '1 restart in 1min (at most 1 predicted, 7 without it)';
    const notification = notificationOf('helped', {
      ...loop,
      remedy: { ...remedy, outcome: 'helped', reason },
    });
    expect(shortText(notification, host).split('\n').slice(0, 3)).toEqual([
      `web1: logstash.service: RestartSec=5s helped: ${reason}.`,
      loop.sentence,
      undo,
    ]);
    expect(titleOf(notification, host)).toBe('logstash.service is helped by its remedy (web1)');
    expect(ntfyBody(notification, host).headers).toMatchObject({ Priority: '3', Tags: 'wrench' });
  });

  test('that does not help, and is left to the person who applied it, is not said to be taken back', () => {
    const left = { ...remedy, outcome: 'worse', reason: 'why' } as const;
    expect(shortText(notificationOf('reminder', { ...loop, remedy: left }), host)).toContain(
      'RestartSec=5s made it worse, and is left to whoever applied it: why.',
    );
  });

  test('comes after the sentence where something else is the news, and in no text where there is none', () => {
    expect(shortText(notificationOf('reminder', remedied), host)).toMatch(
      /^web1: Still: .*\n.* is in force/u,
    );
    expect(shortText(notificationOf('opened'), host)).not.toMatch(/force|undo/u);
    const end: IncidentView = {
      ...closed,
      closedBecause: 'remedied',
      remedy: { ...remedy, outcome: 'helped' },
    };
    expect(shortText(notificationOf('closed', end), host)).not.toMatch(/helped|undo/u);
  });

  test('stands in a mail of the same thread, in the place of the advice', () => {
    const advice = {
      unit: loop.unit,
      target: loop.unit,
      directives: [],
      basis: '',
      notes: [],
      none: 'Nothing.',
    };
    const mail = mailOf(notificationOf('applied', { ...remedied, advice }), host);
    expect(mail.text).toMatch(
      /^logstash\.service: RestartSec=5s is in force, and watched\.\nlogstash\.service is in a restart loop: .*\nTo undo: /u,
    );
    expect(mail.text).not.toContain('Advice');
    expect(mail.inReplyTo).toBe(mailOf(notificationOf('opened'), host).messageId);
    expect(mailOf(notificationOf('reverted', { ...takenBack, advice }), host).text).toContain(
      'Advice: Nothing.',
    );
  });

  test('rings as loud as a loop only where it is taken back', () => {
    expect(ntfyBody(notificationOf('applied', remedied), host).headers).toMatchObject({
      Priority: '3',
      Tags: 'wrench',
    });
    expect(ntfyBody(notificationOf('reverted', takenBack), host).headers).toMatchObject({ Priority: '4' });
  });

  test('is an annotation of an alert, whose labels stay, and a part of the JSON', () => {
    expect(alertOf(remedied, {}, 0).annotations).toMatchObject({ remedy: inForce });
    expect(alertOf(takenBack, {}, 0).annotations).toMatchObject({ remedy: vain });
    expect(alertOf(loop, {}, 0).annotations).not.toHaveProperty('remedy');
    expect(payloadOf(notificationOf('applied', remedied), host)).toMatchObject({
      event: 'applied',
      incident: { remedy: { outcome: 'pending' } },
    });
  });
});
