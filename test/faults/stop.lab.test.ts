import { expect, it } from 'vitest';
import { complaintsIn, crashes, describeWatched, timed } from './describe-watched.ts';

const promisedMs = 5000;

/**
 * A bus that takes connections and never says a word: its socket listens, and nobody accepts. Its service never comes to run:
 * PID 1 would connect to it then, and was once seen to wait for its answer, on 257.
 */
const mute = `[Service]
ExecStartPre=sleep infinity
TimeoutStartSec=infinity
`;

const often = '[Unit]\nStartLimitIntervalSec=0\n';

describeWatched(
  'flapd that is told to stop',
  { units: { 'loops.service': crashes(1_000_000, 0.2), 'dbus.service.d/often.conf': often } },
  (given) => {
    const show = async (property: string): Promise<string> =>
      (await given.lab.systemctl('show', '--value', `--property=${property}`, 'flapd.service')).trim();
    const began = async (): Promise<void> => {
      const { lab, log } = given;
      const before = log.lines.length;
      await lab.systemctl('start', 'flapd.service');
      await expect
        .poll(() => log.lines.slice(before).some(({ message }) => message.includes(' watches ')), {
          timeout: 10_000,
        })
        .toBe(true);
    };
    const said = async (start: string, since: number): Promise<void> => {
      const { log } = given;
      await expect
        .poll(() => log.lines.slice(since).some(({ message }) => message.startsWith(start)), {
          timeout: 10_000,
        })
        .toBe(true);
    };
    /** How many flapd has open. */
    const sockets = async (): Promise<number> => {
      const list = `ls -l /proc/${await show('MainPID')}/fd | grep -c socket:`;
      return Number((await given.lab.exec(['sh', '-c', list])).stdout);
    };
    const expectStopsSoon = async (): Promise<void> => {
      const { tookMs } = await timed(() => given.lab.systemctl('stop', 'flapd.service'));
      expect(tookMs).toBeLessThan(promisedMs);
      expect(await show('Result')).toBe('success');
      expect(await show('ExecMainStatus')).toBe('0');
    };

    it('stops within 5 s while a unit loops', async () => {
      await given.lab.systemctl('start', 'loops.service');
      await given.log.first('incident', ({ event }) => event === 'incident-opened');
      await expectStopsSoon();
    });

    it('stops within 5 s while the bus hangs', async () => {
      const { lab } = given;
      await began();
      await lab.systemctl('kill', '--signal=SIGSTOP', 'dbus.service');
      await expectStopsSoon();
      await lab.systemctl('kill', '--signal=SIGCONT', 'dbus.service');
    });

    it('stops within 5 s while there is no bus', async () => {
      const { lab, log } = given;
      await began();
      const before = log.lines.length;
      await lab.systemctl('stop', 'dbus.socket', 'dbus.service');
      await said('Lost', before);
      await expectStopsSoon();
      await lab.systemctl('start', 'dbus.socket', 'dbus.service');
    });

    it('stops within 5 s while it waits for a bus that does not answer', async () => {
      const { lab, log } = given;
      await began();
      const before = log.lines.length;
      const connected = await sockets();
      await lab.addUnits({ 'dbus.service.d/mute.conf': mute });
      await lab.systemctl('kill', '--signal=SIGKILL', 'dbus.service');
      await said('Lost', before);
      // Connected again, and not accepted.
      await expect.poll(sockets, { timeout: 10_000, interval: 20 }).toBe(connected);
      await expectStopsSoon();
    });

    it('complains about nothing then but the bus', () => {
      const lost = /^Lost the connection to systemd /;
      expect(complaintsIn(given.log).filter((message) => !lost.test(message))).toEqual([]);
    });

    it('stops within 5 s before its start is over', async () => {
      const { lab } = given;
      await lab.systemctl('start', '--no-block', 'flapd.service');
      await expect.poll(() => show('MainPID'), { timeout: 5000, interval: 20 }).not.toBe('0');
      const { tookMs } = await timed(() => lab.systemctl('stop', 'flapd.service'));
      expect(tookMs).toBeLessThan(promisedMs);
    });
  },
);
