import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** What a server was asked. */
export interface Asked {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly atMs: number;
}

export interface Receiver {
  readonly url: string;
  readonly asked: Asked[];
}

const closers: (() => void)[] = [];

export function closeReceivers(): void {
  for (const close of closers.splice(0)) close();
}

/** An HTTP server on loopback that keeps what it is asked, and answers as `answer` does; 200 without one. */
export async function receive(
  answer: (response: ServerResponse, asked: Asked, count: number) => void = (response) => response.end('ok'),
): Promise<Receiver> {
  const asked: Asked[] = [];
  const listener: RequestListener = (request, response) => {
    const take = (body: string): void => {
      const { method, url: path, headers } = request;
      const one = { method, path, headers, body, atMs: performance.now() };
      asked.push(one);
      answer(response, one, asked.length);
    };
    // somebody who hangs up meanwhile has asked nothing
    text(request).then(take, () => {});
  };
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, asked };
}

/** A TCP server that does with each connection what `talk` does. */
export async function accept(talk: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    talk(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

/** A loopback port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createTcpServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
