import { describe, expect, it } from 'vitest';
import { describeFlapd, countsOf } from './describe-flapd.ts';
import { flapdInLab, labNode } from '../lab/lab.ts';

const odd = String.raw`odd:name-with_dots.and\x2dmore@in:st_an-ce.x\x40y.service`;
const longest = `${'l'.repeat(247)}.service`;
const names = ['t@a.service', odd, longest, '0-_.service', '-.-@-.service'];

/** Each with a status of its own: five that die alike at once would be one incident. */
const loops = (status: number): string => `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=sh -c 'sleep 0.1; exit ${status}'
Restart=on-failure
`;
const healthy = '[Service]\nExecStart=sleep infinity\nRestart=on-failure\n';

const units = {
  't@.service': loops(5),
  't@b.service': healthy,
  ...Object.fromEntries(names.slice(1).map((name, index) => [name, loops(6 + index)])),
};

describeFlapd('a name', { units }, (given) => {
  it('may hold every legal character, and the sibling of a template is left alone', async () => {
    const { lab, log, http } = given;
    await lab.systemctl('start', '--no-block', '--', 't@b.service', ...names);
    for (const name of names) {
      await log.several(
        `${name} restarted 6 times`,
        6,
        (line) => line.event === 'restarted' && line.unit === name,
      );
    }
    await lab.systemctl('stop', '--', ...names);
    await given.settled();
    expect((await http.incidents()).map(({ unit }) => unit).toSorted()).toEqual(names.toSorted());
    expect(await http.unit('t@b.service')).toMatchObject({
      unit: 't@b.service',
      verdict: 'calm',
      restarts: { automatic: 0, external: 0 },
      exits: [],
    });
    expect(await http.sum('flapd_unit_looping', { name: 't@b.service' })).toBe(0);
  });

  describe.each(names)('%s', (name) => {
    it('is spelled right in the log, the API, the metrics and on the command line', async () => {
      const { lab, log, http } = given;
      expect(log.incidentEvents(name)).toEqual(['opened']);
      const opened = log.lines.find((line) => line.event === 'incident-opened' && line.unit === name);
      expect(opened?.message.startsWith(`${name} is in a restart loop: 5 restarts`)).toBe(true);
      expect(await http.unit(name)).toMatchObject({
        unit: name,
        // It was stopped a moment ago, and its incident is still open.
        verdict: expect.stringMatching(/^(looping|recovering)$/),
        incident: opened?.incident,
      });
      const { flapd, journal } = await countsOf(given, name);
      expect(flapd).toEqual(journal);
      const { stdout } = await lab.exec([labNode(lab.root), flapdInLab, 'status', '--', name]);
      expect(stdout).toMatch(/^UNIT/);
      expect(stdout.split('\n')[1]?.startsWith(`${name}  `)).toBe(true);
    });
  });
});
