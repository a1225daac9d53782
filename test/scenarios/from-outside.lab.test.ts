import { describe, expect, it } from 'vitest';
import { countsOf, describeFlapd } from './describe-flapd.ts';

/** Every start counts at systemd's start limit, those by hand too. */
const service = '[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=sleep infinity\nRestart=on-failure\n';

const restart = 'systemctl restart "$1"';
const stopStart = 'systemctl stop "$1"; systemctl start "$1"';

/** systemd unloads a stopped unit that nothing refers to; default.target keeps the `wanted` one. */
const loops = [
  { unit: 'restarted.service', command: restart },
  { unit: 'stopped.service', command: stopStart },
  { unit: 'wanted.service', command: stopStart },
];
const few = [
  { unit: 'deployed.service', command: restart, times: 3 },
  { unit: 'by-hand.service', command: stopStart, times: 2 },
];

const limited = 'limited.service';

const units = {
  [limited]: '[Service]\nExecStart=sleep infinity\n',
  ...Object.fromEntries([...loops, ...few].map(({ unit }) => [unit, service])),
  'default.target.d/wants.conf': '[Unit]\nWants=wanted.service\n',
};

describeFlapd('a service restarted from outside', { units }, (given) => {
  async function repeat(unit: string, command: string, times: number): Promise<void> {
    await given.lab.systemctl('start', unit);
    const script = `i=0; while [ $i -lt ${times} ]; do ${command}; i=$((i + 1)); done`;
    expect(await given.lab.exec(['sh', '-c', script, 'sh', unit])).toMatchObject({ code: 0, stderr: '' });
    await given.settled();
  }

  describe.each(loops)('over and over: $unit', ({ unit, command }) => {
    it('opens one incident, which says that it was not Restart=', async () => {
      await repeat(unit, command, 8);
      const { log, http, lab } = given;
      expect(log.incidentEvents(unit)).toEqual(['opened']);
      const opened = log.lines.find((line) => line.unit === unit && line.event === 'incident-opened');
      expect(opened).toMatchObject({ kind: 'loop', rule: { restarts: 5, within: '2min' }, restarts: 5 });
      expect(opened?.message).toContain('started from outside each time, not by Restart=');
      const incidents = (await http.incidents()).filter((each) => each.unit === unit);
      expect(incidents).toMatchObject([{ restarts: 8, exits: [{ status: 15, result: 'success' }] }]);
      expect(await http.unit(unit)).toMatchObject({ restarts: { automatic: 0, external: 8, inferred: 0 } });
      await lab.systemctl('stop', unit);
      await given.settled();
      const { flapd, journal } = await countsOf(given, unit);
      expect(flapd).toEqual(journal);
      expect(flapd).toEqual({ restarts: 0, runs: 9 });
    });
  });

  it('until systemd refuses: opens one incident, which says that it is down', async () => {
    const { lab, log, http } = given;
    await lab.systemctl('start', limited);
    // Of 5 starts in 10 s the first was not a restart; the sixth is refused.
    await lab.exec(['sh', '-c', `for i in 1 2 3 4 5; do ${restart}; done`, 'sh', limited]);
    await given.settled();
    expect(log.incidentEvents(limited)).toEqual(['opened']);
    const [incident] = (await http.incidents()).filter(({ unit }) => unit === limited);
    expect(incident).toMatchObject({ kind: 'braked', restarts: 4 });
    expect(incident?.sentence).toMatch(
      /^limited\.service is down: systemd gave up at its start limit after 4 restarts/,
    );
  });

  describe.each(few)('$times times, as a deploy or a hand does: $unit', ({ unit, command, times }) => {
    it('opens no incident', async () => {
      await repeat(unit, command, times);
      const { log, http } = given;
      expect(log.incidentEvents(unit)).toEqual([]);
      expect((await http.unit(unit)).restarts).toEqual({ automatic: 0, external: times, inferred: 0 });
      expect(await http.sum('flapd_unit_looping', { name: unit })).toBe(0);
    });
  });
});
