import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Lab } from '../lab/lab.ts';
import { BusMonitor } from './bus-monitor.ts';
import { describeFlapd } from './describe-flapd.ts';

/** The one fixed wait of the scenarios: that nothing happens is no event. */
const silentMs = 3000;

const units = {
  'loop.service': `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=sh -c '[ -e /run/mended ] && exec sleep infinity; exit 1'
Restart=on-failure
`,
};

describeFlapd('while nothing changes', { units }, (given) => {
  it('flapd asks systemd nothing, also with an incident open', async () => {
    const { lab, log } = given;
    using monitor = new BusMonitor(lab, await nameOfFlapd(lab));
    await monitor.mark();
    await lab.systemctl('start', 'loop.service');
    await log.first('incident', ({ event }) => event === 'incident-opened');
    await lab.writeFile('/run/mended', '');
    await expect
      .poll(() => lab.systemctl('show', '--property=SubState', 'loop.service'))
      .toBe('SubState=running\n');
    await given.settled();
    await monitor.mark();
    // It asks for the CPU of each run that died, so the monitor sees what there is to be seen.
    expect(monitor.calls.filter((line) => line.endsWith('\tGet')).length).toBeGreaterThanOrEqual(5);
    const before = monitor.calls.length;
    await sleep(silentMs);
    await monitor.mark();
    expect(monitor.calls.slice(before)).toEqual([]);
  });

  it('nor where services come and go in good order', async () => {
    using monitor = new BusMonitor(given.lab, await nameOfFlapd(given.lab));
    await monitor.mark();
    await given.settled();
    await given.lab.systemctl('stop', 'mark@*.service');
    await given.settled();
    await monitor.mark();
    expect(monitor.calls).toEqual([]);
  });
});

async function nameOfFlapd(lab: Lab): Promise<string> {
  const pid = (await lab.systemctl('show', '--property=MainPID', '--value', 'flapd.service')).trim();
  const { stdout } = await lab.exec(['busctl', '--no-legend', 'list', '--unique']);
  const rows = stdout.split('\n').map((line) => line.split(/\s+/));
  const name = rows.find((row) => row[1] === pid)?.[0];
  if (name === undefined) throw new Error(`process ${pid} is not on the bus:\n${stdout}`);
  return name;
}
