import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { ask, closeAll, connect, loopback, raw, serve } from './client.ts';

afterEach(closeAll);

function broken(): never {
  throw new Error('secret detail');
}

describe('bounds', () => {
  test('headers of more than 8 KiB are refused, somewhat less are not', async () => {
    const server = await serve();
    const withPad = async (chars: number): Promise<number | undefined> =>
      (await ask(server, '/healthz', { headers: { pad: 'x'.repeat(chars) } })).status;
    expect(await withPad(7000)).toBe(200);
    expect(await withPad(9000)).toBe(431);
  });

  test('a request that is never finished is cut off', { timeout: 15_000 }, async () => {
    expect(await raw(await serve(), 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n')).toMatch(
      /^HTTP\/1\.1 408 /u,
    );
  });

  test('64 connections are held, one more is closed', async () => {
    const server = await serve();
    const held = Array.from({ length: 64 }, () => connect(server));
    await Promise.all(held.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    expect(await text(connect(server))).toBe('');
    held[0]?.destroy();
    await expect.poll(async () => (await ask(server, '/healthz').catch(() => undefined))?.status).toBe(200);
  });

  test('what is no HTTP does no harm', async () => {
    const server = await serve();
    expect(await raw(server, '\u0016\u0003\u0001\u0000')).toMatch(/^HTTP\/1\.1 400 /u);
    expect((await ask(server, '/healthz')).status).toBe(200);
  });
});

describe('a throw in a route', () => {
  test('is 500 with one line, is told, and the next request is answered', async () => {
    const heard: unknown[] = [];
    const server = await serve({ units: broken, metrics: broken }, loopback, {
      onError: (error, where) => heard.push([where, error.message]),
    });
    for (const path of ['/api/v1/units', '/metrics']) {
      const reply = await ask(server, path);
      expect([reply.status, reply.body]).toEqual([500, 'Cannot answer: an error in flapd; see its log\n']);
    }
    expect(heard).toEqual([
      ['/api/v1/units', 'secret detail'],
      ['/metrics', 'secret detail'],
    ]);
    expect((await ask(server, '/healthz')).status).toBe(200);
  });

  test('does no harm even where telling it throws', async () => {
    const server = await serve({ units: broken }, loopback, { onError: broken });
    await expect(ask(server, '/api/v1/units')).rejects.toThrow('socket hang up');
    expect((await ask(server, '/healthz')).status).toBe(200);
  });
});

describe('close()', () => {
  test('ends idle connections at once', async () => {
    const server = await serve();
    const socket = connect(server);
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    const before = performance.now();
    await server.close();
    expect(performance.now() - before).toBeLessThan(900);
  });

  test('cuts off what is not done within a second', async () => {
    const server = await serve();
    const socket = connect(server);
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = performance.now();
    await server.close();
    expect(performance.now() - before).toBeGreaterThan(900);
    expect(performance.now() - before).toBeLessThan(4000);
  });

  test('a second call does no harm', async () => {
    const server = await serve();
    await Promise.all([server.close(), server.close()]);
    await expect(ask(server, '/healthz')).rejects.toThrow('ECONNREFUSED');
  });
});
