import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BusError, connectBus } from '../../src/systemd/bus.ts';
import { addressOf } from '../../src/systemd/bus-address.ts';
import type { Bus } from '../../src/systemd/bus.ts';
import { encodeMessage, greet, startFakeServer } from './bus-fake-server.ts';
import type { FakeServer } from './bus-fake-server.ts';
import { junk, signalWith } from './bus-junk.ts';

const NEVER_ANSWERED = { destination: 'org.example.Nobody', path: '/a', iface: 'org.example.I', member: 'M' };
const open: FakeServer[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function serve(onConnection: (socket: Socket) => void): Promise<FakeServer> {
  const server = await startFakeServer(onConnection);
  open.push(server);
  return server;
}

async function connect(onConnection: (socket: Socket) => void): Promise<Bus> {
  return connectBus((await serve(onConnection)).address);
}

/** A server that is a bus until Hello is answered, and then sends `bytes`. */
function thenSend(bytes: Buffer): (socket: Socket) => void {
  return (socket) => {
    greet(socket);
    // The call that comes after Hello asks for it.
    socket.on('data', (chunk) => {
      if (chunk.includes('AddMatch')) socket.write(bytes);
    });
  };
}

function lossOf(bus: Bus): Promise<Error> {
  return new Promise((resolve) => bus.onLost(resolve));
}

async function failure(promise: Promise<unknown>): Promise<BusError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof BusError) return error;
    throw error;
  }
  throw new Error('it did not reject');
}

/** Why `socketPath` is unreachable. */
async function reasonFor(socketPath: string): Promise<string> {
  const address = addressOf(socketPath);
  const error = await failure(connectBus(address));
  expect(error.kind).toBe('unreachable');
  const [, reason = error.message] =
    /^Cannot reach bus ".*": (.*); expected a D-Bus daemon that listens there$/u.exec(error.message) ?? [];
  return reason;
}

describe('junk after the handshake', () => {
  test.each(Object.entries(junk))('loses the bus, and its calls: %s', async (_what, bytes) => {
    const bus = await connect(thenSend(bytes));
    bus.onSignal(() => {});
    const lost = lossOf(bus);
    const call = failure(bus.addMatch('x'));
    expect((await lost).message).toMatch(/^the bus sent what is not D-Bus: ./u);
    expect(await call).toMatchObject({ kind: 'lost' });
    expect(await failure(bus.call(NEVER_ANSWERED))).toMatchObject({ kind: 'lost' });
    await bus.close();
  });

  test('that breaks off within a message loses the bus once the connection ends', async () => {
    const message = signalWith('s', Buffer.from([1, 0, 0, 0, 0x61, 0]));
    const bus = await connect((socket) => {
      greet(socket);
      socket.on('data', (chunk) => {
        if (chunk.includes('AddMatch')) socket.end(message.subarray(0, message.length - 3));
      });
    });
    const lost = lossOf(bus);
    expect(await failure(bus.addMatch('x'))).toMatchObject({ kind: 'lost' });
    expect((await lost).message).toBe('the bus closed the connection');
  });
});

describe('a server that is no bus', () => {
  test.each<[what: string, serveOne: (socket: Socket) => void, expected: RegExp, timeoutMs?: number]>([
    ['says nothing', () => {}, /no answer within 200 ms \(during authentication\)/u, 200],
    ['hangs up', (socket) => socket.end(), /the bus closed the connection \(during authentication\)/u],
    [
      'speaks HTTP',
      (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      /it answered "HTTP\/1.1 400 Bad Request"/u,
    ],
    ['never ends its line', (socket) => socket.write('x'.repeat(40_000)), /its first line has no end/u],
    [
      'refuses the user',
      (socket) => socket.write('REJECTED EXTERNAL\r\n'),
      /authentication as this user refused/u,
    ],
    [
      'never answers Hello',
      (socket) => greet(socket, Buffer.alloc(0)),
      /no answer within 200 ms \(during Hello\)/u,
      200,
    ],
    [
      'answers Hello with junk',
      (socket) => greet(socket, Buffer.from('Hello yourself, stranger')),
      /what is not D-Bus: byte order 72/u,
    ],
    [
      'answers Hello with a number',
      (socket) => greet(socket, helloAnswer('u', [7])),
      /Hello was answered without a name/u,
    ],
    [
      'refuses Hello',
      (socket) => greet(socket, helloError),
      /refused Hello with org.example.No: go away; expected/u,
    ],
  ])('that %s is unreachable, in time', async (_what, serveOne, expected, timeoutMs = 5_000) => {
    const { address } = await serve(serveOne);
    const error = await failure(connectBus(address, { timeoutMs }));
    expect(error.kind).toBe('unreachable');
    expect(error.message).toMatch(expected);
    expect(error.message).toContain(`Cannot reach bus "${address}": `);
  });
});

describe('an address', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flapd-no-bus-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('where nothing is, is unreachable', async () => {
    expect(await reasonFor(join(folder, 'bus'))).toBe('no such socket (ENOENT)');
  });

  test('of a plain file or a folder is unreachable', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(await reasonFor(file)).toBe('not a socket (ECONNREFUSED)');
    expect(await reasonFor(folder)).toBe('not a socket (ECONNREFUSED)');
  });

  test('of a socket that its server has left behind is unreachable', async () => {
    const socketPath = join(folder, 'bus');
    const script =
      "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";
    spawnSync(process.execPath, ['-e', script, socketPath]);
    expect(await reasonFor(socketPath)).toBe('a socket that nobody listens on (ECONNREFUSED)');
  });

  test('of an abstract socket that is not there is unreachable', async () => {
    expect(await reasonFor('\0flapd-nobody')).toMatch(/^a socket that nobody listens on \(ECONNREFUSED/u);
  });

  test('that makes no sense is unreachable', async () => {
    const error = await failure(connectBus('tcp:host=localhost'));
    expect(error.kind).toBe('unreachable');
    expect(error.message).toMatch(/^Cannot use bus address "tcp:host=localhost": /u);
  });
});

describe('a bus', () => {
  test('in a folder whose name dbus-next could not have split is reached', async () => {
    const socketPath = join(mkdtempSync(join(tmpdir(), 'flapd-a=b:c,d;e %')), 'bus');
    const server = createServer((socket) => greet(socket)).listen(socketPath);
    await once(server, 'listening');
    const bus = await connectBus(addressOf(socketPath));
    expect(bus.name).toBe(':1.7');
    await bus.close();
    server.close();
    rmSync(dirname(socketPath), { recursive: true });
  });

  test('that stops reading is given up before 16 MiB wait for it', async () => {
    const bus = await connect((socket) => {
      greet(socket);
      socket.on('data', (chunk) => {
        if (chunk.includes('AddMatch')) socket.pause();
      });
    });
    const lost = lossOf(bus);
    const calls = [failure(bus.addMatch('x'))];
    await delay(50);
    const body = ['x'.repeat(1024 * 1024)];
    for (let sent = 0; sent < 24; sent += 1) calls.push(failure(bus.call({ ...NEVER_ANSWERED, body })));
    expect((await lost).message).toMatch(/^the bus has left \d+ bytes unread$/u);
    expect(new Set((await Promise.all(calls)).map((error) => error.kind))).toEqual(new Set(['lost']));
  });

  test('may answer a call that has timed out, and send types of message to come', async () => {
    const bus = await connect((socket) => {
      greet(socket);
      socket.on('data', (chunk) => {
        const serial = chunk.readUInt32LE(8);
        if (chunk.includes('Late')) setTimeout(() => socket.write(reply(serial)), 60);
        if (chunk.includes('Soon')) {
          const odd = reply(serial);
          odd.writeUInt8(5, 1);
          socket.write(Buffer.concat([odd, reply(serial + 1000), reply(serial)]));
        }
      });
    });
    const late = await failure(bus.call({ ...NEVER_ANSWERED, member: 'Late', timeoutMs: 20 }));
    expect(late).toMatchObject({
      kind: 'timeout',
      message: 'Cannot call "org.example.I.Late": no answer from org.example.Nobody within 20 ms',
    });
    await delay(80);
    expect(await bus.call({ ...NEVER_ANSWERED, member: 'Soon' })).toEqual(['done']);
    await bus.close();
  });

  test('is told by a plain exception that a call is not valid D-Bus', async () => {
    const bus = await connect(greet);
    await expect(bus.call({ ...NEVER_ANSWERED, path: 'no/path' })).rejects.toThrow('Invalid object path');
    await expect(bus.call({ ...NEVER_ANSWERED, body: ['a\0b'] })).rejects.toThrow('Invalid string');
    await bus.close();
  });

  test('that leaves the connection open is closed within half a second', async () => {
    const bus = await connect((socket) => {
      greet(socket);
      socket.allowHalfOpen = true;
    });
    const call = failure(bus.call(NEVER_ANSWERED));
    const before = performance.now();
    await bus.close();
    expect(performance.now() - before).toBeLessThan(700);
    expect(await call).toMatchObject({ kind: 'lost' });
  });
});

function reply(replySerial: number): Buffer {
  return encodeMessage({
    type: 2,
    serial: 50,
    replySerial,
    destination: ':1.7',
    signature: 's',
    body: ['done'],
  });
}

function helloAnswer(signature: string, body: readonly unknown[]): Buffer {
  return encodeMessage({ type: 2, serial: 1, replySerial: 1, destination: ':1.7', signature, body });
}

const helloError = encodeMessage({
  type: 3,
  serial: 1,
  replySerial: 1,
  errorName: 'org.example.No',
  signature: 's',
  body: ['go away.'],
});
