import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import type { IncidentView, UnitView } from '../../src/core/view.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { flapdInLab, labNode } from '../lab/lab.ts';
import { startUserManager, type UserManager } from '../lab/user-manager.ts';
import { countInJournal } from '../scenarios/manager-journal.ts';
import { looping } from './flapd-service.ts';

/**
 * Processes of the user that take the name of the user's manager, and tell of restarts of a unit of the same name.
 * journald reads a sender's name from /proc: one that had ended by then would have no name at all, and prove nothing.
 * `-s` makes logger print what it has sent, which is more than a pipe holds, so that it lives until somebody reads.
 */
const imitator = `#!/bin/bash
printf systemd >/proc/self/comm
fill=$(head -c 100000 /dev/zero | tr '\\0' x)
for count in 1 2 3 4 5 6 7 8 9; do
  printf '%s\n' MESSAGE=forged MESSAGE_ID=5eb03494b6584870a536b337290809b3 USER_UNIT=victim.service UNIT=loop.service \
    "USER_INVOCATION_ID=0123456789abcdef0123456789abcde$count" "INVOCATION_ID=0123456789abcdef0123456789abcde$count" \
    "N_RESTARTS=$count" "FILL=$fill" >/tmp/forged.$$.$count
  /tmp/systemd -s --journald=/tmp/forged.$$.$count 2>&1 | (sleep 1; cat >/dev/null) &
done
wait
`;

describeLab('the journal of a user', (given) => {
  let manager: UserManager;
  beforeAll(async () => {
    manager = await startUserManager(given.lab);
    await given.lab.writeFile('/usr/local/bin/imitator', imitator);
    await given.lab.exec(['sh', '-c', 'cp /usr/bin/logger /tmp/systemd; chmod 755 /tmp/systemd']);
    await manager.addUnits({
      'loop.service': looping(78),
      'imitator.service': '[Service]\nType=oneshot\nExecStart=/usr/local/bin/imitator\n',
    });
    await given.lab.addUnits({ 'loop.service': '[Service]\nExecStart=sleep infinity\n' });
    await given.lab.systemctl('start', 'loop.service');
    await manager.systemctl('start', 'loop.service');
    await manager.systemctl('start', 'imitator.service');
    for (let looks = 0; looks < 200 && (await restarts()) < 6; looks += 1) await sleep(50);
    await manager.systemctl('stop', 'loop.service');
    await given.lab.exec(['journalctl', '--sync']);
  });

  async function restarts(): Promise<number> {
    return Number(await manager.systemctl('show', '--property=NRestarts', '--value', 'loop.service'));
  }

  async function replay(
    exec: UserManager['exec'],
    ...argv: readonly string[]
  ): Promise<{ units: readonly UnitView[]; incidents: readonly IncidentView[] }> {
    const { lab } = given;
    const { code, stdout, stderr } = await exec([labNode(lab.root), flapdInLab, 'replay', '--json', ...argv]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as { units: readonly UnitView[]; incidents: readonly IncidentView[] };
  }

  it('tells of the services of that user, and of nothing that a process of the user’s makes up', async () => {
    const { lab } = given;
    const forged = async (): Promise<number> => {
      await manager.exec(['/usr/local/bin/imitator']);
      await lab.exec(['journalctl', '--sync']);
      const count = 'journalctl -q -o json MESSAGE=forged _COMM=systemd | wc -l';
      return Number((await lab.exec(['sh', '-c', count])).stdout);
    };
    await expect.poll(forged, { timeout: 30_000 }).toBeGreaterThanOrEqual(5);
    const told = await replay(manager.exec, '--user');
    const journal = await countInJournal(lab.exec, 'loop.service', manager.user.uid);
    expect(told.units.map(({ unit }) => unit)).toEqual(['loop.service']);
    expect(told.units[0]?.restarts).toEqual({ automatic: journal.restarts, external: 0, inferred: 0 });
    expect(told.incidents).toHaveLength(1);
  });

  it('is what advice on them goes by', async () => {
    const { lab } = given;
    const argv = ['advise', '--user', 'loop.service'];
    const { stdout, stderr } = await manager.exec([labNode(lab.root), flapdInLab, ...argv]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/\n {2}\+ RestartPreventExitStatus=78\n {6}The main process ended \d+ times/);
    expect(stdout).toContain('flapd advise --user loop.service --print | ');
  });

  it('says nothing of the system’s service of the same name', async () => {
    const { units } = await replay(given.lab.exec);
    expect(units.filter(({ unit }) => unit === 'loop.service')).toEqual([]);
  });

  it('is read from a file, too, where users are asked for', async () => {
    const { lab } = given;
    await lab.exec(['sh', '-c', 'journalctl -q -o json >/tmp/all.json']);
    const told = await replay(lab.exec, '--user', '/tmp/all.json');
    expect(told.incidents.map(({ unit }) => unit)).toEqual(['loop.service']);
    const { incidents } = await replay(lab.exec, '/tmp/all.json');
    expect(incidents).toEqual([]);
  });
});
