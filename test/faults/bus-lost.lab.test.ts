import { expect, it } from 'vitest';
import {
  complaintsIn,
  crashes,
  deathsOf,
  describeWatched,
  expectAllCounted,
  isOver,
  nRestarts,
  type Watched,
} from './describe-watched.ts';

const crowd = Array.from({ length: 24 }, (_, index) => `crowd@${index}.service`);

const units = {
  'through.service': crashes(40, 0.1),
  'dozen.service': crashes(40, 0.1),
  'crowd@.service': crashes(3, 0.1),
  // Started far more often than on any machine that is well.
  'dbus.service.d/often.conf': '[Unit]\nStartLimitIntervalSec=0\n',
  'dbus.socket.d/often.conf': '[Unit]\nStartLimitIntervalSec=0\n[Socket]\nTriggerLimitIntervalSec=0\n',
};

async function busPid({ lab }: Watched): Promise<number> {
  return Number(await lab.systemctl('show', '--value', '--property=MainPID', 'dbus.service'));
}

describeWatched('dbus-daemon, killed', { units }, (given) => {
  const killed = async (): Promise<void> => {
    const { lab } = given;
    await lab.exec(['kill', '-9', String(await busPid(given))]);
  };
  const reconnected = async (times: number): Promise<void> =>
    given.log.several('connected again', times, ({ message }) =>
      message.startsWith('Connected to systemd again'),
    );
  /** systemctl as root needs no bus. */
  const withoutBus = async (meanwhile: () => Promise<void>): Promise<void> => {
    const { lab, api } = given;
    await lab.systemctl('stop', 'dbus.socket', 'dbus.service');
    try {
      // Not the line in the log: where the bus was killed a moment ago, it may be there already.
      await expect.poll(async () => (await api.get('/readyz')).status, { timeout: 10_000 }).toBe(503);
      await meanwhile();
    } finally {
      await lab.systemctl('start', 'dbus.socket', 'dbus.service');
    }
  };

  it('in the middle of a loop: restarts that nobody could tell are read off the counter, and none counted twice', async () => {
    const { lab, log, api } = given;
    const unit = 'through.service';
    await lab.systemctl('start', unit);
    await log.first('incident', (line) => line.event === 'incident-opened' && line.unit === unit);
    await killed();
    await withoutBus(async () => {
      const before = deathsOf(lab, unit);
      await expect.poll(() => deathsOf(lab, unit), { timeout: 10_000 }).toBeGreaterThan(before + 10);
    });
    await expectAllCounted(given, unit);
    const { inferred } = await api.restarts(unit);
    expect(inferred).toBeGreaterThanOrEqual(10);
    expect(inferred).toBeLessThan(40);
    expect(await nRestarts(lab, unit)).toBe(40);
    expect(log.incidentEvents(unit)).toEqual(['opened']);
    expect((await api.get('/readyz')).status).toBe(200);
  });

  it('a dozen times in a row: flapd comes back each time', async () => {
    const { lab, log, api } = given;
    const unit = 'dozen.service';
    const before = await api.metric('flapd_dbus_reconnects_total');
    await lab.systemctl('start', unit);
    for (let time = 1; time <= 12; time += 1) {
      const lost = log.lines.length;
      await killed();
      await expect
        .poll(() => log.lines.slice(lost).some(({ message }) => message.startsWith('Connected')), {
          timeout: 10_000,
          interval: 20,
        })
        .toBe(true);
    }
    await expectAllCounted(given, unit);
    expect(await api.metric('flapd_dbus_reconnects_total')).toBeGreaterThanOrEqual(before + 12);
    expect(await api.metric('flapd_dbus_connected')).toBe(1);
  });

  it('while two dozen services restart: all of them are compared', async () => {
    const { lab } = given;
    await lab.systemctl('start', ...crowd);
    await withoutBus(async () => {
      for (const unit of crowd)
        await expect.poll(() => isOver(lab, unit), { timeout: 10_000, interval: 20 }).toBe(true);
    });
    await expectAllCounted(given, ...crowd);
  });

  it('leaves nothing but those losses in the log, each with what becomes of it', async () => {
    const { lab, log } = given;
    await reconnected(14);
    expect(await nRestarts(lab, 'flapd.service')).toBe(0);
    const lost = /^Lost the connection to systemd \(.+\); connecting again\. /;
    expect(complaintsIn(log).filter((message) => !lost.test(message))).toEqual([]);
  });
});
