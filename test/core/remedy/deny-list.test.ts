import { describe, expect, it } from 'vitest';
import { neverAppliesTo, neverAppliesToAnyOf } from '../../../src/core/remedy/deny-list.ts';

describe('the units that flapd never changes', () => {
  it.each([
    'systemd-networkd.service',
    'systemd-journald@ns.service',
    'dbus.service',
    'dbus-broker.service',
    'user@1000.service',
    'init.scope',
    'ssh.service',
    'sshd.service',
    'ssh@1-10.0.0.1:22-10.0.0.2:5000.service',
    'getty@tty1.service',
    'serial-getty@ttyS0.service',
    'flapd.service',
    'flapd-apply@1.service',
  ])('%s is one', (unit) => {
    expect(neverAppliesTo(unit)).toMatch(/^(it|systemd) /);
  });

  it.each([
    'logstash.service',
    'mysystemd-x.service',
    'my-dbus.service',
    'user-sync.service',
    'users@1.service',
    'openssh.service',
    'agetty@tty1.service',
    'flapd-exporter.service',
    'flapd2.service',
  ])('%s is none', (unit) => {
    expect(neverAppliesTo(unit)).toBeUndefined();
  });

  it.each(['sshd', 'ssh*', 'systemd-net*.service', 'getty@*', 'flapd', 'user@[0-9]*'])(
    'all that %s fits are among them',
    (pattern) => {
      expect(neverAppliesToAnyOf(pattern)).toBeDefined();
    },
  );

  it.each(['*', 's*', 'flapd*', 'user*', 'logstash'])('%s fits others too', (pattern) => {
    expect(neverAppliesToAnyOf(pattern)).toBeUndefined();
  });
});
