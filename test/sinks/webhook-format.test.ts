import { describe, expect, test } from 'vitest';
import { sampleNotification } from '../../src/sinks/sample.ts';
import { formats } from '../../src/sinks/webhook-format.ts';
import { braked, closed, host, loop, notificationOf } from './samples.ts';

const atMs = Date.UTC(2026, 10, 23, 18);
const sample = sampleNotification(atMs);
const parsed = (body: string): unknown => JSON.parse(body) as unknown;

describe('json', () => {
  test('is the documented object', () => {
    const { headers, body } = formats.json(notificationOf('closed', closed, atMs), host);
    expect(headers).toEqual({ 'Content-Type': 'application/json' });
    expect(parsed(body)).toEqual({
      version: 1,
      event: 'closed',
      at: '2026-11-23T18:00:00.000Z',
      host,
      incident: closed,
    });
  });

  test('a test says so', () => {
    expect(parsed(formats.json(sample, host).body)).toMatchObject({ test: true, event: 'opened' });
  });
});

describe('slack', () => {
  const textOf = (...args: Parameters<typeof formats.slack>): string =>
    (parsed(formats.slack(...args).body) as { text: string }).text;

  test('is one text, and nothing in it rings anybody', () => {
    expect(textOf(notificationOf('opened', { ...loop, sentence: '<!channel> & <b>' }), host)).toBe(
      'web1: &lt;!channel&gt; &amp; &lt;b&gt;\nRuns ended: 4 × exited 1/FAILURE, 1 × dumped 11/SIGSEGV',
    );
  });

  test.each([
    [notificationOf('reminder'), `web1: Still: ${loop.sentence}`],
    [notificationOf('worsened', braked), `web1: Worse: ${braked.sentence}`],
    [notificationOf('closed'), `web1: ${closed.sentence}`],
    [sample, `This is a test, sent by "flapd notify-test": nothing has happened.\nweb1: This is a test: `],
  ])('says whether it is new', (notification, text) => {
    expect(textOf(notification, host)).toContain(text);
  });
});

describe('discord', () => {
  test('shows names as they are, and rings nobody', () => {
    const { body } = formats.discord(
      notificationOf('opened', { ...loop, sentence: 'a_b_c@*.service @everyone' }),
      host,
    );
    expect(parsed(body)).toEqual({
      content: expect.stringContaining(String.raw`web1: a\_b\_c@\*.service @everyone`),
      allowed_mentions: { parse: [] },
    });
  });

  test.each([1999, 2000, 5000])('a sentence of %i characters fits', (length) => {
    const { body } = formats.discord(
      notificationOf('opened', { ...loop, sentence: '🔥'.repeat(length / 2) }),
      host,
    );
    const { content } = parsed(body) as { content: string };
    expect(content.length).toBeLessThanOrEqual(2000);
    // throws where half of a surrogate pair is left
    expect(() => encodeURIComponent(content)).not.toThrow();
  });
});

describe('ntfy', () => {
  test.each([
    [notificationOf('opened'), 'logstash.service is in a restart loop (web1)', '4', 'warning'],
    [
      notificationOf('worsened', braked),
      'logstash.service is down: systemd gave up (web1)',
      '5',
      'rotating_light',
    ],
    [notificationOf('reminder', braked), 'logstash.service is still down (web1)', '3', 'hourglass'],
    [notificationOf('closed'), 'logstash.service is calm again (web1)', '3', 'white_check_mark'],
    [sample, 'TEST: flapd-notify-test.service is in a restart loop (web1)', '3', 'test_tube'],
  ])('has title, priority and tags', (notification, title, priority, tags) => {
    const { headers, body } = formats.ntfy(notification, host);
    expect(headers).toEqual({
      'Content-Type': 'text/plain; charset=utf-8',
      Title: title,
      Priority: priority,
      Tags: tags,
    });
    expect(body).toContain(`web1: `);
  });

  test('no name makes a header of its own', () => {
    const { headers } = formats.ntfy(
      notificationOf('opened', { ...loop, unit: 'a\r\nX-Evil: é.service' }),
      host,
    );
    expect(headers['Title']).toBe('a X-Evil: ?.service is in a restart loop (web1)');
  });
});
