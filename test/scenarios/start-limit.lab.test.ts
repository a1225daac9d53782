import { describe, expect, it } from 'vitest';
import { describeFlapd, countsOf } from './describe-flapd.ts';

const dies = "ExecStart=sh -c '[ -e /run/mended ] && exec sleep infinity; exit 1'\nRestart=on-failure\n";

/** systemd's default limit is 5 starts in 10 s. */
const braked = [
  {
    unit: 'at-once.service',
    text: `[Service]\nRestartSec=0\n${dies}`,
    restarts: 5,
    events: ['opened', 'worsened'],
  },
  { unit: 'by-default.service', text: `[Service]\n${dies}`, restarts: 5, events: ['opened', 'worsened'] },
  {
    unit: 'before-any-rule.service',
    text: `[Unit]\nStartLimitBurst=2\nStartLimitIntervalSec=60\n[Service]\n${dies}`,
    restarts: 2,
    events: ['opened'],
  },
] as const;

const units = {
  ...Object.fromEntries(braked.map(({ unit, text }) => [unit, text])),
  'fails-once.service': '[Service]\nExecStart=false\n',
};
/** Incidents of units that are down for good stay open, however short this is. */
const policies = 'policies:\n  - name: short\n    match: ["*"]\n    calm_after: 1s\n';

describeFlapd('a service that systemd gives up on', { units, policies }, (given) => {
  it('is told of, while one that fails without Restart= is not', async () => {
    const { lab, log } = given;
    await lab.systemctl('start', '--no-block', ...Object.keys(units));
    for (const { unit } of braked) {
      await log.first(`${unit} is down`, (line) => line.unit === unit && line.kind === 'braked');
    }
    await given.settled();
    expect((await given.http.incidents()).map(({ unit }) => unit).toSorted()).toEqual(
      braked.map(({ unit }) => unit).toSorted(),
    );
  });

  describe.each(braked)('$unit', ({ unit, restarts, events }) => {
    it('opens one incident, which says that it is down, and is counted as by the journal', async () => {
      const { log, http } = given;
      expect(log.incidentEvents(unit)).toEqual(events);
      const incident = (await http.incidents()).find((each) => each.unit === unit);
      expect(incident).toMatchObject({
        kind: 'braked',
        restarts,
        exits: [{ process: 'main', code: 'exited', status: 1, result: 'exit-code', count: restarts }],
      });
      expect(incident).not.toHaveProperty('closedAt');
      const last = log.lines.findLast((line) => line.unit === unit && line.event?.startsWith('incident-'));
      expect(last?.message).toMatch(
        new RegExp(
          `^${unit} is down: systemd gave up at its start limit after ${restarts} restarts.*status 1/FAILURE`,
        ),
      );
      expect(await http.unit(unit)).toMatchObject({ verdict: 'braked' });
      const { flapd, journal } = await countsOf(given, unit);
      expect(flapd).toEqual(journal);
      expect(flapd).toEqual({ restarts, runs: restarts });
    });
  });

  it('is over once it is mended, started by hand, and stays up', async () => {
    const { lab, log, http } = given;
    await lab.writeFile('/run/mended', '');
    await lab.systemctl('reset-failed');
    await lab.systemctl('start', ...braked.map(({ unit }) => unit));
    for (const { unit, events } of braked) {
      await log.first(`${unit} is well`, (line) => line.unit === unit && line.event === 'incident-closed');
      expect(log.incidentEvents(unit)).toEqual([...events, 'closed']);
    }
    expect((await http.incidents()).map(({ closedBecause }) => closedBecause)).toEqual(
      braked.map(() => 'stable'),
    );
  });
});
