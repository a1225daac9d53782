import { afterEach, describe, expect, test } from 'vitest';
import { httpPost } from '../../src/sinks/http-post.ts';
import type { Outcome } from '../../src/sinks/sink.ts';
import { accept, closeReceivers, freePort, receive } from './receiver.ts';
import { neverAborted } from './samples.ts';

afterEach(closeReceivers);

const post = (url: string, timeoutMs = 2000, secretHeaders: Readonly<Record<string, string>> = {}) =>
  httpPost({ url, headers: { Title: 'a' }, secretHeaders, body: '{"a":"é"}', timeoutMs }, neverAborted);

const why = (outcome: Outcome): string => (outcome.kind === 'failed' ? outcome.why : '');

describe('an answer', () => {
  test.each([200, 202, 204, 299])('%i: delivered', async (status) => {
    const { url } = await receive((response) => response.writeHead(status).end());
    expect(await post(url)).toMatchObject({
      kind: 'delivered',
      answer: expect.stringContaining(`${status}`),
    });
  });

  test.each([408, 425, 429, 500, 503, 599])('%i: worth another try', async (status) => {
    const { url } = await receive((response) => response.writeHead(status).end());
    expect(await post(url)).toMatchObject({ kind: 'failed', retryable: true });
  });

  test.each([304, 400, 401, 403, 404, 410, 422])('%i: for good', async (status) => {
    const { url } = await receive((response) => response.writeHead(status).end());
    expect(await post(url)).toMatchObject({ kind: 'failed', retryable: false });
  });

  test.each<[header: string, waitMs: number | undefined]>([
    ['7', 7000],
    ['86400', 300_000],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
    ['soon', undefined],
  ])('Retry-After: %s', async (header, waitMs) => {
    const { url } = await receive((response) => response.writeHead(429, { 'Retry-After': header }).end());
    const outcome = await post(url);
    expect('retryAfterMs' in outcome ? outcome.retryAfterMs : undefined).toBe(waitMs);
  });

  test('the request is what it should be, and the headers of the file win', async () => {
    const { url, asked } = await receive();
    await post(`${url}/a?b=c`, 2000, { Authorization: 'Bearer t', Title: 'mine' });
    expect(asked).toMatchObject([
      {
        method: 'POST',
        path: '/a?b=c',
        body: '{"a":"é"}',
        headers: { authorization: 'Bearer t', title: 'mine', 'user-agent': 'flapd', connection: 'close' },
      },
    ]);
  });
});

describe('what a server says is shown', () => {
  test('where it explains a refusal', async () => {
    const { url } = await receive((response) => response.writeHead(404).end('no_service\u001b[2J\n'));
    expect(why(await post(url))).toBe(
      `Cannot post to "${url}": it answers 404 Not Found ("no_service [2J"); expected 2xx`,
    );
  });

  test('but not where it repeats a secret, nor is any part of the address but the host', async () => {
    const token = 'Bearer abcdef123456';
    for (const echo of [token, 'path: /services/T0SECRET99', 'u=hunter22', 'x%61bcdef123456', '<html>']) {
      const { url } = await receive((response) => response.writeHead(400).end(`you sent ${echo}`));
      const secretUrl = `${url.replace('//', '//joe:hunter22@')}/services/T0SECRET99?token=q1w2e3r4`;
      const said = why(await post(secretUrl, 2000, { Authorization: token }));
      expect(said).not.toMatch(/abcdef123456|T0SECRET99|hunter22|q1w2e3r4|joe/u);
      expect(said).toContain(`"${url}"`);
    }
  });

  test('of a redirect only the host, and nobody is asked there', async () => {
    const there = await receive();
    const to = `${there.url}/T0SECRET99`;
    const { url } = await receive((response) => response.writeHead(302, { Location: to }).end());
    expect(await post(url)).toMatchObject({ kind: 'failed', retryable: false });
    expect(why(await post(url))).toBe(
      `Cannot post to "${url}": it redirects to "${there.url}" (302 Found); ` +
        'expected the final address: redirects are not followed',
    );
    expect(there.asked).toEqual([]);
  });
});

describe('a server that', () => {
  test('is not there', async () => {
    const url = `http://127.0.0.1:${String(await freePort())}`;
    expect(await post(url)).toEqual({
      kind: 'failed',
      why: `Cannot post to "${url}": the connection is refused; expected an answer`,
      retryable: true,
    });
  });

  test('has a name that nobody knows', async () => {
    expect(await post('http://nowhere.invalid')).toMatchObject({ kind: 'failed', retryable: true });
  });

  test('hangs up', async () => {
    expect(why(await post(await accept((socket) => socket.destroy())))).toContain(
      'it hung up without an answer',
    );
  });

  test('takes the connection and is silent', async () => {
    const url = await accept(() => {});
    const beganMs = performance.now();
    expect(why(await post(url, 300))).toBe(
      `Cannot post to "${url}": there is no answer within 300ms; expected an answer`,
    );
    expect(performance.now() - beganMs).toBeLessThan(1500);
  });

  test('never finishes its headers', async () => {
    const url = await accept((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('X-More: 1\r\n'), 20);
      socket.on('close', () => clearInterval(timer));
    });
    expect(why(await post(url, 300))).toContain('no answer within 300ms');
  });

  test('never finishes its body has answered all the same', async () => {
    const url = await accept((socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nsome'));
    const beganMs = performance.now();
    expect(await post(url, 5000)).toEqual({ kind: 'delivered', answer: '200 OK' });
    expect(performance.now() - beganMs).toBeLessThan(2500);
  });

  test('speaks no HTTP', async () => {
    const url = await accept((socket) => void socket.end('220 mail ESMTP\r\n'));
    expect(await post(url)).toMatchObject({ kind: 'failed', retryable: true });
  });

  test.each([200, 500])('sends a gigabyte with %i costs nothing', async (status) => {
    let sent = 0;
    const chunk = Buffer.alloc(64 * 1024);
    const { url } = await receive((response) => {
      response.writeHead(status, { 'Content-Length': 2 ** 30 });
      const more = (): void => {
        while (sent < 2 ** 30 && !response.destroyed) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
      };
      more();
    });
    const before = process.memoryUsage().rss;
    expect(await post(url)).toMatchObject({ kind: status === 200 ? 'delivered' : 'failed' });
    expect(sent).toBeLessThan(32 * 2 ** 20);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
  });

  test('hangs is let go of when flapd stops', async () => {
    const stop = new AbortController();
    const url = await accept(() => {});
    const outcome = httpPost(
      { url, headers: {}, secretHeaders: {}, body: '', timeoutMs: 60_000 },
      stop.signal,
    );
    setTimeout(() => stop.abort(), 50);
    expect(await outcome).toMatchObject({ kind: 'failed', retryable: true });
  });
});
