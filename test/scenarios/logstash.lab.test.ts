import { expect, it } from 'vitest';
import { flapdInLab, labNode } from '../lab/lab.ts';
import { describeFlapd, countsOf } from './describe-flapd.ts';

const database = '/etc/logstash/GeoLiteCity.dat';

/** The story at twenty times its pace: 0.4 s up where it was 8. */
const logstash = `#!/bin/sh
if [ -e ${database} ]; then exec sleep infinity; fi
sleep 0.4
echo 'File does not exist or cannot be opened ${database}' >&2
exit 1
`;

// At this pace systemd's own start limit, 5 starts in 10 s, would end the story.
const unit = `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=/usr/local/bin/logstash
Restart=on-failure
`;

const options = {
  files: { '/usr/local/bin/logstash': logstash },
  units: { 'logstash.service': unit, 'web.service': '[Service]\nExecStart=sleep infinity\n' },
  policies: 'policies:\n  - name: story\n    match: ["logstash.service"]\n    calm_after: 3s\n',
};

describeFlapd('logstash, whose database is missing', options, (given) => {
  const name = 'logstash.service';

  it('is one incident, opened at the fifth automatic restart', async () => {
    const { lab, log } = given;
    await lab.systemctl('start', 'web.service', name);
    const opened = await log.first('incident-opened', ({ event }) => event === 'incident-opened');
    const restartsBefore = log.lines
      .slice(0, log.lines.indexOf(opened))
      .filter(({ event }) => event === 'restarted');
    expect(restartsBefore.map((line) => line.unit)).toEqual(Array.from({ length: 5 }, () => name));
    expect(opened).toMatchObject({
      level: 'warn',
      unit: name,
      kind: 'loop',
      policy: 'story',
      rule: { restarts: 5, within: '2min' },
      restarts: 5,
      exits: [{ process: 'main', code: 'exited', status: 1, name: 'FAILURE', result: 'exit-code', count: 5 }],
    });
    expect(opened.message).toMatch(
      /^logstash\.service is in a restart loop: 5 restarts in [\d.]+m?s \(rule: 5 within 2min\).*the main process exited with status 1\/FAILURE after [\d.]+m?s/,
    );
    expect(opened.periodSeconds).toBeGreaterThan(0.4);
    expect(opened.periodSeconds).toBeLessThan(2);
  });

  it('is told with its cause', async () => {
    const { log, http } = given;
    const explained = await log.first('explained', ({ event }) => event === 'explained');
    const why = `${database} does not exist: already /etc/logstash is missing.`;
    expect(explained.message).toBe(`Why ${name} dies: ${why} (missing-file, confirmed)`);
    const [incident] = await http.incidents();
    expect(incident?.causes).toMatchObject([
      {
        id: 'missing-file',
        state: 'confirmed',
        sentence: why,
        proof: [
          `File does not exist or cannot be opened ${database}`,
          'seen now: /etc/logstash does not exist',
        ],
      },
    ]);
  });

  it('is told with advice', async () => {
    const { log, http } = given;
    const advised = await log.first('advised', ({ event }) => event === 'advised');
    expect(advised.message).toMatch(
      /^Advice on logstash\.service: RestartPreventExitStatus=1\. The main process ended \d times/,
    );
    const [incident] = await http.incidents();
    expect(incident?.advice?.directives).toMatchObject([{ directive: 'RestartPreventExitStatus', to: '1' }]);
    expect(incident?.advice?.counterfactual?.restarts.wouldBe).toBe(0);
    const status = await given.lab.exec([labNode(given.lab.root), flapdInLab, 'status']);
    expect(status.stdout).toContain('  Advice: RestartPreventExitStatus=1 (flapd advise logstash.service)\n');
  });

  it('says nothing new while the loop goes on', async () => {
    const { log, http } = given;
    await log.several('8 restarts', 8, ({ event }) => event === 'restarted');
    expect(log.incidentEvents(name)).toEqual(['opened']);
    expect(await http.incidents()).toHaveLength(1);
    expect(await http.unit(name)).toMatchObject({
      verdict: 'looping',
      policy: 'story',
      brakeEffective: false,
    });
    expect(await http.sum('flapd_unit_looping', { name })).toBe(1);
  });

  it('is closed as stable once it is mended and stays up', async () => {
    const { lab, log, http } = given;
    await lab.writeFile(database, 'not really a database\n');
    const closed = await log.first('incident-closed', ({ event }) => event === 'incident-closed');
    expect(closed).toMatchObject({ level: 'info', unit: name, closedBecause: 'stable' });
    expect(log.incidentEvents(name)).toEqual(['opened', 'closed']);
    expect(await http.unit(name)).toMatchObject({ verdict: 'calm' });
    const [incident] = await http.incidents();
    const opened = log.lines.find(({ event }) => event === 'incident-opened');
    expect(incident).toMatchObject({ id: opened?.incident, closedBecause: 'stable' });
    expect(Date.parse(incident?.closedAt ?? '') - Date.parse(opened?.openedAt ?? '')).toBeGreaterThan(3000);
  });

  it('counts what the journal counts, and leaves its neighbour alone', async () => {
    await given.lab.systemctl('stop', name);
    await given.settled();
    const { flapd, journal } = await countsOf(given, name);
    expect(flapd).toEqual(journal);
    expect(flapd.restarts).toBeGreaterThanOrEqual(8);
    expect(await given.http.incidents()).toHaveLength(1);
    expect(await given.http.unit('web.service')).toMatchObject({ verdict: 'calm', exits: [] });
  });
});
