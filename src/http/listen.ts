import { once } from 'node:events';
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { createConnection, type Server } from 'node:net';
import { explainListen, shownListen, type ListenFault } from './listen-fault.ts';

export type Listen =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** The owner and the group that the unit file chose; nobody else. */
const socketMode = 0o660;
/** `sun_path` is 108 bytes with its end (unix(7)); libuv 1.46 cuts a longer path silently. */
const maxPathBytes = 107;

/** Opens the server's socket; answers the address as it is, with the port that port 0 became. */
export async function openListener(server: Server, listen: Listen): Promise<string> {
  try {
    if (listen.kind === 'unix') await openSocketFile(server, listen.path);
    else await bind(server, { host: listen.host, port: listen.port });
  } catch (thrown) {
    server.close();
    throw explainListen(listen, thrown);
  }
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? { port: bound.port } : {};
  return shownListen({ ...listen, ...port });
}

async function bind(server: Server, where: { host: string; port: number } | { path: string }): Promise<void> {
  server.listen(where);
  await once(server, 'listening');
}

async function openSocketFile(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > maxPathBytes) throw fault('too-long');
  await removeStaleSocket(path);
  await bind(server, { path });
  chmodSync(path, socketMode);
}

/** A daemon that was killed leaves its socket behind; anything else that stands there is not ours to remove. */
async function removeStaleSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw fault('not-a-socket');
  if (await answers(path)) throw fault('EADDRINUSE');
  unlinkSync(path);
}

async function answers(path: string): Promise<boolean> {
  const connection = createConnection({ path });
  try {
    await once(connection, 'connect');
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ECONNREFUSED') return false;
    throw thrown;
  } finally {
    connection.destroy();
  }
}

function fault(code: ListenFault): Error {
  return Object.assign(new Error(code), { code });
}
