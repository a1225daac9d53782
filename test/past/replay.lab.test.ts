import { afterAll, beforeAll, expect, it } from 'vitest';
import type { IncidentView, UnitView } from '../../src/core/view.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { countInJournal } from '../scenarios/manager-journal.ts';
import { FlapdService, looping } from './flapd-service.ts';

interface Replay {
  readonly units: readonly UnitView[];
  readonly incidents: readonly IncidentView[];
}

/** Says over and over what PID 1 would say if victim.service were caught in a loop, in its very fields. */
const forger = `#!/bin/bash
for count in 1 2 3 4 5 6 7 8 9; do
  for id in 39f53479d3a045ac8e11786248231fbf 98e322203f7a4ed290d09fe03c09fe15 d9b373ed55a64feb8242e02dbe79a49c 5eb03494b6584870a536b337290809b3; do
    printf '%s\\n' "MESSAGE=victim.service: Scheduled restart job, restart counter is at $count." "MESSAGE_ID=$id" \\
      UNIT=victim.service "INVOCATION_ID=0123456789abcdef0123456789abcde$count" "N_RESTARTS=$count" _PID=1 _COMM=systemd \\
      _SYSTEMD_USER_UNIT=init.scope COMMAND=ExecStart EXIT_CODE=exited EXIT_STATUS=1 UNIT_RESULT=exit-code \\
      SYSLOG_IDENTIFIER=systemd | logger --journald
  done
  echo "<3>victim.service: Scheduled restart job, restart counter is at $count."
done
`;

/** However slow the machine is, it never comes to a rule. */
const threeTimes = `[Service]
ExecStart=sh -c 'n=$(cat /run/short || echo 0); echo $((n + 1)) >/run/short; [ "$n" = 3 ] && exec sleep infinity; exit 1'
Restart=on-failure
RestartSec=200ms
`;

const units = {
  'loop.service': looping(78),
  'short.service': threeTimes,
  'victim.service': '[Service]\nExecStart=sleep infinity\n',
  'forger.service': '[Service]\nType=oneshot\nExecStart=/usr/local/bin/forger\n',
};

describeLab('flapd replay and flapd history', (given) => {
  let flapd: FlapdService;
  let live: Replay;
  beforeAll(async () => {
    const { lab } = given;
    await lab.writeFile('/usr/local/bin/forger', forger);
    await lab.writeFile('/etc/strict/policies.d/10-strict.yaml', strict);
    flapd = await FlapdService.install(lab, units);
    await flapd.start();
    await lab.systemctl('start', 'loop.service', 'short.service', 'victim.service', 'forger.service');
    await flapd.whenRestarted('short.service', 3);
    await lab.systemctl('stop', 'short.service');
    await flapd.whenRestarted('loop.service', 7);
    await lab.systemctl('stop', 'loop.service');
    await flapd.settled();
    await lab.exec(['journalctl', '--sync']);
    live = await replay();
  });
  afterAll(() => flapd.log.end());

  async function replay(argv: readonly string[] = [], input?: string): Promise<Replay> {
    const { code, stdout, stderr } = await flapd.cli(['replay', '--json', ...argv], input);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as Replay;
  }

  const restartsOf = ({ units: seen }: Replay, unit: string): UnitView['restarts'] | undefined =>
    seen.find((each) => each.unit === unit)?.restarts;
  const inShort = ({ units: seen, incidents }: Replay): unknown => ({
    units: seen
      .filter(({ unit }) => unit in units)
      .map(({ unit, restarts, exits }) => ({ unit, restarts, exits })),
    incidents: incidents.map(({ id, unit, kind, restarts, exits }) => ({ id, unit, kind, restarts, exits })),
  });

  it('counts from the journal what flapd counted as it happened, and opens the same incident', async () => {
    const { restarts } = await countInJournal(given.lab.exec, 'loop.service');
    expect(restartsOf(live, 'loop.service')).toEqual({ automatic: restarts, external: 0, inferred: 0 });
    expect(live.incidents.map(({ unit }) => unit)).toEqual(['loop.service']);
    const [told] = await flapd.http.incidents();
    const [replayed] = live.incidents;
    // How a run that was stopped ended the journal does not say (facts §9).
    expect(replayed).toMatchObject({
      restarts: told?.restarts,
      exits: expect.arrayContaining([told?.exits[0]]),
      rule: told?.rule,
    });
    const apartMs = Date.parse(replayed?.openedAt ?? '') - Date.parse(told?.openedAt ?? '');
    expect(Math.abs(apartMs)).toBeLessThan(1000);
  });

  it.each([
    { how: 'a copy of the journal by -D', argv: ['-D', '/tmp/copy'] },
    { how: 'the same by --directory', argv: ['--directory', '/tmp/copy'] },
    { how: 'a file of `journalctl -o json`', argv: ['/tmp/journal.json'] },
  ])('tells the same from $how', async ({ argv }) => {
    await given.lab.exec(['sh', '-c', copy]);
    expect(inShort(await replay(argv))).toEqual(inShort(live));
  });

  it('tells the same from standard input', async () => {
    const { stdout } = await given.lab.exec(['journalctl', '--output=json', '_PID=1']);
    expect(inShort(await replay(['-'], stdout))).toEqual(inShort(live));
  });

  it('opens more incidents under stricter policies', async () => {
    const { incidents } = await replay(['--config', '/etc/strict']);
    expect(incidents.map(({ unit }) => unit).toSorted()).toEqual(['loop.service', 'short.service']);
  });

  it('shows a table of one screen, and says that nothing is told where nothing is', async () => {
    const { stdout } = await flapd.cli(['replay']);
    const lines = stdout.split('\n');
    expect(lines.length).toBeLessThan(40);
    expect(stdout).toMatch(/^loop\.service +\d .* \d × 78\/CONFIG/m);
    expect(stdout).toContain('These policies would have opened 1 incident:');
    expect((await flapd.cli(['replay', '-'], '')).stdout).toMatch(/^The journal says nothing about services/);
  });

  it('believes no service that imitates PID 1: not in replay, history, status or a backfill', async () => {
    const { lab } = given;
    const { stdout: forged } = await lab.exec([
      'sh',
      '-c',
      'journalctl -o json UNIT=victim.service N_RESTARTS=9 | wc -l',
    ]);
    expect(Number(forged)).toBeGreaterThan(0);
    expect(restartsOf(live, 'victim.service')).toBeUndefined();
    const { stdout } = await flapd.cli(['history', 'victim']);
    expect(stdout).toBe('The journal of the last 1w tells of no end of victim.service.\n');
    await flapd.kill();
    await flapd.start();
    await flapd.settled();
    expect(flapd.log.incidentEvents('victim.service')).toEqual([]);
    expect(await flapd.http.sum('flapd_unit_restarts_total', { name: 'victim.service' })).toBe(0);
    expect((await flapd.cli(['status', '--all'])).stdout).not.toContain('victim');
  });

  it('knows a service by its alias too', async () => {
    const folder = '/run/systemd/system';
    await given.lab.exec(['ln', '-s', `${folder}/short.service`, `${folder}/brief.service`]);
    await given.lab.systemctl('daemon-reload');
    const { stdout } = await flapd.cli(['history', '--json', 'brief']);
    expect(stdout).toBe((await flapd.cli(['history', '--json', 'short'])).stdout);
    expect(stdout).toContain('the main process exited with status 1/FAILURE');
  });

  it('lists each end of a run and each incident of a unit', async () => {
    const { runs } = await countInJournal(given.lab.exec, 'loop.service');
    const { stdout } = await flapd.cli(['history', 'loop', '--json']);
    const entries = JSON.parse(stdout) as { kind: string; code?: string; status?: number; sequel?: string }[];
    const exits = entries.filter(({ kind }) => kind === 'exit');
    expect(exits).toHaveLength(runs);
    expect(exits[0]).toMatchObject({ code: 'exited', status: 78, name: 'CONFIG', sequel: 'automatic' });
    expect(exits[0]).toHaveProperty('uptimeSeconds');
    expect(exits.at(-1)).toMatchObject({ sequel: 'none' });
    expect(entries.filter(({ kind }) => kind === 'incident')).toHaveLength(1);
    const table = (await flapd.cli(['history', 'loop'])).stdout;
    expect(table.split('\n')[0]).toMatch(/^TIME +AGO +UPTIME +CPU +THEN +EXIT$/);
    expect(table).toMatch(/restarted by systemd +the main process exited with status 78\/CONFIG/);
    expect(table).toContain('-- incident opened: ');
  });

  it.each(['unheard-of', 'mark@99'])(
    'says of %s, which never ran, that the journal tells nothing',
    async (unit) => {
      const { code, stdout } = await flapd.cli(['history', unit]);
      expect(code).toBe(0);
      expect(stdout).toBe(`The journal of the last 1w tells of no end of ${unit}.service.\n`);
    },
  );
});

const strict = `policies:
  - name: strict
    match: [short.service]
    loop: [{ restarts: 2, within: 1min }]
`;

const copy =
  'rm -rf /tmp/copy; cp -r /var/log/journal /tmp/copy 2>/dev/null || cp -r /run/log/journal /tmp/copy; journalctl -o json >/tmp/journal.json';
