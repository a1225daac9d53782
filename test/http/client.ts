import { request } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Listen } from '../../src/http/listen.ts';
import { startHttp, type HttpOptions, type HttpServer } from '../../src/http/server.ts';
import type { HttpSource } from '../../src/http/source.ts';
import { source } from './views.ts';

export const loopback: Listen = { kind: 'tcp', host: '127.0.0.1', port: 0 };

const closes: (() => Promise<unknown>)[] = [];

/** Ends what {@link serve} and {@link connect} began; for afterEach. */
export async function closeAll(): Promise<void> {
  for (const close of closes.splice(0)) await close();
}

export async function serve(
  shown: Partial<HttpSource> = {},
  listen: Listen = loopback,
  options: HttpOptions = {},
): Promise<HttpServer> {
  const server = await startHttp(listen, source(shown), options);
  closes.push(() => server.close());
  return server;
}

export interface Reply {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface Ask {
  readonly method?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function ask(
  server: HttpServer,
  path: string,
  { method = 'GET', host, headers }: Ask = {},
): Promise<Reply> {
  const socketPath = server.address.startsWith('unix:') ? server.address.slice('unix:'.length) : undefined;
  const where = socketPath === undefined ? { host: '127.0.0.1', port: portOf(server) } : { socketPath };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { ...where, path, method, agent: false, headers: { host: host ?? 'localhost', ...headers } },
      (response) => {
        text(response).then(
          (body) => resolve({ status: response.statusCode, headers: response.headers, body }),
          reject,
        );
      },
    );
    outgoing.on('error', reject).end();
  });
}

export function portOf(server: HttpServer): number {
  return Number(server.address.split(':').at(-1));
}

/** Bytes as they are, until the server closes. */
export async function raw(server: HttpServer, bytes: string): Promise<string> {
  const socket = connect(server);
  socket.write(bytes);
  return text(socket);
}

export function connect(server: HttpServer): Socket {
  const socket = createConnection({ host: '127.0.0.1', port: portOf(server) });
  socket.on('error', () => {});
  closes.push(async () => socket.destroy());
  return socket;
}
