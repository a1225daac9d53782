import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError, coerceError, type ExitCode } from '../kit/errors.ts';
import type { Listen } from './listen.ts';

/** What `listen.ts` finds itself, or an errno. */
export type ListenFault = 'too-long' | 'not-a-socket' | 'EADDRINUSE';

interface Reason {
  readonly found: string;
  readonly expected: string;
  readonly hint: string;
  readonly exitCode: ExitCode;
}

/** Why an address could not be opened, and what to type next. */
export function explainListen(listen: Listen, thrown: unknown): AppError {
  const error = coerceError(thrown);
  const code = 'code' in error ? String(error.code) : '';
  const reason = listen.kind === 'tcp' ? tcpReason(listen.port, code) : unixReason(listen.path, code);
  const { found, expected, hint, exitCode } = reason ?? {
    found: error.message,
    expected: 'an address that can be opened',
    hint: 'flapd check',
    exitCode: 2,
  };
  const message = `Cannot listen on "${shownListen(listen)}": ${found}; expected ${expected}`;
  return new AppError(message, { exitCode, hint, cause: error });
}

export function shownListen(listen: Listen): string {
  if (listen.kind === 'unix') return `unix:${listen.path}`;
  return listen.host.includes(':') ? `[${listen.host}]:${listen.port}` : `${listen.host}:${listen.port}`;
}

function tcpReason(port: number, code: string): Reason | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return {
        found: 'the port is in use',
        expected: 'a free port',
        hint: `ss -ltnp 'sport = :${port}'`,
        exitCode: 1,
      };
    case 'EACCES':
    case 'EPERM':
      return {
        found: 'this user may not open the port',
        expected: 'a port that it may open',
        hint: 'sysctl net.ipv4.ip_unprivileged_port_start',
        exitCode: 2,
      };
    case 'EADDRNOTAVAIL':
      return {
        found: 'this host has no such address',
        expected: 'one of its own',
        hint: 'ip -brief address',
        exitCode: 2,
      };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        found: 'the name has no address',
        expected: 'an address of this host, or a name for one',
        hint: 'cat /etc/hosts',
        exitCode: 2,
      };
    default:
      return undefined;
  }
}

function unixReason(path: string, code: string): Reason | undefined {
  const folder = dirname(path);
  switch (code) {
    case 'EADDRINUSE':
      return { found: 'a process answers there', expected: 'a free path', hint: 'ss -lxp', exitCode: 1 };
    case 'not-a-socket':
      return {
        found: 'it is there and is no socket',
        expected: 'a free path',
        hint: `ls -ld ${shellWord(path)}`,
        exitCode: 2,
      };
    case 'too-long':
      return {
        found: 'the path is too long for a socket',
        expected: 'at most 107 bytes',
        hint: 'ls -d /run/flapd',
        exitCode: 2,
      };
    // libuv reports a missing folder as EACCES.
    case 'EACCES':
    case 'EPERM':
      return {
        found: existsSync(folder) ? 'permission denied' : 'its folder does not exist',
        expected: 'a folder that this user may write to',
        hint: `ls -ld ${shellWord(folder)}`,
        exitCode: 2,
      };
    default:
      return undefined;
  }
}

function shellWord(path: string): string {
  return /^[\w./@+-]+$/u.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
