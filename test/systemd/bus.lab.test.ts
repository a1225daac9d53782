import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { Variant } from 'dbus-next';
import { afterEach, describe, expect, test } from 'vitest';
import { BusError, connectBus } from '../../src/systemd/bus.ts';
import type { Bus, BusSignal } from '../../src/systemd/bus.ts';
import { connectPeer } from './bus-peer.ts';
import type { Peer, PeerManners } from './bus-peer.ts';
import { noDaemonBecause, startDaemon } from './bus-private-daemon.ts';
import type { DaemonOptions, PrivateDaemon } from './bus-private-daemon.ts';

const RULE = "type='signal',interface='org.example.Iface'";
const BUS = { destination: 'org.freedesktop.DBus', path: '/', iface: 'org.freedesktop.DBus' };
const LIST_NAMES = { ...BUS, member: 'ListNames' };
const title = noDaemonBecause === undefined ? '' : ` (skipped: ${noDaemonBecause})`;
const noBusctl = spawnSync('busctl', ['--version']).status !== 0;
const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function daemonWith(options: DaemonOptions = {}): Promise<PrivateDaemon> {
  const daemon = await startDaemon(options);
  closers.push(() => daemon.stop());
  return daemon;
}

async function connect(daemon: PrivateDaemon, onHandlerError?: (error: Error) => void): Promise<Bus> {
  const bus = await connectBus(daemon.address, onHandlerError === undefined ? {} : { onHandlerError });
  closers.push(() => bus.close());
  return bus;
}

async function peerOn(daemon: PrivateDaemon, manners?: PeerManners): Promise<Peer> {
  const peer = await connectPeer(daemon.socketPath, manners);
  closers.push(() => peer.close());
  return peer;
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

function signalsOf(bus: Bus): BusSignal[] {
  const signals: BusSignal[] = [];
  bus.onSignal((signal) => {
    if (signal.iface === 'org.example.Iface') signals.push(signal);
  });
  return signals;
}

/** Everything that was sent before has been delivered once this is answered: the bus keeps the order. */
async function settled(bus: Bus, peer: Peer): Promise<void> {
  await peer.call({ destination: bus.name });
  await bus.call(LIST_NAMES);
}

function thingOf(peer: { readonly name: string }): {
  destination: string;
  path: string;
  iface: string;
  member: string;
} {
  return { destination: peer.name, path: '/any', iface: 'org.example.Any', member: 'Thing' };
}

describe.skipIf(noDaemonBecause !== undefined)(`a real dbus-daemon${title}`, () => {
  describe('that is killed', () => {
    test('is noticed within 100 ms, once, and by those who ask later', async () => {
      const daemon = await daemonWith();
      const bus = await connect(daemon);
      const losses: string[] = [];
      const killedAt = performance.now();
      const lost = new Promise<number>((resolve) => {
        bus.onLost((reason) => {
          losses.push(reason.message);
          resolve(performance.now() - killedAt);
        });
      });
      daemon.kill();
      expect(await lost).toBeLessThan(100);
      await delay(50);
      expect(losses).toEqual(['the bus closed the connection']);
      expect(await new Promise<Error>((resolve) => bus.onLost(resolve))).toHaveProperty('message', losses[0]);
      await bus.close();
      expect(losses).toHaveLength(1);
    });

    test('settles the calls that wait and those that come later', async () => {
      const daemon = await daemonWith();
      const bus = await connect(daemon);
      const peer = await peerOn(daemon, 'silent');
      const waiting = Array.from({ length: 150 }, () => failure(bus.call(thingOf(peer))));
      await bus.call({ ...LIST_NAMES, timeoutMs: 50 }).catch(() => {});
      daemon.kill();
      const kinds = (await Promise.all(waiting)).map((error) => error.kind);
      expect(new Set(kinds)).toEqual(new Set(['lost']));
      for (const late of [bus.call(LIST_NAMES), bus.addMatch(RULE), bus.removeMatch(RULE)]) {
        expect(await failure(late)).toMatchObject({ kind: 'lost' });
      }
    });
  });

  describe('a call', () => {
    test('to a peer that never answers ends by its own time limit, and others go on', async () => {
      const daemon = await daemonWith();
      const bus = await connect(daemon);
      const peer = await peerOn(daemon, 'silent');
      const startedAt = performance.now();
      const error = await failure(bus.call({ ...thingOf(peer), timeoutMs: 80 }));
      expect(performance.now() - startedAt).toBeLessThan(500);
      expect(error).toMatchObject({
        kind: 'timeout',
        message: `Cannot call "org.example.Any.Thing": no answer from ${peer.name} within 80 ms`,
      });
      expect((await bus.call(LIST_NAMES))[0]).toContain(bus.name);
    });

    test('to a peer that answers after the time limit leaves nothing behind', async () => {
      const daemon = await daemonWith();
      const bus = await connect(daemon);
      const peer = await peerOn(daemon, { answerAfterMs: 60 });
      expect(await failure(bus.call({ ...thingOf(peer), timeoutMs: 20 }))).toMatchObject({ kind: 'timeout' });
      await delay(80);
      expect(await bus.call(thingOf(peer))).toEqual(['done']);
    });

    test('that the bus refuses brings its error name and text', async () => {
      const bus = await connect(await daemonWith());
      const error = await failure(bus.call(thingOf({ name: 'org.example.Nobody' })));
      expect(error).toMatchObject({ kind: 'error-reply', name: 'org.freedesktop.DBus.Error.ServiceUnknown' });
      expect(error.message).toContain('org.example.Nobody');
    });

    test('is one of 300 at once, though the bus takes 128 that wait for a reply', async () => {
      const daemon = await daemonWith({ limits: { max_replies_per_connection: 128 } });
      const bus = await connect(daemon);
      const peer = await peerOn(daemon, { answerAfterMs: 5 });
      const replies = await Promise.all(Array.from({ length: 300 }, () => bus.call(thingOf(peer))));
      expect(replies).toHaveLength(300);
    });
  });

  describe('with 512 match rules per connection', () => {
    const limits = { max_match_rules_per_connection: 512 };

    test('takes 600 rules one after the other, since each is really removed', async () => {
      const daemon = await daemonWith({ limits });
      const bus = await connect(daemon);
      for (let n = 0; n < 600; n += 1) {
        const rule = `type='signal',member='M${n}'`;
        await bus.addMatch(rule);
        await bus.removeMatch(rule);
      }
      expect(await failure(bus.removeMatch("type='signal',member='M1'"))).toMatchObject({
        kind: 'error-reply',
        name: 'org.freedesktop.DBus.Error.MatchRuleNotFound',
      });
    });

    test('refuses the rule after the last as an error, which a removal makes room for', async () => {
      const bus = await connect(await daemonWith({ limits }));
      for (let n = 0; n < 512; n += 1) await bus.addMatch(`type='signal',member='M${n}'`);
      expect(await failure(bus.addMatch(RULE))).toMatchObject({
        kind: 'error-reply',
        name: 'org.freedesktop.DBus.Error.LimitsExceeded',
      });
      await bus.removeMatch("type='signal',member='M7'");
      await bus.addMatch(RULE);
    });

    test('sends signals from addMatch to removeMatch, and none before or after', async () => {
      const daemon = await daemonWith({ limits });
      const bus = await connect(daemon);
      const peer = await peerOn(daemon);
      const signals = signalsOf(bus);
      peer.emit({ member: 'Before' });
      await settled(bus, peer);
      await bus.addMatch(RULE);
      peer.emit({ member: 'Between' });
      await settled(bus, peer);
      await bus.removeMatch(RULE);
      peer.emit({ member: 'After' });
      await settled(bus, peer);
      expect(signals.map((signal) => signal.member)).toEqual(['Between']);
    });
  });

  describe('a signal', () => {
    test('whose handler throws is reported to us, not to its sender, and the next one still arrives', async () => {
      const daemon = await daemonWith();
      const errors: string[] = [];
      const bus = await connect(daemon, (error) => errors.push(error.message));
      const peer = await peerOn(daemon);
      bus.onSignal((signal) => {
        if (signal.member === 'Bad') throw new Error('a bug in the handler');
      });
      const signals = signalsOf(bus);
      await bus.addMatch(RULE);
      const receivedBefore = peer.received.length;
      peer.emit({ member: 'Bad' });
      peer.emit({ member: 'Good' });
      await settled(bus, peer);
      expect(errors).toEqual(['a bug in the handler']);
      expect(signals.map((signal) => signal.member)).toEqual(['Bad', 'Good']);
      const fromUs = peer.received.slice(receivedBefore).filter((line) => line.includes(bus.name));
      expect(fromUs).toEqual([`error ${bus.name} org.freedesktop.DBus.Error.UnknownMethod`]); // of `settled`
    });

    test('of nested variants and 64-bit numbers is decoded exactly', async () => {
      const daemon = await daemonWith();
      const bus = await connect(daemon);
      const peer = await peerOn(daemon);
      const signals = signalsOf(bus);
      await bus.addMatch(RULE);
      const properties = {
        ExecMainExitTimestamp: new Variant('t', 1_790_000_000_123_457n),
        LargestExact: new Variant('t', 2n ** 53n - 1n),
        RestartUSecNext: new Variant('t', 2n ** 64n - 1n),
        AllButInfinite: new Variant('t', 2n ** 64n - 2n),
        Negative: new Variant('x', -1_790_000_000_123_457n),
        NRestarts: new Variant('u', 4_294_967_295),
        ExecMainStatus: new Variant('i', -3),
        Result: new Variant('s', 'exit-code · ü'),
        Job: new Variant('(uo)', [7, '/org/freedesktop/systemd1/job/7']),
        InvocationID: new Variant('ay', Buffer.from('00ff10', 'hex')),
        Nested: new Variant('v', new Variant('a{sv}', { deeper: new Variant('as', ['a', '']) })),
        Structs: new Variant('a(sbd)', [['x', true, 0.5]]),
        Empty: new Variant('a{sv}', {}),
      };
      const path = '/org/freedesktop/systemd1/unit/a_2eservice';
      const body = ['org.freedesktop.systemd1.Service', properties, ['ExecStart', 'ExecStop']];
      peer.emit({ path, member: 'PropertiesChanged', signature: 'sa{sv}as', body });
      await settled(bus, peer);
      expect(signals).toEqual([
        {
          sender: peer.name,
          path,
          iface: 'org.example.Iface',
          member: 'PropertiesChanged',
          body: [
            'org.freedesktop.systemd1.Service',
            {
              ExecMainExitTimestamp: 1_790_000_000_123_457,
              LargestExact: Number.MAX_SAFE_INTEGER,
              RestartUSecNext: Infinity,
              AllButInfinite: 2 ** 64,
              Negative: -1_790_000_000_123_457,
              NRestarts: 4_294_967_295,
              ExecMainStatus: -3,
              Result: 'exit-code · ü',
              Job: [7, '/org/freedesktop/systemd1/job/7'],
              InvocationID: Buffer.from('00ff10', 'hex'),
              Nested: { deeper: ['a', ''] },
              Structs: [['x', true, 0.5]],
              Empty: {},
            },
            ['ExecStart', 'ExecStop'],
          ],
        },
      ]);
    });

    test.skipIf(noBusctl)('written by systemd itself is decoded exactly (busctl)', async () => {
      const daemon = await daemonWith();
      const bus = await connect(daemon);
      const signals = signalsOf(bus);
      await bus.addMatch(RULE);
      const values = 'sa{sv}as I 4 T t 18446744073709551615 X x -2 Id ay 2 0 255 Job (uo) 7 /a 1 E'.split(
        ' ',
      );
      const emit = ['emit', '/p', 'org.example.Iface', 'PropertiesChanged', ...values];
      const busctl = spawnSync('busctl', [`--address=${daemon.address}`, '--', ...emit], {
        encoding: 'utf8',
      });
      expect(busctl).toMatchObject({ status: 0, stderr: '' });
      await bus.call(LIST_NAMES);
      const changed = { T: Infinity, X: -2, Id: Buffer.from([0, 255]), Job: [7, '/a'] };
      expect(signals.map((signal) => signal.body)).toEqual([['I', changed, ['E']]]);
    });

    test('sent to us alone is ignored, since anybody may; one of the bus itself arrives', async () => {
      const daemon = await daemonWith();
      const bus = await connect(daemon);
      const peer = await peerOn(daemon);
      const seen: string[] = [];
      bus.onSignal(({ sender, member, body }) => {
        // That of our unique name comes before or after this handler.
        if (body[0] !== bus.name) seen.push(`${sender} ${member} ${String(body[0])}`);
      });
      await bus.addMatch(RULE);
      const requestName = { ...BUS, member: 'RequestName', body: ['org.example.Ours', 0] };
      expect(await bus.call(requestName)).toEqual([1]);
      peer.emit({ member: 'Forged', destination: bus.name, signature: 's', body: ['x'] });
      peer.emit({ member: 'Broadcast', signature: 's', body: ['x'] });
      await settled(bus, peer);
      expect(seen).toEqual([
        'org.freedesktop.DBus NameAcquired org.example.Ours',
        `${peer.name} Broadcast x`,
      ]);
    });
  });

  test('passes method calls on to us, which are refused, unless no reply is wanted', async () => {
    const daemon = await daemonWith();
    const bus = await connect(daemon);
    const peer = await peerOn(daemon);
    peer.send({ destination: bus.name, noReply: true });
    expect(await peer.call({ destination: bus.name })).toBe('org.freedesktop.DBus.Error.UnknownMethod');
    expect(peer.received.filter((line) => line.startsWith(`error ${bus.name}`))).toHaveLength(1);
  });

  describe('that does not let us in', () => {
    test('by refusing Hello makes it unreachable, with what it said', async () => {
      const daemon = await daemonWith({ limits: { max_connections_per_user: 1 } });
      await connect(daemon);
      const error = await failure(connectBus(daemon.address));
      expect(error).toMatchObject({ kind: 'unreachable' });
      expect(error.message).toMatch(
        /^Cannot reach bus ".*": it refused Hello with \S+LimitsExceeded: .*; expected/u,
      );
    });

    test('by refusing to authenticate makes it unreachable', async () => {
      const daemon = await daemonWith({ auth: 'ANONYMOUS' });
      const error = await failure(connectBus(daemon.address));
      expect(error).toMatchObject({ kind: 'unreachable' });
      expect(error.message).toContain('authentication as this user refused ("REJECTED ANONYMOUS")');
    });
  });

  describe('a connection', () => {
    test('that is closed twice rejects what waits, and calls no loss', async () => {
      const daemon = await daemonWith();
      const bus = await connect(daemon);
      const peer = await peerOn(daemon);
      const losses: Error[] = [];
      bus.onLost((reason) => losses.push(reason));
      const waiting = failure(bus.call(thingOf(peer)));
      await Promise.all([bus.close(), bus.close()]);
      await bus.close();
      expect(await waiting).toMatchObject({ kind: 'lost' });
      expect(await failure(bus.call(LIST_NAMES))).toMatchObject({ kind: 'lost' });
      daemon.kill();
      await delay(50);
      expect(losses).toEqual([]);
    });
  });
});
