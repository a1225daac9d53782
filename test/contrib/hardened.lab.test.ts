import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { labNode, type Lab } from '../lab/lab.ts';
import { startUserManager } from '../lab/user-manager.ts';
import { FlapdService, looping } from '../past/flapd-service.ts';
import { holdToLimits, noOldHierarchies, type Held } from './old-hierarchies.ts';
import { contrib, settingsOf } from './unit-file.ts';

/** Settings that systemd has had since this version. */
const dropInSince = 254;

const sinks = `
sinks:
  hook: { type: webhook, url: "http://127.0.0.1:8001/" }
  page: { type: exec, command: [/usr/local/bin/page] }
`;

const receiver = `
require('node:http').createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    const { event, incident } = JSON.parse(body);
    require('node:fs').appendFileSync('/run/hook', event + ' ' + incident.unit + '\\n');
    response.end('ok');
  });
}).listen(8001, '127.0.0.1');
`;

/** It has the rights of flapd, which may write its state and nothing else. */
const page = `#!/bin/sh
cat >/dev/null
echo "$FLAPD_EVENT $FLAPD_UNIT" >>/var/lib/flapd/page
touch /etc/flapd/written /usr/written /run/written 2>/dev/null && echo 'writes everywhere' >>/var/lib/flapd/page
true
`;

const askSocket = `
require('node:http').get({ socketPath: '/run/flapd/http.sock', path: '/readyz', agent: false, headers: { host: 'localhost' } },
  (response) => console.log(response.statusCode));
`;

/** What is above it slows flapd down; what is above MemoryMax= would kill it. */
const { MemoryHigh = '', TasksMax = '' } = settingsOf(contrib('systemd/flapd.service'));
const limits = { memoryBytes: Number(/^(\d+)M$/.exec(MemoryHigh)?.[1]) * 2 ** 20, tasks: Number(TasksMax) };

/** As the postinst of a package does it. */
async function install(lab: Lab): Promise<FlapdService> {
  const flapd = `#!/bin/sh\nexec ${labNode(lab.root)} /opt/flapd/flapd.cjs "$@"\n`;
  await lab.writeFile('/usr/bin/flapd', flapd);
  await lab.writeFile('/usr/lib/sysusers.d/flapd.conf', contrib('systemd/sysusers.d/flapd.conf'));
  const setUp = ['systemd-sysusers flapd.conf', 'systemd-tmpfiles --create --prefix=/var/log/journal'];
  // A journal that was begun before its folder had its group stays root's.
  const { code, stderr } = await lab.exec(['sh', '-ec', [...setUp, 'journalctl --rotate'].join('\n')]);
  if (code !== 0) throw new Error(`Cannot set the lab up: ${stderr}`);
  return FlapdService.of(lab, {
    'flapd.service': contrib('systemd/flapd.service'),
    'flapd.service.d/lab.conf': '[Service]\nExecStart=\nExecStart=/usr/bin/flapd run --log-level debug\n',
    'receiver.service': `[Service]\nExecStart=${labNode(lab.root)} /usr/local/lib/receiver.cjs\n`,
    'loop.service': looping(1).replace(
      'sleep 0.1;',
      'sleep 0.1; echo bind: Address already in use, port 8001;',
    ),
    ...(lab.systemdVersion >= dropInSince && {
      'flapd.service.d/10-v254.conf': contrib('systemd/flapd.service.d/10-v254.conf'),
    }),
  });
}

const files = {
  '/etc/flapd/flapd.yaml': sinks,
  '/usr/local/bin/page': page,
  '/usr/local/lib/receiver.cjs': receiver,
  '/usr/local/lib/ask-socket.cjs': askSocket,
};

describeLab(
  'flapd.service of contrib/systemd',
  (given) => {
    let flapd: FlapdService;
    let held: Held | undefined;
    beforeAll(async () => {
      flapd = await install(given.lab);
      await given.lab.systemctl('start', 'receiver.service');
    });
    afterAll(() => {
      held?.release();
      flapd.log.end();
    });

    const linesOf = async (file: string): Promise<readonly string[]> =>
      (await given.lab.exec(['sh', '-c', `cat ${file} 2>/dev/null || true`])).stdout.trim().split('\n');
    const openings = (): number =>
      flapd.log.incidentEvents('loop.service').filter((event) => event === 'opened').length;
    const watching = (): number =>
      flapd.log.lines.filter(({ message }) => message.includes(' watches ')).length;

    it('is a unit without a fault, and exposed to 1.5 at most', async () => {
      const { lab } = given;
      const unit = '/run/systemd/system/flapd.service';
      const verified = await lab.exec(['systemd-analyze', 'verify', '--man=no', unit]);
      expect(verified).toEqual({ code: 0, stdout: '', stderr: '' });
      const argv = ['systemd-analyze', 'security', '--offline=yes', '--threshold=15', '--no-pager', unit];
      const { code, stdout } = await lab.exec(argv);
      expect(stdout).toMatch(/Overall exposure level for flapd.service: 1\.[0-5] OK/);
      expect(code).toBe(0);
    });

    it(
      'runs as flapd without a capability, and is told of by systemd as ready',
      { timeout: 60_000 },
      async () => {
        await flapd.start();
        if (noOldHierarchies === undefined) held = holdToLimits(given.lab.leader, 'flapd.service', limits);
        expect(await flapd.show('flapd.service', 'StatusText')).toMatch(/services/);
        const pid = await flapd.show('flapd.service', 'MainPID');
        const status = (await given.lab.exec(['cat', `/proc/${pid}/status`])).stdout;
        const { stdout: uid } = await given.lab.exec(['id', '-u', 'flapd']);
        expect(status).toMatch(new RegExp(String.raw`^Uid:\s+${uid.trim()}\s`, 'm'));
        expect(status).toMatch(/^Name:\s+flapd$/m);
        expect(status).toMatch(/^CapBnd:\s+0+$/m);
        expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
      },
    );

    it('sees a loop, and tells of it by webhook and command', { timeout: 90_000 }, async () => {
      await given.lab.systemctl('start', 'loop.service');
      await flapd.log.first('incident-opened', ({ event }) => event === 'incident-opened');
      await expect.poll(() => linesOf('/run/hook'), { timeout: 20_000 }).toEqual(['opened loop.service']);
      await expect
        .poll(() => linesOf('/var/lib/flapd/page'), { timeout: 20_000 })
        .toEqual(['opened loop.service']);
    });

    it('finds the cause with the little that it may see', async () => {
      const explained = await flapd.log.first('explained', ({ event }) => event === 'explained');
      // Whose socket it is ss(8) tells to everybody; without it nobody does.
      expect(explained.message).toMatch(
        /^Why loop\.service dies: TCP port 8001 is already in use(: receiver\.service listens on it|, by a process that this user may not see)\. \(address-in-use, confirmed\)$/,
      );
    });

    it('takes a silence that root wrote, and a reload', { timeout: 60_000 }, async () => {
      const { lab } = given;
      const silencedUntil = async (): Promise<string | undefined> =>
        (await flapd.http.unit('loop.service')).silencedUntil;
      await lab.exec(['/usr/bin/flapd', 'silence', 'loop.service', '--for', '2h']);
      await expect.poll(silencedUntil, { timeout: 20_000 }).toBeDefined();
      await lab.exec(['/usr/bin/flapd', 'unsilence', 'loop.service']);
      await expect.poll(silencedUntil, { timeout: 20_000 }).toBeUndefined();
      await lab.systemctl('reload', 'flapd.service');
      await flapd.log.first('reloaded', ({ message }) => message.includes('was read again'));
      expect(await flapd.show('flapd.service', 'ActiveState')).toBe('active');
    });

    it.skipIf(noOldHierarchies !== undefined)(
      `did all of this within its limits, which the kernel enforces${noOldHierarchies ?? ''}`,
      () => {
        expect(held?.processes()).toBeGreaterThan(0);
        expect(held?.refusals()).toBe(0);
      },
    );

    it('is back within seconds of a kill, and goes on where it was', { timeout: 120_000 }, async () => {
      const { lab } = given;
      const before = watching();
      await flapd.kill();
      await flapd.log.several('watches again', before + 1, ({ message }) => message.includes(' watches '));
      expect(await flapd.show('flapd.service', 'NRestarts')).toBe('1');
      const from = Number(await flapd.show('loop.service', 'NRestarts'));
      await flapd.whenRestarted('loop.service', from + 3);
      await lab.systemctl('stop', 'loop.service');
      await flapd.settled();
      const { flapd: counted, journal } = await flapd.counts('loop.service');
      expect(counted).toEqual(journal);
      expect(openings()).toBe(1);
      expect(await linesOf('/var/lib/flapd/page')).toEqual(['opened loop.service']);
    });

    it(
      'listens on a socket in its runtime folder, and complains of nothing',
      { timeout: 60_000 },
      async () => {
        const { lab } = given;
        expect(flapd.warnings()).toEqual([]);
        await lab.writeFile('/etc/flapd/flapd.yaml', 'listen: unix:/run/flapd/http.sock\n', 0o644);
        await lab.systemctl('restart', 'flapd.service');
        const asked = await lab.exec([labNode(lab.root), '/usr/local/lib/ask-socket.cjs']);
        expect(asked.stdout).toBe('200\n');
      },
    );

    it(
      'has a sibling for the manager of a user, once that one says where it listens',
      { timeout: 90_000 },
      async () => {
        const alice = await startUserManager(given.lab);
        await alice.addUnits({ 'flapd.service': contrib('systemd/user/flapd.service') });
        await alice.systemctl('start', 'flapd.service');
        expect(await alice.systemctl('show', '--property=ConditionResult', 'flapd.service')).toBe(
          'ConditionResult=no\n',
        );
        await alice.exec([
          'sh',
          '-c',
          'mkdir -p ~/.config/flapd && echo "listen: off" >~/.config/flapd/flapd.yaml',
        ]);
        await alice.systemctl('start', 'flapd.service');
        const status = (): Promise<string> =>
          alice.systemctl('show', '--property=StatusText', '--value', 'flapd.service');
        await expect.poll(status, { timeout: 20_000 }).toMatch(/^Watching \d+ services/);
        expect(await alice.systemctl('is-active', 'flapd.service')).toBe('active\n');
        await alice.systemctl('stop', 'flapd.service');
      },
    );

    it('rests after wrong configuration', { timeout: 60_000 }, async () => {
      const { lab } = given;
      await lab.systemctl('stop', 'flapd.service');
      await lab.writeFile('/etc/flapd/flapd.yaml', 'lisen: off\n', 0o644);
      const started = await lab.exec(['systemctl', 'start', 'flapd.service']);
      expect(started.code).not.toBe(0);
      expect(await flapd.show('flapd.service', 'ActiveState')).toBe('failed');
      expect(await flapd.show('flapd.service', 'ExecMainStatus')).toBe('2');
    });
  },
  { files, users: true },
);
