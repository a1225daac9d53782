import { expect, it } from 'vitest';
import { describeFlapd } from './describe-flapd.ts';
import { countInJournal } from './manager-journal.ts';

const everySecond = (service: string) => `[Timer]
OnActiveSec=0
OnUnitActiveSec=1s
AccuracySec=1ms
Unit=${service}
`;

const unlimited = '[Unit]\nStartLimitIntervalSec=0\n';
const unlimitedJobs = {
  'tidy.service': `${unlimited}[Service]\nType=oneshot\nExecStart=true\n`,
  'tidy-fails.service': `${unlimited}[Service]\nType=oneshot\nExecStart=false\n`,
  'sync.service': `${unlimited}[Service]\nExecStart=sh -c 'sleep 0.1; exit 0'\n`,
  'sync-fails.service': `${unlimited}[Service]\nExecStart=sh -c 'sleep 0.1; exit 1'\n`,
};
// Five starts in 10 s, and systemd refuses the next ones: that is a limit, but no loop.
const limitedJobs = {
  'limited.service': '[Service]\nType=oneshot\nExecStart=true\n',
  'limited-fails.service': '[Service]\nType=oneshot\nExecStart=false\n',
};
const jobs = { ...unlimitedJobs, ...limitedJobs };
const timerOf = (service: string) => service.replace('.service', '.timer');

const port = 7002;
const units = {
  ...jobs,
  ...Object.fromEntries(Object.keys(jobs).map((name) => [timerOf(name), everySecond(name)])),
  // It reads one datagram and is done.
  'echo.socket': `[Socket]\nListenDatagram=127.0.0.1:${port}\n`,
  'echo.service': "[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=sh -c 'head --bytes=1 <&3'\n",
};

/** One more than the second rule of the built-in policy asks for. */
const runs = 11;
const often = { interval: 50, timeout: 30_000 };

describeFlapd('a service that somebody wants again and again', { units }, (given) => {
  const toldOf = async (unit: string) => ({
    incidents: given.log.incidentEvents(unit).length,
    restarts: await given.http.sum('flapd_unit_restarts_total', { name: unit }),
    looping: await given.http.sum('flapd_unit_looping', { name: unit }),
  });
  const nothing = { incidents: 0, restarts: 0, looping: 0 };

  it('by a socket is no loop', async () => {
    const { lab } = given;
    await lab.systemctl('start', 'echo.socket');
    for (let run = 1; run <= runs; run += 1) {
      await lab.exec(['bash', '-c', `echo x >/dev/udp/127.0.0.1/${port}`]);
      await expect
        .poll(async () => [await runsOf('echo.service'), await stateOf('echo.service')], often)
        .toEqual([run, 'inactive\n']);
    }
    await given.settled();
    expect(await toldOf('echo.service')).toEqual(nothing);
  });

  it('by a timer is no loop, oneshot or not, in good order or failing, within the start limit or beyond', async () => {
    const { lab, http } = given;
    await lab.systemctl('start', ...Object.keys(jobs).map(timerOf));
    for (const name of Object.keys(unlimitedJobs))
      await expect.poll(() => runsOf(name), often).toBeGreaterThanOrEqual(runs);
    await given.settled();
    for (const name of Object.keys(jobs)) expect(await toldOf(name)).toEqual(nothing);
    for (const name of Object.keys(limitedJobs)) expect(await refusalsOf(name)).toBeGreaterThan(0);
    expect(await http.incidents()).toEqual([]);
  });

  const runsOf = async (unit: string) => (await countInJournal(given.lab.exec, unit)).runs;
  const stateOf = (unit: string) => given.lab.systemctl('show', '--property=ActiveState', '--value', unit);
  const refusalsOf = async (unit: string) => {
    const log = await given.lab.exec(['journalctl', '--quiet', '--output=cat', '_PID=1', `UNIT=${unit}`]);
    return log.stdout.split('\n').filter((line) => line.includes('Start request repeated too quickly'))
      .length;
  };
});
