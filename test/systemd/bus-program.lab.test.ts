import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { bundleProgram } from './bus-bundle.ts';
import type { Ended } from './bus-bundle.ts';
import { greet, startFakeServer } from './bus-fake-server.ts';
import type { FakeServer } from './bus-fake-server.ts';
import { junk } from './bus-junk.ts';
import { noDaemonBecause, startDaemon } from './bus-private-daemon.ts';
import type { PrivateDaemon } from './bus-private-daemon.ts';

const NOBODY = 65_534;
const title = noDaemonBecause === undefined ? '' : ` (skipped: ${noDaemonBecause})`;
const isRoot = process.getuid?.() === 0;
const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function run(source: string, addresses: readonly string[], uid?: number): Promise<Ended> {
  const program = await bundleProgram(source);
  closers.push(() => program.remove());
  return program.run(addresses, uid === undefined ? {} : { uid });
}

async function daemonHere(): Promise<PrivateDaemon> {
  const daemon = await startDaemon();
  closers.push(() => daemon.stop());
  return daemon;
}

/** A server that is a bus until the call after Hello, and then sends `bytes` or, without any, hangs up. */
async function serverThatSends(bytes?: Buffer): Promise<FakeServer> {
  const server = await startFakeServer((socket) => {
    greet(socket);
    socket.on('data', (chunk) => {
      if (!chunk.includes('AddMatch')) return;
      if (bytes === undefined) socket.destroy();
      else socket.write(bytes);
    });
  });
  closers.push(() => server.close());
  return server;
}

describe('a program that is bundled as flapd is', () => {
  test('stays up whatever junk the bus sends', async () => {
    const addresses: string[] = [];
    for (const bytes of Object.values(junk)) addresses.push((await serverThatSends(bytes)).address);
    const source = `
      for (const address of process.argv.slice(2)) {
        const bus = await connectBus(address);
        bus.onSignal(() => {});
        const lost = new Promise((resolve) => bus.onLost(resolve));
        bus.addMatch('x').catch(() => {});
        console.log((await lost).message.slice(0, 31));
      }
      console.log('still up');`;
    const lines = addresses.map(() => 'the bus sent what is not D-Bus:');
    const stdout = [...lines, 'still up', ''].join('\n');
    expect(await run(source, addresses)).toEqual({ exitCode: 0, stdout, stderr: '' });
  });

  test('has nothing open after it has lost the bus 100 times', async () => {
    const { address } = await serverThatSends();
    const source = `
      const before = process.getActiveResourcesInfo();
      const kinds = [];
      for (let n = 0; n < 100; n += 1) {
        const bus = await connectBus(process.argv[2]);
        const lost = new Promise((resolve) => bus.onLost(resolve));
        await bus.addMatch('x').catch((error) => kinds.push(error.kind));
        await lost;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
      const after = process.getActiveResourcesInfo();
      console.log(kinds.length, new Set(kinds), after.length - before.length);`;
    const stdout = "100 Set(1) { 'lost' } 0\n";
    expect(await run(source, [address])).toEqual({ exitCode: 0, stdout, stderr: '' });
  });

  describe.skipIf(noDaemonBecause !== undefined)(`with a real dbus-daemon${title}`, () => {
    test('has nothing open after 100 connections, and ends by itself', async () => {
      const { address } = await daemonHere();
      const source = `
        const before = process.getActiveResourcesInfo();
        for (let n = 0; n < 100; n += 1) {
          const bus = await connectBus(process.argv[2]);
          await bus.addMatch("type='signal'");
          await bus.close();
        }
        const after = process.getActiveResourcesInfo();
        console.log(after.length - before.length);`;
      expect(await run(source, [address])).toEqual({ exitCode: 0, stdout: '0\n', stderr: '' });
    });

    test('that gives no onHandlerError ends with the stack of what its handler threw', async () => {
      const { address } = await daemonHere();
      const source = `
        const bus = await connectBus(process.argv[2]);
        bus.onSignal(function handlerOfMine() { throw new Error('a bug in the handler'); });
        await bus.addMatch("member='NameOwnerChanged'");
        const other = await connectBus(process.argv[2]);`;
      const ended = await run(source, [address]);
      expect(ended.exitCode).toBe(1);
      expect(ended.stderr).toMatch(/Error: a bug in the handler\n\s+at handlerOfMine/u);
    });

    test.skipIf(!isRoot)('that may not connect says so, and who it is (skipped unless root)', async () => {
      const daemon = await daemonHere();
      chmodSync(dirname(daemon.socketPath), 0o755);
      chmodSync(daemon.socketPath, 0o600);
      const source = `await connectBus(process.argv[2]).catch((error) => console.log(error.kind, error.message));`;
      const stdout =
        `unreachable Cannot reach bus "${daemon.address}": user ${NOBODY} may not connect (EACCES); ` +
        'expected a D-Bus daemon that listens there\n';
      expect(await run(source, [daemon.address], NOBODY)).toEqual({ exitCode: 0, stdout, stderr: '' });
    });
  });
});
