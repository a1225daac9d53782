import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { EmailSettings } from '../../src/core/sink-settings.ts';
import { emailSink } from '../../src/sinks/email.ts';
import { mailOf } from '../../src/sinks/mail-text.ts';
import { smtpServer } from '../../src/sinks/smtp-server.ts';
import { haveSmtpServer, noSmtpServer, startSmtpServer, stopPrograms } from './programs.ts';
import { accept, closeReceivers, freePort } from './receiver.ts';
import { braked, host, incidentOf, loop, neverAborted, notificationOf } from './samples.ts';

const folders: string[] = [];
afterEach(async () => {
  await stopPrograms();
  closeReceivers();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const settingsOf = (smtp: string, more: Partial<EmailSettings> = {}): EmailSettings => ({
  type: 'email',
  smtp,
  passwordFile: undefined,
  from: 'flapd@example.org',
  to: ['ops@example.org'],
  timeoutMs: 5000,
  ...more,
});

const send = (smtp: string, more: Partial<EmailSettings> = {}, notification = notificationOf('opened')) =>
  emailSink(settingsOf(smtp, more), host).deliver(notification, neverAborted);

describe('a mail', () => {
  test('says what happened, with its numbers', () => {
    const { subject, text } = mailOf(notificationOf('opened'), host);
    expect(subject).toBe('logstash.service is in a restart loop (web1)');
    expect(text).toBe(`${loop.sentence}

Unit:        logstash.service
Host:        web1
Since:       2026-11-23T17:49:00.000Z
As of:       2026-11-23T17:50:00.000Z
Restarts:    5
About every: 8.1s
CPU burned:  37.2s
Rule:        5 restarts within 2min
Policy:      default
Incident:    logstash.service@20261123T174900.000Z

How its runs ended:
  4 × exited 1/FAILURE
  1 × dumped 11/SIGSEGV

More on web1: flapd explain logstash.service; journalctl -u logstash.service
`);
  });

  test('names the units that loop with it, but not hundreds', () => {
    const groups = Array.from({ length: 22 }, (_, number) => `u${String(number)}.service`);
    const { text } = mailOf(notificationOf('opened', { ...loop, root: 'db.service', groups }), host);
    expect(text).toMatch(/^Likely from: db\.service$/mu);
    expect(text).toMatch(/^With it: {5}u0\.service, .* u19\.service, and 2 more$/mu);
  });

  test('of one incident follows the first, and no two are the same', () => {
    const mails = [
      mailOf(notificationOf('opened'), host),
      mailOf(notificationOf('worsened', braked), host),
      mailOf(notificationOf('reminder', braked, 1), host),
      mailOf(notificationOf('reminder', braked, 2), host),
      mailOf(notificationOf('closed'), host),
    ];
    const [first, ...rest] = mails;
    expect(first?.inReplyTo).toBeUndefined();
    expect(rest.map(({ inReplyTo }) => inReplyTo)).toEqual(rest.map(() => first?.messageId));
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(5);
    expect(mailOf(notificationOf('opened', incidentOf(2)), host).messageId).not.toBe(first?.messageId);
    expect(mailOf(notificationOf('opened'), 'web2').messageId).not.toBe(first?.messageId);
    expect(first?.messageId).toMatch(/^<flapd\.[0-9a-f]{20}\.opened@web1>$/u);
  });

  test('holds no header that a name brought along', () => {
    const evil = { ...loop, unit: 'a\r\nBcc: x@y.z\r\n\r\nbody.service', id: 'i\r\nX: y' };
    const { subject, messageId, text } = mailOf(notificationOf('closed', evil), 'h\r\nX: y');
    expect([subject, messageId].join('')).not.toMatch(/[\r\n]/u);
    expect(text).not.toMatch(/^Bcc|^body/mu);
  });
});

describe('a password leaves this host only through TLS that is verified', () => {
  test.each([
    ['smtp://127.0.0.1', undefined, { port: 25, secure: false, requireTLS: false, verifies: false }],
    ['smtp://flapd@localhost:2525', 'x', { port: 2525, secure: false, requireTLS: false, verifies: false }],
    ['smtp://mail.example.org', undefined, { port: 25, secure: false, requireTLS: false, verifies: false }],
    [
      'smtp://a%40b@mail.example.org:587',
      'x',
      { port: 587, secure: false, requireTLS: true, verifies: true },
    ],
    ['smtps://mail.example.org', 'x', { port: 465, secure: true, requireTLS: false, verifies: true }],
    ['smtps://[::1]', undefined, { port: 465, secure: true, requireTLS: false, verifies: true }],
  ])('%s, password %s', (url, password, wanted) => {
    const { port, secure, requireTLS, tls, auth } = smtpServer(settingsOf(url), password);
    expect({ port, secure, requireTLS, verifies: tls.rejectUnauthorized }).toEqual(wanted);
    expect(auth?.pass).toBe(password);
  });

  test('the user stands in the URL, or is the sender', () => {
    const userOf = (url: string): string | undefined => smtpServer(settingsOf(url), 'x').auth?.user;
    expect(userOf('smtps://mail.example.org')).toBe('flapd@example.org');
    expect(userOf('smtps://a%40b@mail.example.org')).toBe('a@b');
    expect(userOf('smtps://100%@mail.example.org')).toBe('100%');
  });
});

/** An address of this machine that is not loopback: as good as another host. */
const outside = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

test.skipIf(outside === undefined)(
  'nor is it sent to another host that offers no TLS (needs a network)',
  async () => {
    const said: string[] = [];
    const server = createServer((socket) => {
      socket.write('220 test ESMTP\r\n');
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        said.push(String(chunk));
        socket.write(
          String(chunk).startsWith('EHLO') ? '250-test\r\n250 AUTH PLAIN LOGIN\r\n' : '502 No\r\n',
        );
      });
    });
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    const own = mkdtempSync(path.join(tmpdir(), 'flapd-email-'));
    folders.push(own);
    const passwordFile = path.join(own, 'password');
    writeFileSync(passwordFile, 'hunter22\n');
    const { port } = server.address() as AddressInfo;
    const outcome = await send(`smtp://flapd@${String(outside)}:${String(port)}`, { passwordFile });
    server.close();
    expect(outcome).toMatchObject({ kind: 'failed' });
    expect(said.join('')).toMatch(/^EHLO/u);
    expect(said.join('')).not.toMatch(/AUTH|aHVudGVy/u);
  },
);

describe('a server that', () => {
  test('is not there', async () => {
    expect(await send(`smtp://127.0.0.1:${String(await freePort())}`)).toMatchObject({
      kind: 'failed',
      retryable: true,
      why: expect.stringMatching(
        /^Cannot mail through "smtp:\/\/127\.0\.0\.1:\d+": .*ECONNREFUSED/u,
      ) as string,
    });
  });

  test('is silent', async () => {
    const smtp = (await accept(() => {})).replace('http', 'smtp');
    const beganMs = performance.now();
    expect(await send(smtp, { timeoutMs: 300 })).toEqual({
      kind: 'failed',
      why: `Cannot mail through "${smtp}": it is not done within 300ms; expected an answer`,
      retryable: true,
    });
    expect(performance.now() - beganMs).toBeLessThan(1500);
  });
});

describe.skipIf(!haveSmtpServer)(`a real SMTP server (${noSmtpServer})`, { timeout: 20_000 }, () => {
  const mailsIn = (folder: string): readonly string[] =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.eml'))
      .toSorted()
      .map((name) => readFileSync(path.join(folder, name), 'utf8'));
  const header = (mail: string | undefined, name: string): string | undefined =>
    new RegExp(`^${name}: (.*(?:\r\n[ \t].*)*)`, 'imu').exec(mail ?? '')?.[1]?.replaceAll(/\r\n\s+/gu, ' ');

  test('takes the mails of an incident as one thread', async () => {
    const { url, folder } = await startSmtpServer();
    expect(await send(url)).toEqual({ kind: 'delivered', answer: '250 2.0.0 Ok: queued as TEST' });
    await send(url, {}, notificationOf('closed'));
    const [first, second] = mailsIn(folder);
    expect(header(first, 'X-Envelope')).toBe('flapd@example.org -> ops@example.org');
    expect(header(first, 'Subject')).toBe('logstash.service is in a restart loop (web1)');
    expect(header(first, 'To')).toBe('ops@example.org');
    expect(header(first, 'Auto-Submitted')).toBe('auto-generated');
    expect(header(first, 'In-Reply-To')).toBeUndefined();
    expect(header(second, 'In-Reply-To')).toBe(header(first, 'Message-ID'));
    expect(header(second, 'References')).toBe(header(first, 'Message-ID'));
  });

  test('no name makes a header', async () => {
    const { url, folder } = await startSmtpServer();
    const evil = { ...loop, unit: 'a\r\nBcc: x@y.z\r\n.\r\nQUIT\r\n.service' };
    expect(await send(url, {}, notificationOf('opened', evil))).toMatchObject({ kind: 'delivered' });
    const [mail] = mailsIn(folder);
    expect(header(mail, 'Bcc')).toBeUndefined();
    expect(header(mail, 'X-Envelope')).toBe('flapd@example.org -> ops@example.org');
  });

  test('a refusal for now is tried again, one for good is not', async () => {
    const { url } = await startSmtpServer();
    expect(await send(url, { to: ['later@example.org'] })).toEqual({
      kind: 'failed',
      why: `Cannot mail through "${url}": it answers ("451 4.7.1 Greylisted, come again"); expected 250`,
      retryable: true,
    });
    expect(await send(url, { to: ['never@example.org'] })).toMatchObject({
      kind: 'failed',
      retryable: false,
    });
  });

  test('one recipient of several that is refused is told', async () => {
    const { url } = await startSmtpServer();
    expect(await send(url, { to: ['ops@example.org', 'never@example.org'] })).toEqual({
      kind: 'delivered',
      answer: '250 2.0.0 Ok: queued as TEST',
      complaint: '1 of 2 recipients are refused: never@example.org',
    });
  });

  test('the password is read anew each time, and never told', async () => {
    const { url, folder } = await startSmtpServer('hunter22');
    const own = mkdtempSync(path.join(tmpdir(), 'flapd-email-'));
    folders.push(own);
    const passwordFile = path.join(own, 'password');
    const smtp = url.replace('//', '//flapd@');
    expect(await send(smtp, { passwordFile })).toMatchObject({
      kind: 'failed',
      retryable: true,
      why: `Cannot read "${passwordFile}": there is no such file; expected a file that flapd may read`,
    });
    writeFileSync(passwordFile, 'wrong123\n');
    const refused = await send(smtp, { passwordFile });
    expect(refused).toMatchObject({ kind: 'failed', retryable: false });
    expect(JSON.stringify(refused)).not.toMatch(/wrong123|d3Jvbmcx|flapd@/u);
    writeFileSync(passwordFile, 'hunter22\n');
    expect(await send(smtp, { passwordFile })).toMatchObject({ kind: 'delivered' });
    expect(mailsIn(folder)).toHaveLength(1);
  });
});
