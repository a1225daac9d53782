import { expect, it } from 'vitest';
import { countsOf, describeFlapd } from './describe-flapd.ts';
import type { LogLine } from './flapd-log.ts';

const loops = `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=sh -c 'sleep 0.1; exit 1'
Restart=on-failure
`;

const units = {
  'healthy@.service': '[Service]\nExecStart=sleep infinity\nRestart=on-failure\n',
  // Crashes three times and is well from then on.
  'shaky.service': `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=sh -c 'n=$(cat /run/shaky); echo $((n + 1)) >/run/shaky; [ "$n" = 3 ] && exec sleep infinity; exit 1'
Restart=on-failure
`,
  'waits.service': '[Service]\nExecStart=false\nRestart=on-failure\nRestartSec=1h\n',
  'failed.service': '[Service]\nExecStart=false\n',
  'stays.service': '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=true\n',
  'through.service': loops,
  'after.service': loops,
};
const quiet = ['healthy@1.service', 'healthy@2.service', 'waits.service', 'failed.service', 'stays.service'];
const none = { automatic: 0, external: 0, inferred: 0 };
const isOpened = ({ event }: LogLine): boolean => event === 'incident-opened';
const reloads = 5;

describeFlapd('reloading systemd', { units }, (given) => {
  const reloaded = async (verb: string) => {
    for (let time = 0; time < reloads; time += 1) await given.lab.systemctl(verb);
    await given.settled();
  };
  const countedRestarts = async (names: readonly string[]) =>
    await Promise.all(names.map(async (name) => (await given.http.unit(name)).restarts));

  it('is prepared with services in every state', async () => {
    const { lab, log } = given;
    await lab.writeFile('/run/shaky', '0\n');
    await lab.systemctl('start', ...quiet, 'shaky.service');
    await log.several(
      '3 restarts',
      3,
      ({ unit, event }) => unit === 'shaky.service' && event === 'restarted',
    );
    expect(log.lines.some(isOpened)).toBe(false);
  });

  it.each(['daemon-reload', 'daemon-reexec'])(
    'by %s, five times, is no restart of anything',
    async (verb) => {
      const { http, log } = given;
      await reloaded(verb);
      expect(log.lines.some(isOpened)).toBe(false);
      expect(await http.incidents()).toEqual([]);
      expect(await countedRestarts(quiet)).toEqual(quiet.map(() => none));
      expect(await countedRestarts(['shaky.service'])).toEqual([{ ...none, automatic: 3 }]);
      expect(await http.sum('flapd_unit_exits_total', { name: 'waits.service' })).toBe(1);
      expect(await http.sum('flapd_unit_exits_total', { name: 'failed.service' })).toBe(1);
    },
  );

  it('does not split a loop that goes on meanwhile, and every restart of it is counted', async () => {
    const { lab, log } = given;
    const unit = 'through.service';
    await lab.systemctl('start', unit);
    await reloaded('daemon-reload');
    await reloaded('daemon-reexec');
    await log.first('incident', (line) => isOpened(line) && line.unit === unit);
    await lab.systemctl('stop', unit);
    await given.settled();
    expect(log.incidentEvents(unit)).toEqual(['opened']);
    const { flapd, journal } = await countsOf(given, unit);
    expect(flapd.restarts).toBe(journal.restarts);
    // PID 1 that re-executes sends no signals for a moment: a death in it is read off the counter, its exit is not.
    expect(flapd.runs).toBeLessThanOrEqual(journal.runs);
    expect(flapd.runs).toBeGreaterThanOrEqual(journal.runs - reloads);
  });

  it('leaves no gap: a loop that begins after it is seen as ever', async () => {
    const { lab, log } = given;
    const unit = 'after.service';
    await lab.systemctl('start', unit);
    await log.first('incident', (line) => isOpened(line) && line.unit === unit);
    await lab.systemctl('stop', unit);
    await given.settled();
    const { flapd, journal } = await countsOf(given, unit);
    expect(flapd).toEqual(journal);
  });
});
