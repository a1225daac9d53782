import { stat } from 'node:fs/promises';
import { BusError } from './bus-error.ts';
import { CLOSED_BY_BUS } from './bus-wire.ts';
import type { WireStage } from './bus-wire.ts';

export interface ConnectFailure {
  readonly address: string;
  readonly socketPath: string;
  readonly during: WireStage;
  readonly error: Error;
}

/** Why there is no connection, for a person. */
export async function describeUnreachable(failure: ConnectFailure): Promise<string> {
  const found = await describeFound(failure);
  return `Cannot reach bus "${failure.address}": ${found}; expected a D-Bus daemon that listens there`;
}

async function describeFound({ during, error, socketPath }: ConnectFailure): Promise<string> {
  if (error instanceof BusError && error.kind === 'error-reply') {
    return `it refused Hello with ${error.name}: ${error.message.replace(/\.$/, '')}`;
  }
  const code = 'code' in error ? String(error.code) : '';
  if (during === 'connecting') {
    if (code === 'ENOENT') return 'no such socket (ENOENT)';
    if (code === 'EACCES') return `user ${process.geteuid?.()} may not connect (EACCES)`;
    if (code === 'ECONNREFUSED' && !(await isSocket(socketPath))) return 'not a socket (ECONNREFUSED)';
    if (code === 'ECONNREFUSED' && isAbstract(socketPath)) {
      // The length of the name counts, and libuv below 1.48 (Node.js 20) fills it up with NULs (libuv pull 4266).
      return `a socket that nobody listens on (ECONNREFUSED; abstract ones need Node.js 22, this is ${process.version})`;
    }
    if (code === 'ECONNREFUSED') return 'a socket that nobody listens on (ECONNREFUSED)';
    return error.message;
  }
  if (during === 'authenticating') return `${error.message} (during authentication)`;
  // dbus-daemon hangs up on a user it can't look up, and PID 1 hides dynamic users from it.
  const likely =
    error.message === CLOSED_BY_BUS ? ', as dbus-daemon does to a service with DynamicUser=' : '';
  return `${error.message} (during Hello${likely})`;
}

async function isSocket(socketPath: string): Promise<boolean> {
  // An abstract one has no file.
  if (isAbstract(socketPath)) return true;
  try {
    return (await stat(socketPath)).isSocket();
  } catch {
    return true;
  }
}

function isAbstract(socketPath: string): boolean {
  return socketPath.startsWith('\0');
}
