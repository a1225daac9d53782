import { createConnection, type Socket } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import type { Lab } from '../lab/lab.ts';
import type { FlapdLog } from '../scenarios/flapd-log.ts';
import { apiSocket, complaintsIn, crashes, describeWatched, expectAllCounted } from './describe-watched.ts';

const crowd = 200;
/** From systemd's record of the restart that completes the rule to flapd's. On two cores that others use too. */
const soonMs = 1000;

const units = { 'alone.service': crashes(8, 0.1), 'crowded.service': crashes(8, 0.1) };

const open: Socket[] = [];
afterAll(() => {
  for (const socket of open) socket.destroy();
});

/** When the journal got the first record of a kind, in milliseconds. */
async function firstAt(lab: Lab, ...matches: readonly string[]): Promise<number> {
  const { stdout } = await lab.exec([
    'sh',
    '-c',
    'journalctl --sync; exec journalctl --quiet --output=json --output-fields=MESSAGE "$@"',
    'sh',
    ...matches,
  ]);
  const [first = '{}'] = stdout.split('\n');
  const { __REALTIME_TIMESTAMP: usec } = JSON.parse(first) as Record<string, string>;
  return Number(usec) / 1000;
}

async function detectionMs(lab: Lab, log: FlapdLog, unit: string): Promise<number> {
  const restart = 'MESSAGE_ID=5eb03494b6584870a536b337290809b3';
  await log.first('incident', (line) => line.event === 'incident-opened' && line.unit === unit);
  const decidedAt = await firstAt(lab, '_PID=1', restart, `UNIT=${unit}`, 'N_RESTARTS=5');
  const toldAt = await firstAt(
    lab,
    '_SYSTEMD_UNIT=flapd.service',
    `--grep="event":"incident-opened".*"unit":"${unit}"`,
  );
  return toldAt - decidedAt;
}

describeWatched(`${crowd} connections to flapd at once`, { units }, (given) => {
  const path = (): string => `/proc/${given.lab.leader}/root${apiSocket}`;
  const ask = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n';
  let bytes = 0;

  it('is what it is without them: an incident is told at once', async () => {
    const { lab, log } = given;
    await lab.systemctl('start', 'alone.service');
    expect(await detectionMs(lab, log, 'alone.service')).toBeLessThan(soonMs);
  });

  it('and with them, half of which ask and ask and half of which say nothing', async () => {
    const { lab, log } = given;
    for (let index = 0; index < crowd; index += 1) {
      const socket = createConnection({ path: path() });
      open.push(socket);
      socket.on('error', () => {});
      if (index % 2 === 0) continue;
      socket.on('connect', () => socket.write(ask));
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        socket.write(ask);
      });
    }
    await expect.poll(() => bytes).toBeGreaterThan(1_000_000);
    await lab.systemctl('start', 'crowded.service');
    expect(await detectionMs(lab, log, 'crowded.service')).toBeLessThan(soonMs);
    const before = bytes;
    await expect.poll(() => bytes).toBeGreaterThan(before + 100_000);
  });

  it('and after them: everything is counted, and who is left is answered', async () => {
    const { api, log } = given;
    for (const socket of open.splice(0)) socket.destroy();
    await expectAllCounted(given, 'alone.service', 'crowded.service');
    expect((await api.get('/readyz')).body).toBe('ready\n');
    expect(complaintsIn(log)).toEqual([]);
  });
});
