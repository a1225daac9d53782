import { expect, it } from 'vitest';
import { countsOf, describeFlapd } from './describe-flapd.ts';

/** Each restarts this often, as fast as systemd can, and is well from then on. */
const times = 150;
const names = ['burst@1.service', 'burst@2.service', 'burst@3.service'];

const burst = `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=sh -c 'echo >>/run/%p-%i; [ $(wc -l </run/%p-%i) -gt ${times} ] && exec sleep infinity; exit 1'
Restart=always
RestartSec=0
`;

describeFlapd('450 restarts in a burst', { units: { 'burst@.service': burst } }, (given) => {
  it('are all counted, and are one incident of three instances that die alike', async () => {
    const { lab, log, http } = given;
    await lab.systemctl('start', '--no-block', ...names);
    for (const name of names) {
      await expect
        .poll(() => lab.systemctl('show', '--property=NRestarts,SubState', name), {
          interval: 200,
          timeout: 50_000,
        })
        .toMatch(
          new RegExp(`(NRestarts=${times}\\nSubState=running|SubState=running\\nNRestarts=${times})\\n`),
        );
    }
    await given.settled();
    for (const name of names) {
      expect(await http.sum('flapd_unit_restarts_total', { name, trigger: 'auto' })).toBe(times);
      expect(await http.sum('flapd_unit_exits_total', { name })).toBe(times);
      expect((await http.unit(name)).restarts).toEqual({ automatic: times, external: 0, inferred: 0 });
    }
    expect(names.flatMap((name) => log.incidentEvents(name)).toSorted()).toEqual([
      'grouped',
      'grouped',
      'opened',
    ]);
    expect(await http.sum('flapd_unit_restarts_total', { trigger: 'auto' })).toBe(times * names.length);
    await lab.systemctl('stop', ...names);
    await given.settled();
    for (const name of names) {
      const { flapd, journal } = await countsOf(given, name);
      expect(flapd).toEqual(journal);
      expect(flapd).toEqual({ restarts: times, runs: times + 1 });
    }
  });
});
