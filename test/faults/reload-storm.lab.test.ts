import { expect, it } from 'vitest';
import {
  complaintsIn,
  crashes,
  deathsOf,
  describeWatched,
  expectAllCounted,
  nRestarts,
} from './describe-watched.ts';

const storm = 20;
const times = 40;

const units = {
  'reload.service': crashes(times, 0.1),
  'reexec.service': crashes(times, 0.1),
  'both.service': crashes(times, 0.1),
  'after.service': crashes(3, 0),
};

describeWatched('systemd that reloads and re-executes in storms', { units }, (given) => {
  const stormOver = async (unit: string, verbs: readonly string[]): Promise<void> => {
    const { lab, log, api } = given;
    await lab.systemctl('start', unit);
    await log.first('a restart', (line) => line.event === 'restarted' && line.unit === unit);
    for (let time = 0; time < storm; time += 1) await lab.systemctl(verbs[time % verbs.length] ?? '');
    // Else nothing was proven: all of it happened while the unit was looping.
    expect(deathsOf(lab, unit)).toBeLessThan(times);
    await expectAllCounted(given, unit);
    expect((await api.restarts(unit)).automatic).toBe(await nRestarts(lab, unit));
    expect(log.incidentEvents(unit)).toEqual(['opened']);
  };

  it(`daemon-reload, ${storm} times while a unit loops: each restart is counted, once`, async () => {
    await stormOver('reload.service', ['daemon-reload']);
  });

  it(`daemon-reexec, ${storm} times while a unit loops: each restart is counted, once`, async () => {
    await stormOver('reexec.service', ['daemon-reexec']);
  });

  it('both in turn, without a wait', async () => {
    await stormOver('both.service', ['daemon-reexec', 'daemon-reload']);
  });

  it('afterwards flapd still hears of units that come and go', async () => {
    const { lab, api, log } = given;
    await given.settled();
    const loaded = await api.metric('flapd_units_watched');
    await lab.exec(['systemd-run', '--unit=transient', '--quiet', 'sleep', 'infinity']);
    await expect.poll(() => api.metric('flapd_units_watched')).toBe(loaded + 1);
    await lab.systemctl('stop', 'transient.service');
    await expect.poll(() => api.metric('flapd_units_watched')).toBe(loaded);
    await lab.systemctl('start', 'after.service');
    await expectAllCounted(given, 'after.service');
    expect(complaintsIn(log)).toEqual([]);
    expect(await api.metric('flapd_dbus_reconnects_total')).toBe(0);
  });
});
