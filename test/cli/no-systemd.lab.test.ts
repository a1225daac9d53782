import { createServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noDaemonBecause, startDaemon, type PrivateDaemon } from '../systemd/bus-private-daemon.ts';
import { buildFlapd, type FlapdProgram } from './flapd-program.ts';

const skipped = noDaemonBecause === undefined ? '' : ` (skipped: ${noDaemonBecause})`;

describe.skipIf(noDaemonBecause !== undefined)(`a bus without systemd on it${skipped}`, () => {
  let flapd: FlapdProgram;
  let bus: PrivateDaemon;
  beforeAll(async () => {
    flapd = await buildFlapd();
    bus = await startDaemon();
  });
  afterAll(async () => {
    flapd.remove();
    await bus.stop();
  });

  it.each([['status'], ['status', '--json'], ['status', 'dbus'], ['run'], ['lint']])(
    'flapd %s: one clear sentence, and exit code 3',
    async (...argv) => {
      const { code, stdout, stderr } = await flapd.run([...argv, '--bus', bus.address]);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toBe(
        `flapd: Cannot reach systemd over "${bus.address}": the bus answers, but systemd is not on it; ` +
          'expected the bus on which it answers.\nTry: busctl status\n',
      );
    },
  );

  it('a bus that takes connections and says nothing is given up within 6 s', async () => {
    const socket = path.join(flapd.folder, 'mute.sock');
    const server = createServer((connection) => connection.on('error', () => {})).listen(socket);
    await once(server, 'listening');
    const { code, stderr } = await flapd.run(['status', `--bus=unix:path=${socket}`], { timeout: 6000 });
    server.close();
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^flapd: Cannot reach bus ".*": no answer within 5000 ms .*\.\nTry: busctl status\n$/,
    );
  });
});
