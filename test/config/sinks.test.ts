import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { mailUrlFault, webUrlFault } from '../../src/config/sink-url.ts';
import { builtInPolicy } from '../../src/core/policy.ts';

const good = join(import.meta.dirname, '../fixtures/policies/good');

it('reads sinks of every type, with what they leave out', async () => {
  const loaded = await loadConfig(join(good, 'sinks'), { required: true });
  expect(loaded.ok && loaded.config.sinks).toEqual({
    ops: {
      type: 'webhook',
      url: 'https://example.org/hook?team=ops',
      headersFile: '/etc/flapd/ops.headers',
      format: 'json',
      timeoutMs: 10_000,
    },
    chat: {
      type: 'webhook',
      url: 'http://chat.example.org',
      headersFile: undefined,
      format: 'slack',
      timeoutMs: 5000,
    },
    am: {
      type: 'alertmanager',
      url: 'http://127.0.0.1:9093',
      headersFile: undefined,
      labels: {},
      timeoutMs: 10_000,
    },
    'am.2': {
      type: 'alertmanager',
      url: 'https://[::1]:9093/prefix',
      headersFile: '/etc/flapd/am.headers',
      labels: { severity: 'page', team: 'web' },
      timeoutMs: 60_000,
    },
    mail: {
      type: 'email',
      smtp: 'smtp://127.0.0.1:25',
      passwordFile: undefined,
      from: 'flapd@host',
      to: ['ops@example.org', 'a.b+c@[127.0.0.1]'],
      timeoutMs: 10_000,
    },
    MAIL_2: {
      type: 'email',
      smtp: 'smtps://flapd@mail.example.org:465',
      passwordFile: '/etc/flapd/mail.password',
      from: 'flapd@host',
      to: ['ops@example.org'],
      timeoutMs: 10_000,
    },
    page: { type: 'exec', command: ['/usr/local/bin/page'], timeoutMs: 30_000 },
    'page-2': {
      type: 'exec',
      command: ['/usr/bin/env', '-i', 'sh', '-c', 'logger "$0"'],
      timeoutMs: 300_000,
    },
  });
});

it('reads who is told, and how often', async () => {
  const loaded = await loadConfig(join(good, 'sinks'), { required: true });
  const told = loaded.ok ? loaded.config.policies.map(({ notify }) => notify) : [];
  expect(told).toEqual([['ops'], ['ops', 'am.2', 'page-2'], [], undefined, undefined]);
  expect(loaded).toMatchObject({ config: { warnings: [] } });
});

it('reads what may be done', async () => {
  const loaded = await loadConfig(join(good, 'remedies'), { required: true });
  const day = 24 * 60 * 60 * 1000;
  const { remedy } = builtInPolicy;
  expect(loaded.ok && loaded.config.policies).toMatchObject([
    { mode: 'apply', remedy, remindEveryMs: day / 6 },
    {
      mode: 'alert',
      remedy: {
        preventExitStatus: [1, 78, 'CONFIG', 255, 'SIGSEGV', 'SIGRTMIN+2'],
        backoff: { fromMs: 5000, toMs: 300_000 },
        startLimit: 'off',
        lifetime: 'persistent',
        revertAfterMs: 0,
      },
      remindEveryMs: 1.5 * day,
    },
    {
      mode: 'recommend',
      remedy: { ...remedy, preventExitStatus: 'off', backoff: 'off', revertAfterMs: 365.25 * day },
    },
    { mode: 'recommend', remedy: { ...remedy, backoff: { fromMs: 30_000, toMs: 30_000 } } },
    { remedy },
    builtInPolicy,
  ]);
});

it.each([
  ['http://h', undefined],
  ['HTTPS://example.org:8443/a?b=c#d', undefined],
  ['http://[::1]:9093', undefined],
  ['http:example.org', ': no host'],
  ['http:///x', ': no host'],
  ['http://[::1', ': no URL'],
  ['https://token@h', ': it holds a user name or password, which belong in headers_file'],
  ['https://:x@h', ': it holds a user name or password, which belong in headers_file'],
  [' http://h', ': no http:// at its start'],
  ['http://h\n', ': a space in it'],
  ['javascript:alert(1)', ': its scheme is "javascript"'],
])('of the web URL %j it says %s', (text, fault) => {
  expect(webUrlFault(text)).toBe(fault);
});

it.each([
  ['smtp://h', undefined],
  ['SMTPS://user@h:465/', undefined],
  ['smtp://[::1]:25', undefined],
  ['smtp:h', ': no smtp:// at its start'],
  ['smtp://h:99999', ': no URL'],
  ['smtp://u:p@h', ': it holds a password, which belongs in password_file'],
  ['smtp://h?x', ': text after its host and port'],
  ['lmtp://h', ': its scheme is "lmtp"'],
])('of the mail URL %j it says %s', (text, fault) => {
  expect(mailUrlFault(text)).toBe(fault);
});
