import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import marshallCompat from 'dbus-next/lib/marshall-compat.js';
import messageType from 'dbus-next/lib/message-type.js';

export interface FakeServer {
  readonly address: string;
  readonly socketPath: string;
  close(): Promise<void>;
}

/** Something that listens on a bus socket and does with each connection what `serve` says. */
export async function startFakeServer(serve: (socket: Socket) => void): Promise<FakeServer> {
  const folder = mkdtempSync(join(tmpdir(), 'flapd-fake-'));
  const socketPath = join(folder, 'bus');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    address: `unix:path=${socketPath}`,
    socketPath,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Fields = ConstructorParameters<typeof messageType.Message>[0];

/** A little-endian message, written by dbus-next. */
export function encodeMessage(fields: Fields): Buffer {
  return marshallCompat.marshallMessage(new messageType.Message(fields))[0];
}

export const helloReply = encodeMessage({
  type: 2,
  serial: 1,
  replySerial: 1,
  sender: 'org.freedesktop.DBus',
  destination: ':1.7',
  signature: 's',
  body: [':1.7'],
});

/** Authenticates as D-Bus has it; then answers the first message, which is Hello, with `answer`. */
export function greet(socket: Socket, answer: Buffer = helloReply): void {
  let stage: 'auth' | 'begin' | 'hello' | 'over' = 'auth';
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    if (stage === 'auth' && text.includes('AUTH EXTERNAL')) {
      stage = 'begin';
      socket.write('OK 0123456789abcdef0123456789abcdef\r\n');
    }
    if (stage === 'begin' && text.includes('BEGIN\r\n')) stage = 'hello';
    if (stage === 'hello' && text.includes('Hello')) {
      stage = 'over';
      socket.write(answer);
    }
  });
}
