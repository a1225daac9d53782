import { afterEach, describe, expect, test } from 'vitest';
import { createMetrics } from '../../src/http/metrics.ts';
import { ask, closeAll, loopback, serve } from './client.ts';
import { calm, closedIncident, logstash, odd, oddName, openIncident } from './views.ts';

afterEach(closeAll);

describe('routes', () => {
  test('/metrics is the exposition text, with what the daemon observed', async () => {
    const metrics = createMetrics();
    metrics.observeDetection(0.012);
    const reply = await ask(await serve({}, loopback, { metrics }), '/metrics');
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(reply.body).toContain('flapd_unit_restarts_total{name="logstash.service",trigger="auto"} 41\n');
    expect(reply.body).toContain('flapd_detection_seconds_count 1\n');
  });

  test('/healthz is ok while the daemon lives, also where it is not ready', async () => {
    const server = await serve({ ready: () => ({ ok: false, why: 'no bus' }) });
    expect(await ask(server, '/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
  });

  test('/readyz is 200 when ready, and 503 with one line why when not', async () => {
    expect(await ask(await serve(), '/readyz')).toMatchObject({ status: 200, body: 'ready\n' });
    const waiting = await serve({ ready: () => ({ ok: false, why: 'not subscribed:\nno bus' }) });
    expect(await ask(waiting, '/readyz')).toMatchObject({ status: 503, body: 'not subscribed: no bus\n' });
  });

  test('/api/v1/units is an array of all units', async () => {
    const reply = await ask(await serve(), '/api/v1/units?x=/metrics');
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(reply.body)).toEqual([logstash, odd, calm]);
  });

  test('/api/v1/units/NAME is the unit, whatever characters its name has', async () => {
    const server = await serve();
    const reply = await ask(server, `/api/v1/units/${encodeURIComponent(oddName)}`);
    expect([reply.status, JSON.parse(reply.body)]).toEqual([200, odd]);
    const plain = await ask(server, '/api/v1/units/logstash.service');
    expect(JSON.parse(plain.body)).toEqual(logstash);
  });

  test('a name of 255 encoded characters is looked up, an address beyond the bound is refused', async () => {
    const server = await serve();
    expect((await ask(server, `/api/v1/units/${'%5C'.repeat(255)}`)).status).toBe(404);
    expect((await ask(server, `/api/v1/units/${'a'.repeat(2048)}`)).status).toBe(414);
  });

  test.each(['other.service', '', 'logstash', 'a/b', '%2e%2e', '%', '%ff', 'toString', '__proto__'])(
    '/api/v1/units/%s is 404 with an error and a hint',
    async (name) => {
      const reply = await ask(await serve(), `/api/v1/units/${name}`);
      expect(reply.status).toBe(404);
      expect(JSON.parse(reply.body)).toEqual({
        error: expect.stringMatching(/^Cannot show unit ".*": .*; expected /u),
        hint: 'systemctl list-units --type=service --all',
      });
    },
  );

  test('/api/v1/incidents is an array, the open ones first', async () => {
    const reply = await ask(await serve(), '/api/v1/incidents');
    expect(JSON.parse(reply.body)).toEqual([openIncident, closedIncident]);
  });

  test.each(['/metric', '/metrics/', '//metrics', '/api/v1/unitsx', '/api/v1', '/toString', '/..%2fmetrics'])(
    '%s is 404 and names what there is',
    async (path) => {
      const reply = await ask(await serve(), path);
      expect([reply.status, reply.body]).toEqual([404, expect.stringContaining('/metrics /healthz')]);
    },
  );

  test('HEAD has the headers of GET and no body', async () => {
    const server = await serve();
    for (const path of ['/healthz', '/', '/api/v1/units', '/nothing']) {
      const [get, head] = [await ask(server, path), await ask(server, path, { method: 'HEAD' })];
      expect([head.status, head.body]).toEqual([get.status, '']);
      expect(head.headers['content-length']).toBe(get.headers['content-length']);
      expect(head.headers['content-length']).toBe(String(Buffer.byteLength(get.body)));
    }
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])('%s is 405', async (method) => {
    const reply = await ask(await serve(), '/api/v1/units', { method });
    expect([reply.status, reply.headers['allow']]).toEqual([405, 'GET, HEAD']);
  });

  test('every answer is for now only, of its type, and loads nothing', async () => {
    const server = await serve();
    const replies = [
      await ask(server, '/'),
      await ask(server, '/metrics'),
      await ask(server, '/nothing'),
      await ask(server, '/', { method: 'POST' }),
      await ask(server, '/', { host: 'evil.example' }),
    ];
    for (const { headers } of replies) {
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; (?!.*unsafe)/u);
      expect(headers['content-length']).toMatch(/^\d+$/u);
    }
  });
});
