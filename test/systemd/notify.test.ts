import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { AppError } from '../../src/kit/errors.ts';
import { createNotifier, notifyFd, statusText, watchdogEveryMs } from '../../src/systemd/notify.ts';

const folder = mkdtempSync(join(tmpdir(), 'flapd-notify-'));
const pid = process.pid;
let made = 0;

afterAll(() => rmSync(folder, { recursive: true }));

const yes = (): boolean => true;

interface Helper {
  readonly env: NodeJS.ProcessEnv;
  /** What each run was told, in order. */
  readonly messages: () => readonly string[];
}

/** A `systemd-notify` that writes its arguments down; `body` is more shell. */
function helper(body = ''): Helper {
  made += 1;
  const bin = mkdtempSync(join(folder, 'bin-'));
  const record = join(bin, 'record');
  writeFileSync(record, '');
  const script = `#!/bin/sh\n[ "$NOTIFY_SOCKET" = /run/n ] || exit 9\necho "$*" >> '${record}'\n${body}\n`;
  writeFileSync(join(bin, 'systemd-notify'), script);
  chmodSync(join(bin, 'systemd-notify'), 0o755);
  return {
    env: { NOTIFY_SOCKET: '/run/n', PATH: [bin, '/usr/bin', '/bin'].join(delimiter) },
    messages: () => readFileSync(record, 'utf8').split('\n').slice(0, -1),
  };
}

/** A file in the place of the descriptor that OpenFile= hands over. */
function descriptor(): { readonly env: NodeJS.ProcessEnv; readonly fd: number; readonly text: () => string } {
  made += 1;
  const file = join(folder, `fd-${made}`);
  const fd = openSync(file, 'w');
  const names = [...Array(fd - 3).fill('other'), 'notify'].join(':');
  const env = { LISTEN_PID: String(pid), LISTEN_FDS: String(fd - 2), LISTEN_FDNAMES: names };
  return { env, fd, text: () => readFileSync(file, 'utf8') };
}

describe('notifyFd()', () => {
  test('is the descriptor that is named notify', () => {
    expect(notifyFd({ LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'notify' }, 7)).toBe(3);
    expect(notifyFd({ LISTEN_PID: '7', LISTEN_FDS: '3', LISTEN_FDNAMES: 'a:b:notify' }, 7)).toBe(5);
  });

  test('is none where the descriptors were meant for another process', () => {
    expect(notifyFd({ LISTEN_PID: '8', LISTEN_FDS: '1', LISTEN_FDNAMES: 'notify' }, 7)).toBeUndefined();
    expect(notifyFd({ LISTEN_FDS: '1', LISTEN_FDNAMES: 'notify' }, 7)).toBeUndefined();
  });

  test('is none where no name is exactly notify, or there are fewer descriptors than names', () => {
    expect(notifyFd({ LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'notify2' }, 7)).toBeUndefined();
    expect(notifyFd({ LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'a:notify' }, 7)).toBeUndefined();
    expect(notifyFd({ LISTEN_PID: '7', LISTEN_FDNAMES: 'notify' }, 7)).toBeUndefined();
    expect(notifyFd({ LISTEN_PID: '7', LISTEN_FDS: '1' }, 7)).toBeUndefined();
  });
});

describe('watchdogEveryMs()', () => {
  test('is half of WATCHDOG_USEC where the watchdog is ours or nobody said whose', () => {
    expect(watchdogEveryMs({ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '7' }, 7)).toBe(30_000);
    expect(watchdogEveryMs({ WATCHDOG_USEC: '60000000' }, 7)).toBe(30_000);
  });

  test('is none where the watchdog is another process, off, or no number', () => {
    expect(watchdogEveryMs({ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '8' }, 7)).toBeUndefined();
    expect(watchdogEveryMs({ WATCHDOG_USEC: '0' }, 7)).toBeUndefined();
    expect(watchdogEveryMs({ WATCHDOG_USEC: '1min' }, 7)).toBeUndefined();
    expect(watchdogEveryMs({}, 7)).toBeUndefined();
  });

  test('stays a delay that a timer can have', () => {
    expect(watchdogEveryMs({ WATCHDOG_USEC: '1' }, 7)).toBe(1);
    expect(watchdogEveryMs({ WATCHDOG_USEC: '18446744073709551614' }, 7)).toBe(2 ** 31 - 1);
  });
});

describe('statusText()', () => {
  test('is one line', () => {
    expect(statusText(' a\nREADY=0\u2028b\u0000\tc ')).toBe('a READY=0 b c');
  });

  test('keeps 512 bytes and cuts what is longer, never within a character', () => {
    expect(statusText('a'.repeat(512))).toBe('a'.repeat(512));
    expect(statusText('a'.repeat(513))).toBe(`${'a'.repeat(509)}…`);
    for (const shift of ['', 'a', 'aa', 'aaa']) {
      const cut = statusText(shift + '😀'.repeat(200));
      expect(cut).toMatch(/^a*😀+…$/u);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(512);
    }
  });
});

describe('with a descriptor', () => {
  test('every message is written to it, and no helper is started', async () => {
    const { env, fd, text } = descriptor();
    const unused = helper();
    const notifier = createNotifier({ ...unused.env, ...env }, pid);
    notifier.ready('Watching 12 services');
    notifier.status('two\nlines');
    notifier.reloading();
    notifier.stopping();
    const written = text().replace(/(?<=MONOTONIC_USEC=)\d+/u, 'N');
    expect(written).toBe(
      'READY=1\nSTATUS=Watching 12 servicesSTATUS=two linesRELOADING=1\nMONOTONIC_USEC=NSTOPPING=1',
    );
    await sleep(50);
    expect(unused.messages()).toEqual([]);
    closeSync(fd);
  });

  test('a descriptor that takes nothing is stood in for by the helper', async () => {
    const { env, fd } = descriptor();
    closeSync(fd);
    const stand = helper();
    createNotifier({ ...stand.env, ...env }, pid).ready('Up');
    await vi.waitFor(() => expect(stand.messages()).toEqual(['READY=1 STATUS=Up']));
  });

  test('without NOTIFY_SOCKET nothing is said', () => {
    const { env, fd, text } = descriptor();
    createNotifier(env, pid).ready('Up');
    expect(text()).toBe('');
    closeSync(fd);
  });
});

describe('with the helper', () => {
  test('one runs at a time, and of the statuses that wait only the last is told', async () => {
    const { env, messages } = helper('sleep 0.1');
    const notifier = createNotifier(env, pid);
    notifier.ready('Up');
    for (const number of [1, 2, 3]) notifier.status(`Status ${number}`);
    await vi.waitFor(() => expect(messages()).toEqual(['READY=1 STATUS=Up', 'STATUS=Status 3']));
    await sleep(200);
    expect(messages()).toHaveLength(2);
  });

  test('a second reload is told after the first, and ready last', async () => {
    const { env, messages } = helper('sleep 0.05');
    const notifier = createNotifier(env, pid);
    notifier.reloading();
    notifier.ready('First');
    notifier.reloading();
    notifier.ready('Second');
    await vi.waitFor(() => expect(messages()).toHaveLength(3));
    expect(messages().map((message) => message.replace(/ MONOTONIC.*/u, ''))).toEqual([
      'RELOADING=1',
      'RELOADING=1',
      'READY=1 STATUS=Second',
    ]);
  });

  test('ready takes back a status that waits, for it brings its own', async () => {
    const { env, messages } = helper('sleep 0.05');
    const notifier = createNotifier(env, pid);
    notifier.status('Connecting');
    notifier.status('Reading the journal');
    notifier.ready('Up');
    await vi.waitFor(() => expect(messages()).toEqual(['STATUS=Connecting', 'READY=1 STATUS=Up']));
  });

  test('a helper that is missing or fails throws nothing and is told once', async () => {
    const heard: AppError[] = [];
    const hear = (error: AppError): void => void heard.push(error);
    const missing = createNotifier({ NOTIFY_SOCKET: '/run/n', PATH: folder }, pid, hear);
    missing.ready('Up');
    missing.status('Again');
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]?.message).toMatch(/^Cannot notify "\/run\/n": .*ENOENT; expected systemd-notify to/u);

    const { env, messages } = helper('exit 3');
    const failing = createNotifier(env, pid, hear);
    failing.ready('Up');
    failing.status('Again');
    await vi.waitFor(() => expect(messages()).toHaveLength(2));
    await sleep(50);
    expect(heard.map(({ message }) => message).slice(1)).toEqual([
      'Cannot notify "/run/n": it ended with 3; expected systemd-notify to deliver READY=1',
    ]);
  });
});

describe('watchdog()', () => {
  test('pings while alive holds, and not while it does not or throws', async () => {
    const { env, fd, text } = descriptor();
    const notifier = createNotifier({ ...env, NOTIFY_SOCKET: '/run/n', WATCHDOG_USEC: '20000' }, pid);
    let alive = yes;
    notifier.watchdog(() => alive());
    await vi.waitFor(() => expect(text()).toContain('WATCHDOG=1WATCHDOG=1'));
    for (const dead of [() => false, () => JSON.parse('{')]) {
      alive = dead;
      const before = text();
      await sleep(50);
      expect(text()).toBe(before);
    }
    notifier.close();
    alive = yes;
    const before = text();
    await sleep(50);
    expect(text()).toBe(before);
    closeSync(fd);
  });

  test('does nothing for the watchdog of another process', async () => {
    const { env, fd, text } = descriptor();
    const watchdog = { WATCHDOG_USEC: '2000', WATCHDOG_PID: '1' };
    createNotifier({ ...env, NOTIFY_SOCKET: '/run/n', ...watchdog }, pid).watchdog(() => true);
    await sleep(30);
    expect(text()).toBe('');
    closeSync(fd);
  });
});
