import { afterEach, describe, expect, test } from 'vitest';
import type { SinkSettings } from '../../src/core/sink-settings.ts';
import { systemClock } from '../../src/kit/clock.ts';
import type { Patience } from '../../src/sinks/channel.ts';
import { Dispatcher, type SinkTable } from '../../src/sinks/dispatcher.ts';
import { accept, closeReceivers, freePort, receive, type Receiver } from './receiver.ts';
import { closed, heardLog, host, incidentOf, notificationOf, type LogLine, soon } from './samples.ts';

const open: Dispatcher[] = [];
afterEach(async () => {
  closeReceivers();
  await Promise.all(open.splice(0).map((dispatcher) => dispatcher.close()));
});

const webhook = (url: string, timeoutMs = 5000): SinkSettings => ({
  type: 'webhook',
  url,
  headersFile: undefined,
  format: 'json',
  timeoutMs,
});

function dispatch(
  sinks: SinkTable,
  patience: Partial<Patience> = {},
): { readonly dispatcher: Dispatcher; readonly lines: LogLine[] } {
  const { log, lines } = heardLog();
  const dispatcher = new Dispatcher(sinks, {
    host,
    log,
    clock: systemClock,
    random: () => 0,
    patience: { firstRetryMs: 20, mostRetryMs: 100, ...patience },
  });
  open.push(dispatcher);
  return { dispatcher, lines };
}

/** No test waits for the second try. */
const slow = { firstRetryMs: 60_000, mostRetryMs: 60_000 };

/** "opened u1.service" of each notification that was taken. */
const heard = ({ asked }: Receiver): readonly string[] =>
  asked.map(({ body }) => {
    const { event, incident } = JSON.parse(body) as { event: string; incident: { unit: string } };
    return `${event} ${incident.unit}`;
  });

const told = (lines: readonly LogLine[]): readonly string[] =>
  lines.filter(({ level }) => level !== 'debug').map(({ level, sentence }) => `${level}: ${sentence}`);

describe('sinks do not wait for each other', () => {
  test('within a second each incident is opened and closed once, in order, while other sinks hang', async () => {
    const healthy = await receive();
    const { dispatcher } = dispatch({
      healthy: webhook(healthy.url),
      hangs: webhook(await accept(() => {})),
      refuses: webhook(`http://127.0.0.1:${String(await freePort())}`),
      fails: webhook((await receive((response) => response.writeHead(500).end())).url),
    });
    const beganMs = performance.now();
    const units = Array.from({ length: 20 }, (_, number) => incidentOf(number));
    for (const incident of units) dispatcher.notify(notificationOf('opened', incident), undefined);
    expect(performance.now() - beganMs).toBeLessThan(100);
    await expect.poll(() => healthy.asked.length, { timeout: 1000 }).toBe(20);
    for (const incident of units) {
      const ended = { ...incident, closedAt: closed.openedAt, closedBecause: 'stable' };
      dispatcher.notify(notificationOf('closed', ended), undefined);
    }
    await expect.poll(() => healthy.asked.length, { timeout: 1000 }).toBe(40);
    expect(performance.now() - beganMs).toBeLessThan(2000);
    expect(heard(healthy)).toEqual(
      ['opened', 'closed'].flatMap((event) => units.map(({ unit }) => `${event} ${unit}`)),
    );
  });

  test('only those that are named are told', async () => {
    const [ops, dev] = [await receive(), await receive()];
    const { dispatcher } = dispatch({ ops: webhook(ops.url), dev: webhook(dev.url) });
    dispatcher.notify(notificationOf('opened'), ['dev', 'nobody', 'constructor']);
    await expect.poll(() => dev.asked.length, soon).toBe(1);
    expect(ops.asked).toEqual([]);
  });
});

describe('a sink that fails', () => {
  test('is told when it works again what is then true, and the log hears of it twice', async () => {
    let works = false;
    const ops = await receive((response) => response.writeHead(works ? 200 : 500).end());
    const { dispatcher, lines } = dispatch({ ops: webhook(ops.url) });
    const [short, long] = [incidentOf(1), incidentOf(2)];
    dispatcher.notify(notificationOf('opened', short), undefined);
    dispatcher.notify(notificationOf('opened', long), undefined);
    dispatcher.notify(notificationOf('worsened', { ...long, kind: 'braked' }), undefined);
    dispatcher.notify(notificationOf('closed', short), undefined);
    await expect.poll(() => ops.asked.length, soon).toBeGreaterThan(3);
    works = true;
    ops.asked.length = 0;
    await expect.poll(() => dispatcher.pending(), soon).toEqual([]);
    expect(heard(ops).toSorted()).toEqual(['closed u1.service', 'opened u2.service']);
    expect(told(lines)).toEqual([
      `warn: Sink "ops" fails: Cannot post to "${ops.url}": it answers 500 Internal Server Error; expected 2xx. ` +
        'What it is to be told is held, and tried again.',
      expect.stringMatching(
        /^info: Sink "ops" works again after \S+; 2 notifications were held meanwhile\.$/u,
      ),
    ]);
    const counts = Object.fromEntries(dispatcher.counts().map(({ outcome, count }) => [outcome, count]));
    expect(counts).toMatchObject({ delivered: 2, dead: 0 });
    expect(counts['retried']).toBeGreaterThan(3);
  });

  test('is not asked before it wants to be', async () => {
    const ops = await receive((response, _, count) =>
      response.writeHead(count === 1 ? 429 : 200, { 'Retry-After': '1' }).end(),
    );
    const { dispatcher } = dispatch({ ops: webhook(ops.url) });
    dispatcher.notify(notificationOf('opened'), undefined);
    await expect.poll(() => ops.asked.length, { timeout: 3000 }).toBe(2);
    const [first, second] = ops.asked;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(950);
  });

  test('does not hold up the rest for one that it can not take', async () => {
    const ops = await receive((response, { body }) =>
      response.writeHead(body.includes('u1.service') ? 500 : 200).end(),
    );
    const { dispatcher } = dispatch({ ops: webhook(ops.url) });
    for (const number of [1, 2, 3])
      dispatcher.notify(notificationOf('opened', incidentOf(number)), undefined);
    await expect.poll(() => dispatcher.pending().length, soon).toBe(1);
    expect(dispatcher.pending()).toMatchObject([
      { sink: 'ops', notification: { incident: { unit: 'u1.service' } } },
    ]);
  });
});

describe('what can not be told is a dead letter', () => {
  test('when it is refused for good', async () => {
    const ops = await receive((response) => response.writeHead(404).end());
    const { dispatcher, lines } = dispatch({ ops: webhook(ops.url) });
    dispatcher.notify(notificationOf('opened'), undefined);
    await expect.poll(() => lines.length, soon).toBe(1);
    expect(lines).toEqual([
      {
        level: 'error',
        fields: {
          sink: 'ops',
          unit: 'logstash.service',
          incident: 'logstash.service@20261123T174900.000Z',
          event: 'notification-lost',
          notification: 'opened',
        },
        sentence:
          'Sink "ops" will not be told that the incident of logstash.service has opened: ' +
          `Cannot post to "${ops.url}": it answers 404 Not Found; expected 2xx.`,
      },
    ]);
    expect(dispatcher.counts()).toContainEqual({ sink: 'ops', outcome: 'dead', count: 1 });
    expect(dispatcher.pending()).toEqual([]);
  });

  test('when it was tried for too long', async () => {
    const ops = await receive((response) => response.writeHead(500).end());
    const { dispatcher, lines } = dispatch({ ops: webhook(ops.url) }, { giveUpMs: 100 });
    dispatcher.notify(notificationOf('opened'), undefined);
    await expect.poll(() => dispatcher.pending(), soon).toEqual([]);
    expect(told(lines)[1]).toMatch(
      /^error: Sink "ops" will not be told .*: tried for \S+, last: Cannot post/u,
    );
  });

  test('when there is no room, the oldest first', async () => {
    const { dispatcher, lines } = dispatch({ ops: webhook(await accept(() => {})) }, { mostHeld: 2 });
    for (const number of [1, 2, 3, 4, 5]) {
      dispatcher.notify(notificationOf('opened', incidentOf(number)), undefined);
      // the first one is under way
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(told(lines)).toEqual(
      [2, 3].map(
        (number) =>
          `error: Sink "ops" will not be told that the incident of u${String(number)}.service has opened: ` +
          'more than 2 incidents wait for it.',
      ),
    );
  });
});

describe('after a reload', () => {
  test('a sink under new settings keeps what it is to be told, and one that is gone loses it', async () => {
    const dead = `http://127.0.0.1:${String(await freePort())}`;
    const { dispatcher, lines } = dispatch({ ops: webhook(dead), dev: webhook(dead) }, slow);
    dispatcher.notify(notificationOf('opened'), undefined);
    await expect.poll(() => lines.length, soon).toBe(2);
    const ops = await receive();
    dispatcher.replace({ ops: webhook(ops.url) });
    await expect.poll(() => heard(ops), soon).toEqual(['opened logstash.service']);
    expect(told(lines)).toContain(
      'info: Sink "dev" is no longer configured; what it was still to be told is dropped: 1 notification.',
    );
    expect(dispatcher.counts().map(({ sink }) => sink)).toEqual(['ops', 'ops', 'ops']);
  });

  test('a sink that stays as it was goes on', async () => {
    const ops = await receive();
    const { dispatcher } = dispatch({ ops: webhook(ops.url) });
    dispatcher.notify(notificationOf('opened'), undefined);
    await expect.poll(() => ops.asked.length, soon).toBe(1);
    dispatcher.replace({ ops: webhook(ops.url) });
    expect(dispatcher.counts()).toContainEqual({ sink: 'ops', outcome: 'delivered', count: 1 });
  });
});

describe('close()', () => {
  test('tells what it can, also where a sink failed before', async () => {
    let works = false;
    const ops = await receive((response) => response.writeHead(works ? 200 : 500).end());
    const { dispatcher } = dispatch({ ops: webhook(ops.url) }, slow);
    for (const number of [1, 2, 3])
      dispatcher.notify(notificationOf('opened', incidentOf(number)), undefined);
    await expect.poll(() => ops.asked.length, soon).toBe(1);
    works = true;
    await new Promise((resolve) => setTimeout(resolve, 50));
    await dispatcher.close();
    expect(ops.asked).toHaveLength(4);
    expect(dispatcher.pending()).toEqual([]);
  });

  test('takes less than a second, says what is left, and leaves it to be saved', async () => {
    const { dispatcher, lines } = dispatch({
      hangs: webhook(await accept(() => {})),
      refuses: webhook(`http://127.0.0.1:${String(await freePort())}`),
      idle: webhook('http://127.0.0.1:9'),
    });
    for (const number of [1, 2])
      dispatcher.notify(notificationOf('opened', incidentOf(number)), ['hangs', 'refuses']);
    const beganMs = performance.now();
    await dispatcher.close();
    expect(performance.now() - beganMs).toBeLessThan(1500);
    expect(told(lines).slice(-2)).toEqual([
      'warn: Sink "hangs" was not told before flapd stopped: 2 notifications.',
      'warn: Sink "refuses" was not told before flapd stopped: 2 notifications.',
    ]);
    const saved = JSON.parse(JSON.stringify(dispatcher.pending())) as unknown;
    expect(saved).toEqual(dispatcher.pending());
    expect(saved).toHaveLength(4);
  });
});

test('counts are there from the start', () => {
  const { dispatcher } = dispatch({ ops: webhook('http://127.0.0.1:9') });
  expect(dispatcher.counts()).toEqual(
    ['delivered', 'retried', 'dead'].map((outcome) => ({ sink: 'ops', outcome, count: 0 })),
  );
});
