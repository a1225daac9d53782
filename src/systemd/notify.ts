import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { systemClock } from '../kit/clock.ts';
import { AppError, coerceError } from '../kit/errors.ts';

/** What flapd tells PID 1 about itself (sd_notify(3)). Nothing here throws, waits, or says anything without a receiver. */
export interface Notifier {
  ready(status: string): void;
  status(text: string): void;
  /** `ready()` ends it. */
  reloading(): void;
  stopping(): void;
  /** Pings at half of WatchdogSec= while `alive()` holds; does nothing where the unit has no watchdog. */
  watchdog(alive: () => boolean): void;
  close(): void;
}

/** A later message of a kind replaces the one that waits. */
type Kind = 'state' | 'reloading' | 'status' | 'watchdog';
type Send = (kind: Kind, assignments: readonly string[]) => void;

const maxStatusBytes = 512;
const helperTimeoutMs = 5000;
const maxTimerMs = 2 ** 31 - 1;
/** SD_LISTEN_FDS_START, sd_listen_fds(3). */
const firstListenFd = 3;

/**
 * Node has no datagram sockets in AF_UNIX. From v253 on `OpenFile=%t/systemd/notify:notify` hands over a connected one;
 * below, `systemd-notify` speaks for us: 9 ms, accepted with NotifyAccess=main from root and =all from a user.
 * `onError` hears the first failure of a row.
 */
export function createNotifier(
  env: NodeJS.ProcessEnv,
  pid: number,
  onError: (error: AppError) => void = () => {},
): Notifier {
  const send = env['NOTIFY_SOCKET'] ? sender(env, notifyFd(env, pid), onError) : (): void => {};
  let timer: NodeJS.Timeout | undefined;
  return {
    ready: (status) => send('state', ['READY=1', `STATUS=${statusText(status)}`]),
    status: (text) => send('status', [`STATUS=${statusText(text)}`]),
    reloading: () => send('reloading', ['RELOADING=1', `MONOTONIC_USEC=${monotonicUsec()}`]),
    stopping: () => send('state', ['STOPPING=1']),
    watchdog: (alive) => {
      const everyMs = watchdogEveryMs(env, pid);
      if (everyMs === undefined) return;
      clearInterval(timer);
      timer = setInterval(() => isAlive(alive) && send('watchdog', ['WATCHDOG=1']), everyMs).unref();
    },
    close: () => clearInterval(timer),
  };
}

/** The file descriptor that OpenFile= named `notify`, where this process is the one it was meant for. */
export function notifyFd(env: NodeJS.ProcessEnv, pid: number): number | undefined {
  if (env['LISTEN_PID'] !== String(pid)) return undefined;
  const at = (env['LISTEN_FDNAMES'] ?? '').split(':').indexOf('notify');
  return at >= 0 && at < Number(env['LISTEN_FDS']) ? firstListenFd + at : undefined;
}

/** Half of WatchdogSec=, as sd_watchdog_enabled(3) advises. */
export function watchdogEveryMs(env: NodeJS.ProcessEnv, pid: number): number | undefined {
  const ours = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(pid);
  const usec = /^\d+$/.test(env['WATCHDOG_USEC'] ?? '') ? Number(env['WATCHDOG_USEC']) : 0;
  return ours && usec > 0 ? Math.min(Math.max(usec / 2000, 1), maxTimerMs) : undefined;
}

/** One line of at most 512 bytes. */
export function statusText(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  if (Buffer.byteLength(line) <= maxStatusBytes) return line;
  const room = maxStatusBytes - Buffer.byteLength('…');
  // A character cut in two decodes to U+FFFD.
  return `${Buffer.from(line)
    .subarray(0, room)
    .toString()
    .replace(/\uFFFD$/u, '')}…`;
}

function monotonicUsec(): number {
  return Math.floor(systemClock.now().monotonicMs * 1000);
}

function isAlive(alive: () => boolean): boolean {
  try {
    return alive();
  } catch {
    return false;
  }
}

function sender(env: NodeJS.ProcessEnv, fd: number | undefined, onError: (error: AppError) => void): Send {
  let failing = false;
  const toHelper = helperSender(env, (failure) => {
    if (failure !== undefined && !failing) onError(failure);
    failing = failure !== undefined;
  });
  return (kind, assignments) => {
    if (fd === undefined || !wrote(fd, assignments.join('\n'))) toHelper(kind, assignments);
  };
}

function wrote(fd: number, message: string): boolean {
  try {
    writeSync(fd, message);
    return true;
  } catch {
    return false;
  }
}

/** At most one helper at a time; meanwhile one message of each kind waits, in the order of the last of each. */
function helperSender(env: NodeJS.ProcessEnv, settled: (failure: AppError | undefined) => void): Send {
  const waiting = new Map<Kind, readonly string[]>();
  let busy = false;
  const next = (): void => {
    const first = waiting.entries().next();
    if (busy || first.done === true) return;
    const [kind, assignments] = first.value;
    waiting.delete(kind);
    busy = true;
    runHelper(env, assignments, (failure) => {
      busy = false;
      settled(failure);
      next();
    });
  };
  return (kind, assignments) => {
    if (kind === 'state') waiting.delete('status');
    waiting.delete(kind);
    waiting.set(kind, assignments);
    next();
  };
}

function runHelper(
  env: NodeJS.ProcessEnv,
  assignments: readonly string[],
  done: (failure: AppError | undefined) => void,
): void {
  const socket = env['NOTIFY_SOCKET'] ?? '';
  let open = true;
  const finish = (found: string | undefined, cause?: unknown): void => {
    if (!open) return;
    open = false;
    const message = `Cannot notify "${socket}": ${found}; expected systemd-notify to deliver ${assignments[0]}`;
    const hint = 'systemd-notify --version';
    done(found === undefined ? undefined : new AppError(message, { exitCode: 3, hint, cause }));
  };
  try {
    const child = spawn('systemd-notify', assignments, {
      // Its own wait for PID 1 to have read the message is kept: a sender that is gone can't be told to its unit.
      env: { NOTIFY_SOCKET: socket, PATH: env['PATH'] ?? '/usr/bin:/bin' },
      stdio: 'ignore',
    });
    child.unref();
    const timer = setTimeout(() => child.kill('SIGKILL'), helperTimeoutMs).unref();
    child.once('error', (error) => finish(error.message, error));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      finish(code === 0 ? undefined : `it ended with ${signal ?? code}`);
    });
  } catch (thrown) {
    finish(coerceError(thrown).message, thrown);
  }
}
