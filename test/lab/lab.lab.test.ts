import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { describeLab, describeLabs } from './describe-lab.ts';
import { bootLab } from './lab.ts';
import { labRoot } from './roots.ts';

const shared = mkdtempSync(path.join(tmpdir(), 'flapd-bind-'));
writeFileSync(path.join(shared, 'a'), 'from the host');
afterAll(() => rm(shared, { recursive: true }));

describeLab(
  'a lab',
  (given) => {
    it('is up: bus, journal and PID 1 answer', async () => {
      const { lab } = given;
      expect(await lab.systemctl('is-system-running')).toBe('running\n');
      expect(await lab.systemctl('--version')).toMatch(new RegExp(`^systemd ${lab.systemdVersion} `));
      const { stdout } = await lab.exec(['journalctl', '--output=cat', '_PID=1']);
      expect(stdout).toContain('Startup finished');
    });

    it('runs what addUnits wrote, and its exit shows in the journal', async () => {
      const { lab } = given;
      await lab.addUnits({
        'dies.service': '[Service]\nExecStart=sh -c "echo last words; exit 71"\n',
        'dies.service.d/later.conf': '[Service]\nSyslogIdentifier=mortal\n',
      });
      await lab.systemctl('start', 'dies');
      await expect
        .poll(async () => (await lab.exec(['journalctl', '--output=cat', '--unit=dies'])).stdout)
        .toMatch(/last words[^]*exited, status=71\/OSERR/);
      const said = await lab.exec(['journalctl', '--output=cat', '--identifier=mortal']);
      expect(said.stdout).toBe('last words\n');
      await lab.systemctl('reset-failed');
    });

    it('says what systemctl complained about', async () => {
      await expect(given.lab.systemctl('start', 'nonsuch')).rejects.toThrow(/nonsuch.service not found/);
    });

    it('has the files that were asked for before PID 1 ran', async () => {
      const { lab } = given;
      expect(await lab.systemctl('is-active', 'early')).toBe('active\n');
      expect((await lab.exec(['hello'])).stdout).toBe('hello from a file\n');
    });

    it('writes files of any kind, making folders and programs', async () => {
      const { lab } = given;
      await lab.writeFile('/etc/flapd/bytes', Buffer.from([0, 255, 10]));
      expect((await lab.exec(['od', '-An', '-tx1', '/etc/flapd/bytes'])).stdout.trim()).toBe('00 ff 0a');
      await lab.writeFile('/usr/local/bin/later', '#!/bin/sh\necho later\n');
      expect((await lab.exec(['later'])).stdout).toBe('later\n');
    });

    it('sees what was bound to it, and may not write there', async () => {
      const { lab } = given;
      expect((await lab.exec(['cat', '/opt/shared/a'])).stdout).toBe('from the host');
      const { stderr } = await lab.exec(['sh', '-c', 'echo x >/opt/shared/a']);
      expect(stderr).toContain('Read-only file system');
    });

    it('has a network of its own, with loopback up', async () => {
      const { lab } = given;
      expect(networkDevices((await lab.exec(['cat', '/proc/net/dev'])).stdout)).toEqual(['    lo:']);
      // Refused and not unreachable: there is an address, only nobody who listens.
      const { stderr } = await lab.exec(['bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/9']);
      expect(stderr).toContain('Connection refused');
    });

    it('leaves the host alone', async () => {
      const { lab } = given;
      for (const folder of ['/etc', '/run', '/tmp', '/var/lib', '/usr/local/bin', '/dev', '/root']) {
        const file = `${folder}/flapd-lab-proof-${process.pid}`;
        await lab.writeFile(file, 'lab');
        expect(existsSync(file)).toBe(false);
      }
      for (const command of ['date -s "@$(date +%s)"', 'echo 1 >/proc/sys/kernel/printk']) {
        expect((await lab.exec(['sh', '-c', command])).code).not.toBe(0);
      }
    });
  },
  {
    files: {
      '/etc/systemd/system/early.service': '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=true\n',
      '/etc/systemd/system/default.target.d/early.conf': '[Unit]\nWants=early.service\n',
      '/usr/local/bin/hello': '#!/bin/sh\necho hello from a file\n',
    },
    binds: [{ from: shared, to: '/opt/shared' }],
  },
);

const networkDevices = (table: string) => table.match(/^ *\S+:/gm);

describeLabs('labs', () => {
  it('run side by side and know nothing of each other', async () => {
    const root = await labRoot();
    await using one = await bootLab({ root, name: 'one' });
    await using two = await bootLab({ root, name: 'two' });
    await one.addUnits({ 'only-one.service': '[Service]\nExecStart=sleep 1000\n' });
    await one.systemctl('start', 'only-one');
    expect(await one.systemctl('is-active', 'only-one')).toBe('active\n');
    await expect(two.systemctl('cat', 'only-one')).rejects.toThrow(/No files found/);
    const facts = ['sh', '-c', 'uname -n; cat /etc/machine-id'];
    const [first, second] = [(await one.exec(facts)).stdout, (await two.exec(facts)).stdout];
    expect(first).toMatch(/^one\n[0-9a-f]{32}\n$/);
    expect(second).toMatch(/^two\n[0-9a-f]{32}\n$/);
    expect(first.slice(4)).not.toBe(second.slice(4));
  });

  it('can share the network of the host', async () => {
    await using lab = await bootLab({ root: await labRoot(), network: 'host' });
    const { stdout } = await lab.exec(['cat', '/proc/net/dev']);
    expect(networkDevices(stdout)).toEqual(networkDevices(readFileSync('/proc/net/dev', 'utf8')));
  });

  it('change nothing in /etc, /dev and the settings of the kernel', async () => {
    const settings = ['fs/file-max', 'fs/nr_open', 'kernel/hostname', 'kernel/printk', 'kernel/core_pattern'];
    const look = () => [
      ...['/etc', '/etc/systemd', '/dev', '/usr/lib/systemd'].map((folder) => readdirSync(folder)),
      ...settings.map((name) => readFileSync(`/proc/sys/${name}`, 'utf8')),
    ];
    const before = look();
    const lab = await bootLab({ root: await labRoot() });
    await lab.stop();
    expect(look()).toEqual(before);
  });

  it('say why they can not boot', async () => {
    await expect(bootLab({ root: shared })).rejects.toThrow(
      /^Cannot boot the lab: it could not be set up\n.+/,
    );
  });
});
