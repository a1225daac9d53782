import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import { coerceError } from '../kit/errors.ts';
import { textAnswer, type Answer } from './answer.ts';
import { ownHosts } from './host.ts';
import { openListener, type Listen } from './listen.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { route } from './routes.ts';
import type { HttpSource } from './source.ts';

export interface HttpOptions {
  /** The one that the daemon observes into. */
  readonly metrics?: Metrics;
  /** More names by which this host is asked; for an address that is not loopback. */
  readonly hosts?: readonly string[];
  /** A bug in a route, or a fault of the listening socket. */
  readonly onError?: (error: Error, where: string) => void;
}

export interface HttpServer {
  /** `127.0.0.1:9843`, or `unix:/run/flapd/http.sock`. */
  readonly address: string;
  close(): Promise<void>;
}

const limits = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5000,
  requestTimeout: 5000,
  keepAliveTimeout: 5000,
  /** How often the two timeouts above are looked at; 30 s is Node's default. */
  connectionsCheckingInterval: 1000,
} as const;
const maxConnections = 64;
/** For a reader that takes none of its answer. */
const idleSocketMs = 10_000;
const closeMs = 1000;

const securityHeaders = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

/** Serves `source`, read-only. Rejects with an AppError where the address can't be opened. */
export async function startHttp(
  listen: Listen,
  source: HttpSource,
  options: HttpOptions = {},
): Promise<HttpServer> {
  const { metrics = createMetrics(), hosts = [], onError = () => {} } = options;
  const isOurs = ownHosts(listen, [hostname(), ...hosts]);
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const { method, url = '' } = request;
    const { host } = request.headers;
    if (!isOurs(host)) return foreignHost(listen, host);
    if (method !== 'GET' && method !== 'HEAD') return readOnly(method);
    try {
      return await route(url, source, metrics);
    } catch (thrown) {
      onError(coerceError(thrown), url);
      return textAnswer(500, 'Cannot answer: an error in flapd; see its log');
    }
  };
  const identity = identityHeaders(source.manager);
  const server = createServer(limits, (request, response) => {
    answer(request)
      .then((found) => send(response, found, identity))
      .catch(() => response.destroy());
  });
  server.maxConnections = maxConnections;
  server.setTimeout(idleSocketMs);
  const address = await openListener(server, listen);
  server.on('error', (error) => onError(error, address));
  return { address, close: () => closeServer(server) };
}

/** By these `flapd status` knows the daemon it looks for; the user is named because each one's manager has its own units. */
function identityHeaders(manager: HttpSource['manager']): Record<string, string> {
  return {
    'Flapd-Manager': manager,
    ...(manager === 'user' ? { 'Flapd-User': String(process.getuid?.() ?? 0) } : {}),
  };
}

function send(
  response: ServerResponse,
  { status, type, body, headers }: Answer,
  identity: Readonly<Record<string, string>>,
): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    ...securityHeaders,
    ...identity,
    'Content-Type': type,
    'Content-Length': bytes.length,
    ...headers,
  });
  // Node leaves the body of an answer to HEAD out by itself.
  response.end(bytes);
}

function readOnly(method = ''): Answer {
  return {
    ...textAnswer(405, `Cannot ${method}: flapd is read-only here; expected GET`),
    headers: { Allow: 'GET, HEAD' },
  };
}

/** 421 Misdirected Request (RFC 9110, 15.5.20). */
function foreignHost(listen: Listen, host: string | undefined): Answer {
  if (host === undefined) return textAnswer(400, 'Cannot answer: the request has no Host header');
  const expected = listen.kind === 'tcp' ? `localhost or what "listen" says, ${listen.host}` : 'any';
  return textAnswer(421, `Cannot answer for host "${host}": not a name of this flapd; expected ${expected}`);
}

/** Within a second: what is under way may end, then it is cut off. */
async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), closeMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
