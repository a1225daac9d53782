import { afterEach, describe, expect, test } from 'vitest';
import type { AlertmanagerSettings } from '../../src/core/sink-settings.ts';
import type { IncidentView } from '../../src/core/view.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { AlertmanagerSink } from '../../src/sinks/alertmanager.ts';
import { Dispatcher } from '../../src/sinks/dispatcher.ts';
import { sampleNotification } from '../../src/sinks/sample.ts';
import { haveAlertmanager, noAlertmanager, startAlertmanager, stopPrograms } from './programs.ts';
import { closeReceivers, receive, type Receiver } from './receiver.ts';
import { braked, heardLog, host, loop, neverAborted, notificationOf, soon } from './samples.ts';

const dispatchers: Dispatcher[] = [];
afterEach(async () => {
  await Promise.all(dispatchers.splice(0).map((dispatcher) => dispatcher.close()));
  await stopPrograms();
  closeReceivers();
});

const settingsOf = (url: string): AlertmanagerSettings => ({
  type: 'alertmanager',
  url,
  headersFile: undefined,
  labels: { team: 'ops' },
  timeoutMs: 5000,
});

/** Now, because Alertmanager knows what is past. */
const recent = (incident: IncidentView): IncidentView => ({
  ...incident,
  openedAt: new Date(Date.now() - 60_000).toISOString(),
});
const ended = (incident: IncidentView): IncidentView => ({
  ...recent(incident),
  closedAt: new Date(Date.now() - 10).toISOString(),
  closedBecause: 'stable',
});

interface SentAlert {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly startsAt: string;
  readonly endsAt: string;
}

describe('what is sent', () => {
  const sent = ({ asked }: Receiver): readonly (readonly SentAlert[])[] =>
    asked.map(({ body }) => JSON.parse(body) as SentAlert[]);
  const wall = (text: string | undefined): number => Date.parse(text ?? '');

  test('an alert that holds for five minutes, at the API of the server', async () => {
    const server = await receive();
    const sink = new AlertmanagerSink(settingsOf(`${server.url}/prefix/`), host, systemClock);
    await sink.deliver(notificationOf('opened', recent(loop)), neverAborted);
    expect(server.asked[0]).toMatchObject({ method: 'POST', path: '/prefix/api/v2/alerts' });
    const [[alert] = []] = sent(server);
    expect(alert).toMatchObject({
      labels: {
        alertname: 'FlapdRestartLoop',
        name: 'logstash.service',
        severity: 'warning',
        instance: host,
        policy: 'default',
        team: 'ops',
      },
      annotations: { summary: loop.sentence, incident: loop.id },
    });
    expect(wall(alert?.endsAt) - Date.now()).toBeGreaterThan(290_000);
    expect(wall(alert?.endsAt) - Date.now()).toBeLessThanOrEqual(300_000);
  });

  test('a change of severity ends the alert under its old labels', async () => {
    const server = await receive();
    const sink = new AlertmanagerSink(settingsOf(server.url), host, systemClock);
    await sink.deliver(notificationOf('opened', recent(loop)), neverAborted);
    await sink.deliver(notificationOf('worsened', recent(braked)), neverAborted);
    const [, [old, now] = []] = sent(server);
    expect([old?.labels['severity'], now?.labels['severity']]).toEqual(['warning', 'critical']);
    expect(wall(old?.endsAt)).toBeLessThanOrEqual(Date.now());
    expect(wall(now?.endsAt)).toBeGreaterThan(Date.now());
  });

  test('what is told again is what was delivered and is still open', async () => {
    let works = true;
    const server = await receive((response) => response.writeHead(works ? 200 : 500).end());
    const sink = new AlertmanagerSink(settingsOf(server.url), host, systemClock);
    expect(sink.isEmpty).toBe(true);
    await sink.deliver(sampleNotification(Date.now()), neverAborted);
    expect(sink.isEmpty).toBe(true);
    await sink.deliver(notificationOf('opened', recent(loop)), neverAborted);
    await sink.tellAgain(neverAborted);
    expect(sent(server).at(-1)).toMatchObject([{ labels: { name: 'logstash.service' } }]);
    works = false;
    await sink.deliver(notificationOf('closed', ended(loop)), neverAborted);
    works = true;
    expect(sink.isEmpty).toBe(false);
    await sink.deliver(notificationOf('closed', ended(loop)), neverAborted);
    expect(sink.isEmpty).toBe(true);
  });

  test('an incident that seems to begin after its end, for the clock was set back, is one that Alertmanager takes', async () => {
    const server = await receive();
    const sink = new AlertmanagerSink(settingsOf(server.url), host, systemClock);
    const odd = { ...loop, openedAt: '2026-11-23T18:00:00.000Z', closedAt: '2026-11-23T17:00:00.000Z' };
    await sink.deliver(notificationOf('closed', odd), neverAborted);
    const [[alert] = []] = sent(server);
    expect(wall(alert?.startsAt)).toBeLessThanOrEqual(wall(alert?.endsAt));
  });
});

describe.skipIf(!haveAlertmanager)(`a real Alertmanager (${noAlertmanager})`, { timeout: 20_000 }, () => {
  /** "firing warning" of each time it told of something new. */
  const toldBy = ({ asked }: Receiver): readonly string[] =>
    asked.map(({ body }) => {
      const { status, alerts } = JSON.parse(body) as {
        status: string;
        alerts: readonly { labels: Record<string, string> }[];
      };
      return `${status} ${String(alerts[0]?.labels['severity'])}`;
    });
  const active = async (url: string): Promise<readonly SentAlert[]> =>
    (await (await fetch(`${url}/api/v2/alerts`)).json()) as SentAlert[];

  async function dispatch(url: string): Promise<Dispatcher> {
    const deps = { host, log: heardLog().log, clock: systemClock };
    const dispatcher = new Dispatcher({ am: settingsOf(url) }, deps);
    dispatchers.push(dispatcher);
    return dispatcher;
  }

  test('opened, worse and closed: fires, fires as critical, and is resolved, once each', async () => {
    const pager = await receive();
    const { url } = await startAlertmanager(pager.url);
    const dispatcher = await dispatch(url);
    dispatcher.notify(notificationOf('opened', recent(loop)), undefined);
    await expect.poll(() => toldBy(pager), soon).toEqual(['firing warning']);
    dispatcher.notify(notificationOf('worsened', recent(braked)), undefined);
    await expect
      .poll(() => toldBy(pager).toSorted(), soon)
      .toEqual(['firing critical', 'firing warning', 'resolved warning']);
    expect((await active(url)).map(({ labels }) => labels['severity'])).toEqual(['critical']);
    dispatcher.notify(notificationOf('closed', ended(braked)), undefined);
    await expect.poll(() => toldBy(pager).at(-1), soon).toBe('resolved critical');
    expect(toldBy(pager)).toHaveLength(4);
    expect(await active(url)).toEqual([]);
  });

  test('one that was restarted with nothing kept is told what is open', async () => {
    const pager = await receive();
    const first = await startAlertmanager(pager.url);
    const dispatcher = await dispatch(first.url);
    dispatcher.resume([recent(loop)]);
    await expect.poll(async () => (await active(first.url)).length, soon).toBe(1);
    await first.stop();
    const { url } = await startAlertmanager(pager.url, first.port);
    expect(await active(url)).toEqual([]);
    dispatcher.resume([recent(loop)]);
    await expect
      .poll(async () => (await active(url)).map(({ labels }) => labels['name']), soon)
      .toEqual(['logstash.service']);
  });

  test('a test is taken, and ends by itself within a minute', async () => {
    const { url } = await startAlertmanager((await receive()).url);
    const sink = new AlertmanagerSink(settingsOf(url), host, systemClock);
    expect(await sink.deliver(sampleNotification(Date.now()), neverAborted)).toEqual({
      kind: 'delivered',
      answer: '200 OK',
    });
    const [alert] = await active(url);
    expect(Date.parse(alert?.endsAt ?? '') - Date.now()).toBeLessThanOrEqual(60_000);
    expect(alert?.annotations['summary']).toContain('This is a test');
  });

  test('what it refuses is told with its reason', async () => {
    const { url } = await startAlertmanager((await receive()).url);
    const settings = { ...settingsOf(url), labels: { 'no label': 'x' } };
    const sink = new AlertmanagerSink(settings, host, systemClock);
    expect(await sink.deliver(notificationOf('opened', recent(loop)), neverAborted)).toMatchObject({
      kind: 'failed',
      retryable: false,
      why: expect.stringMatching(/it answers 400 Bad Request \(".*"\); expected 2xx$/u) as string,
    });
  });
});
