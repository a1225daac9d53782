import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { flapdInLab, labNode } from '../lab/lab.ts';
import { startUserManager, type UserManager } from '../lab/user-manager.ts';
import { FlapdHttp } from './flapd-http.ts';
import { FlapdLog } from './flapd-log.ts';
import { countInJournal } from './manager-journal.ts';

/** It lives on after its line: journald finds out by /proc which user's unit a line is of, and from who is gone it can't. */
const loops = `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=sh -c 'echo open /etc/loop.conf: no such file or directory; sleep 0.3; exit 78'
Restart=on-failure
`;

describeLab('a service of a user', (given) => {
  let manager: UserManager;
  let log: FlapdLog;

  beforeAll(async () => {
    const { lab } = given;
    manager = await startUserManager(lab);
    const run = `${labNode(lab.root)} ${flapdInLab} run --user --bus=${manager.env.DBUS_SESSION_BUS_ADDRESS}`;
    await manager.addUnits({
      'flapd.service': `[Service]\nType=notify\nNotifyAccess=all\nExecStart=${run} --log-level debug\n`,
      'loop.service': loops,
      'mark.service': '[Service]\nExecStart=sleep infinity\n',
    });
    // The system manager's unit of the same name is another one.
    await lab.addUnits({ 'loop.service': '[Service]\nExecStart=sleep infinity\n' });
    await lab.systemctl('start', 'loop.service');
    log = new FlapdLog(
      lab.spawn([
        'journalctl',
        '--follow',
        '--lines=all',
        '--output=cat',
        '_SYSTEMD_USER_UNIT=flapd.service',
      ]),
    );
    await manager.systemctl('start', 'flapd.service');
  });
  afterAll(() => log.end());

  it('opens one incident, and is counted as by the journal', async () => {
    const { lab } = given;
    const http = new FlapdHttp(lab.exec);
    const started = await log.first('watches', ({ message }) => message.includes(' watches '));
    expect(started.message).toContain('(user manager)');
    await manager.systemctl('start', 'loop.service');
    await log.several('6 restarts', 6, ({ event }) => event === 'restarted');
    await manager.systemctl('stop', 'loop.service');
    await manager.systemctl('start', 'mark.service');
    await manager.systemctl('restart', 'mark.service');
    await log.first('mark.service was restarted', ({ unit }) => unit === 'mark.service');

    expect(log.incidentEvents('loop.service')).toEqual(['opened']);
    const opened = log.lines.find(({ event }) => event === 'incident-opened');
    expect(opened).toMatchObject({
      unit: 'loop.service',
      restarts: 5,
      exits: [{ process: 'main', code: 'exited', status: 78, name: 'CONFIG', result: 'exit-code', count: 5 }],
    });
    await log.first('its cause', ({ event }) => event === 'explained');
    const [incident, ...others] = await http.incidents();
    expect(others).toEqual([]);
    expect(incident?.causes?.[0]).toMatchObject({
      id: 'missing-file',
      state: 'confirmed',
      sentence: '/etc/loop.conf does not exist.',
    });
    expect({
      restarts: await http.sum('flapd_unit_restarts_total', { name: 'loop.service', trigger: 'auto' }),
      runs: await http.sum('flapd_unit_exits_total', { name: 'loop.service' }),
    }).toEqual(await countInJournal(lab.exec, 'loop.service', manager.user.uid));
    expect(await manager.systemctl('show', '--property=NRestarts', 'flapd.service')).toBe('NRestarts=0\n');
  });
});
