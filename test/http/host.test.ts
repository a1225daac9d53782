import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { ask, closeAll, raw, serve } from './client.ts';

const folder = mkdtempSync(join(tmpdir(), 'flapd-host-'));

afterEach(closeAll);
afterAll(() => rmSync(folder, { recursive: true }));

describe('the Host header', () => {
  test.each([
    'localhost',
    'LocalHost:9843',
    'localhost.',
    '127.0.0.1',
    '127.0.0.1:80',
    '[::1]',
    '[::1]:9843',
  ])('%s is ours on loopback', async (host) => {
    expect((await ask(await serve(), '/healthz', { host })).status).toBe(200);
  });

  test.each([
    'evil.example',
    'localhost.evil.example',
    'evil.example:9843',
    '192.0.2.1',
    'localhost:9843@evil.example',
    'localhost:99999999',
    '::1',
    '127.0.0.1.evil.example',
    'localhost evil',
  ])('%s is not ours on loopback', async (host) => {
    const reply = await ask(await serve(), '/metrics', { host });
    expect([reply.status, reply.body]).toEqual([
      421,
      expect.stringContaining(`Cannot answer for host "${host}"`),
    ]);
  });

  test('none at all is refused, by HTTP/1.1 and by 1.0', async () => {
    const server = await serve();
    expect(await raw(server, 'GET /metrics HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /u);
    expect(await raw(server, 'GET /metrics HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /u);
    expect(await raw(server, 'GET /metrics HTTP/1.0\r\nHost:\r\n\r\n')).toMatch(/^HTTP\/1\.1 421 /u);
  });

  test('an absolute address in the request line does not stand in for it', async () => {
    const bytes = 'GET http://localhost/metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n';
    expect(await raw(await serve(), bytes)).toMatch(/^HTTP\/1\.1 421 /u);
  });

  test('beyond loopback an address, this host and names given are ours, any other name is not', async () => {
    const server = await serve(
      {},
      { kind: 'tcp', host: '0.0.0.0', port: 0 },
      { hosts: ['Web1.example.org'] },
    );
    const statusFor = async (host: string): Promise<number | undefined> =>
      (await ask(server, '/healthz', { host })).status;
    for (const host of [
      '192.0.2.1:9843',
      '[2001:db8::1]',
      hostname(),
      'web1.example.org:9843',
      'localhost',
    ]) {
      expect([host, await statusFor(host)]).toEqual([host, 200]);
    }
    expect(await statusFor('web2.example.org')).toBe(421);
  });

  test('on a unix socket any is fine', async () => {
    const server = await serve({}, { kind: 'unix', path: join(folder, 'any.sock') });
    expect((await ask(server, '/healthz', { host: 'evil.example' })).status).toBe(200);
  });
});
