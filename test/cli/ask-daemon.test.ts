import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { askDaemon, type Asking } from '../../src/cli/ask-daemon.ts';
import type { Config } from '../../src/config/load.ts';
import { builtInPolicy } from '../../src/core/policy.ts';
import { closeAll, portOf, serve } from '../http/client.ts';
import { calm, closedIncident, logstash, openIncident } from '../http/views.ts';

const uid = process.getuid?.() ?? 0;
const closes: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closes.splice(0)) await close();
  await closeAll();
});

function configOf(listen: Config['listen'], manager: Config['manager'] = 'system'): Config {
  return {
    listen,
    manager,
    apply: 'on',
    backfillMs: 0,
    sinks: {},
    policies: [builtInPolicy],
    causes: [],
    files: [],
    warnings: [],
  };
}

function onPort(port: number, manager: Config['manager'] = 'system'): Config {
  return configOf({ kind: 'tcp', host: '127.0.0.1', port }, manager);
}

async function portOfServer(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closes.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

/** Another program, asked as if it were flapd. */
async function askStranger(answer: RequestListener): Promise<Asking> {
  return askDaemon(onPort(await portOfServer(createHttpServer(answer))), uid);
}

/** Something that says it is flapd. */
function pretender(body: (path: string) => string): RequestListener {
  return ({ url = '' }, response) => {
    response.setHeader('Flapd-Manager', 'system');
    response.end(body(url));
  };
}

function whyOf(asking: Asking): string | undefined {
  return asking.ok ? 'it was believed' : asking.why;
}

const shown = { units: () => [logstash, calm], incidents: () => [openIncident, closedIncident] };
const isStranger = /^what answers on 127\.0\.0\.1:\d+ is no flapd, or one of another version$/;

describe('a running flapd', () => {
  test('is asked for its units and incidents', async () => {
    const server = await serve(shown);
    const asking = await askDaemon(onPort(portOf(server)), uid);
    expect(asking).toMatchObject({
      ok: true,
      picture: { from: 'daemon', units: [logstash, calm], incidents: [openIncident, closedIncident] },
    });
    expect(asking.ok && asking.picture.warning).toBe(undefined);
  });

  test('on a socket in the file system is asked there', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'flapd-ask-'));
    closes.push(() => rmSync(folder, { recursive: true }));
    const listen = { kind: 'unix', path: path.join(folder, 'http.sock') } as const;
    await serve(shown, listen);
    expect((await askDaemon(configOf(listen), uid)).ok).toBe(true);
    const elsewhere = { kind: 'unix', path: path.join(folder, 'none.sock') } as const;
    expect(whyOf(await askDaemon(configOf(elsewhere), uid))).toBe(
      `no flapd answers on unix:${elsewhere.path}`,
    );
  });

  test('is asked for one unit, which it may not know', async () => {
    const server = await serve({ ...shown, unit: (name) => (name === calm.unit ? calm : undefined) });
    const asking = await askDaemon(onPort(portOf(server)), uid);
    if (!asking.ok) throw new Error(asking.why);
    expect(await asking.unit(calm.unit)).toEqual(calm);
    expect(await asking.unit('nobody@knows.service')).toBe(undefined);
  });

  test('that is not connected to systemd gives a picture that may be out of date, and it is said', async () => {
    const server = await serve({ ...shown, ready: () => ({ ok: false, why: 'not connected' }) });
    const asking = await askDaemon(onPort(portOf(server)), uid);
    expect(asking.ok && asking.picture.warning).toMatch(/^The running flapd is not connected to systemd/);
  });

  test('of a newer version may answer more fields', async () => {
    const newer = { ...logstash, later: { than: 'this' } };
    const server = await serve({ ...shown, units: () => [newer] });
    const asking = await askDaemon(onPort(portOf(server)), uid);
    expect(asking.ok && asking.picture.units).toEqual([newer]);
  });

  test('that watches the user manager is not taken for the one that watches the system', async () => {
    const ofUser = await serve({ ...shown, manager: 'user' });
    const ofSystem = await serve(shown);
    expect(whyOf(await askDaemon(onPort(portOf(ofUser)), uid))).toMatch(
      / is a flapd that watches the user manager$/,
    );
    expect(whyOf(await askDaemon(onPort(portOf(ofSystem), 'user'), uid))).toMatch(
      / is a flapd that watches the system manager$/,
    );
    expect((await askDaemon(onPort(portOf(ofUser), 'user'), uid)).ok).toBe(true);
  });

  test("of another user is not taken for one's own", async () => {
    const server = await serve({ ...shown, manager: 'user' });
    expect(whyOf(await askDaemon(onPort(portOf(server), 'user'), uid + 1))).toMatch(
      / is another user's flapd$/,
    );
  });
});

describe('where no flapd runs', () => {
  test('nobody is asked if it listens nowhere', async () => {
    expect(await askDaemon(configOf({ kind: 'off' }), uid)).toEqual({ ok: false });
  });

  test('nobody answers', async () => {
    const server = createServer();
    const port = await portOfServer(server);
    server.close();
    expect(whyOf(await askDaemon(onPort(port), uid))).toBe(`no flapd answers on 127.0.0.1:${port}`);
  });

  test.each<[what: string, answer: RequestListener]>([
    ['JSON of its own', (_, response) => response.end('[{"unit":"a.service"}]')],
    ['an empty list', (_, response) => response.end('[]')],
    ['a page', (_, response) => response.setHeader('Content-Type', 'text/html').end('<h1>It works!</h1>')],
    ['nothing', (_, response) => response.end()],
    ['a redirect', (_, response) => response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end()],
    ['404', (_, response) => response.writeHead(404).end('not here')],
    ['500', (_, response) => response.writeHead(500).end('oh')],
    ['a manager that there is not', (_, response) => response.setHeader('Flapd-Manager', 'both').end('[]')],
  ])('another program that answers %s is not believed', async (_, answer) => {
    expect(whyOf(await askStranger(answer))).toMatch(isStranger);
  });

  test.each<[what: string, speak: (socket: Socket) => void]>([
    ['speaks first', (socket) => socket.end('SSH-2.0-OpenSSH_9.2p1\r\n')],
    ['hangs up', (socket) => socket.destroy()],
    [
      'hangs up in mid-answer',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nFlapd-Manager: system\r\nContent-Length: 9\r\n\r\n['),
    ],
    ['has headers without end', (socket) => socket.write(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(1e6)}`)],
  ])('another program that %s is not believed', async (_, speak) => {
    const port = await portOfServer(
      createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => speak(socket));
      }),
    );
    expect(whyOf(await askDaemon(onPort(port), uid))).toMatch(/ 127\.0\.0\.1:/);
  });

  test('one that never answers is waited for 2 s', async () => {
    const why = whyOf(await askStranger(() => {}));
    expect(why).toMatch(/^no flapd answers on 127\.0\.0\.1:\d+ within 2s$/);
  });

  test('one that answers a byte at a time is waited for 2 s in all', async () => {
    const why = whyOf(
      await askStranger((_, response) => {
        response.setHeader('Flapd-Manager', 'system').write('[');
        const timer = setInterval(() => response.write(' '), 50);
        closes.push(() => clearInterval(timer));
      }),
    );
    expect(why).toMatch(/^no flapd answers on 127\.0\.0\.1:\d+ within 2s$/);
  });

  test('one that never stops answering is cut off', async () => {
    const blanks = ' '.repeat(1024 * 1024);
    const answer: RequestListener = (_, response) => {
      response.setHeader('Flapd-Manager', 'system');
      const more = (): void => {
        while (!response.destroyed && response.write(blanks));
      };
      response.on('drain', more).on('error', () => {});
      more();
    };
    expect(whyOf(await askStranger(answer))).toMatch(/ 127\.0\.0\.1:/);
  });
});

describe('what calls itself flapd but is not', () => {
  const unitsAre = (units: unknown) =>
    askStranger(pretender((url) => JSON.stringify(url.endsWith('units') ? units : [])));
  const incidentsAre = (incidents: unknown) =>
    askStranger(pretender((url) => JSON.stringify(url.endsWith('incidents') ? incidents : [])));

  test('is believed where its answers are those of a flapd', async () => {
    expect((await unitsAre([logstash])).ok).toBe(true);
    expect((await incidentsAre([openIncident])).ok).toBe(true);
  });

  test.each(['', 'null', '{}', '7', '"x"', '[', '[]]', '<html>', '[null]', '[[]]', '[{}]'])(
    'is not believed when it answers %j',
    async (text) => {
      expect(whyOf(await askStranger(pretender(() => text)))).toMatch(isStranger);
    },
  );

  const { lastExit } = logstash;
  test.each<[what: string, change: object]>([
    ['no name', { unit: undefined }],
    ['the name of no service', { unit: 'a.socket' }],
    ['a name that writes to the terminal', { unit: '\u001b]0;x\u0007a.service' }],
    ['a verdict that there is not', { verdict: 'fine' }],
    ['a verdict of Object.prototype', { verdict: 'constructor' }],
    ['a policy of two lines', { policy: 'a\nb' }],
    ['no restarts', { restarts: undefined }],
    ['a negative number', { restarts: { automatic: -1, external: 0, inferred: 0 } }],
    ['half a restart', { restarts: { automatic: 0.5, external: 0, inferred: 0 } }],
    ['a number as text', { periodSeconds: '8' }],
    ['a timeline that is none', { timeline: [] }],
    [
      'a timeline without end',
      { timeline: { sliceSeconds: 1, restarts: Array.from({ length: 1e5 }, () => 1) } },
    ],
    ['a time that is none', { lastExit: { ...lastExit, at: 'yesterday' } }],
    ['a day that is none', { lastExit: { ...lastExit, at: '2026-02-31T25:00:00Z' } }],
    ['a result that reorders text', { lastExit: { ...lastExit, result: 'exit\u202Ecode' } }],
    ['a summary that clears the terminal', { lastExit: { ...lastExit, summary: '\u001b[2J' } }],
  ])('is not believed when a unit has %s', async (_, change) => {
    expect(whyOf(await unitsAre([{ ...logstash, ...change }]))).toMatch(isStranger);
  });

  test.each<[what: string, change: object]>([
    ['a sentence that clears the terminal', { sentence: '\u001b[2J' }],
    ['a sentence of two lines', { sentence: 'a\nNo service is in a restart loop.' }],
    ['a sentence without end', { sentence: 'x'.repeat(1e6) }],
    ['a kind that there is not', { kind: 'none' }],
    ['no time', { openedAt: undefined }],
  ])('is not believed when an incident has %s', async (_, change) => {
    expect(whyOf(await incidentsAre([{ ...openIncident, ...change }]))).toMatch(isStranger);
  });

  test('is not believed when a number is more than there is', async () => {
    const text = JSON.stringify([logstash]).replace('8.1', '1e999');
    expect(whyOf(await askStranger(pretender(() => text)))).toMatch(isStranger);
  });

  test('about one unit it is not believed either', async () => {
    const asking = await askStranger(pretender((url) => (url.includes('units/') ? '{"unit":1}' : '[]')));
    if (!asking.ok) throw new Error(asking.why);
    expect(await asking.unit('a.service')).toBe(undefined);
  });
});
