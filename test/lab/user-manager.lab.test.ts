import { expect, it } from 'vitest';
import { describeLab } from './describe-lab.ts';
import { startUserManager } from './user-manager.ts';

describeLab(
  'a user manager',
  (given) => {
    it('runs a unit for an ordinary user, who can read its journal', async () => {
      const alice = await startUserManager(given.lab, { name: 'alice', uid: 4343 });
      expect(await alice.systemctl('is-system-running')).toBe('running\n');
      expect((await alice.exec(['id', '-un'])).stdout).toBe('alice\n');
      await alice.addUnits({ 'dies.service': '[Service]\nExecStart=sh -c "exit 71"\n' });
      await alice.systemctl('start', 'dies');
      await expect.poll(() => alice.systemctl('is-failed', 'dies')).toBe('failed\n');
      await expect
        .poll(async () => (await alice.exec(['journalctl', '--user', '--output=cat', '--unit=dies'])).stdout)
        .toContain('status=71/OSERR');
      const bus = await alice.exec(['busctl', '--user', '--list']);
      expect(bus.stdout).toContain('org.freedesktop.systemd1');
    });

    it('is one of several', async () => {
      const bob = await startUserManager(given.lab, { name: 'bob', uid: 4444 });
      await expect(bob.systemctl('cat', 'dies')).rejects.toThrow(/No files found/);
    });
  },
  { users: true },
);

describeLab("a lab's own user manager", (given) => {
  it('is there for whoever the lab has', async () => {
    const manager = await startUserManager(given.lab);
    expect(manager.env.XDG_RUNTIME_DIR).toBe(`/run/user/${manager.user.uid}`);
    expect(await manager.systemctl('is-system-running')).toBe('running\n');
  });
});
