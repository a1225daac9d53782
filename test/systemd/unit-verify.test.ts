import { expect, test } from 'vitest';
import { complaintsIn } from '../../src/systemd/unit-verify.ts';

test('lines that name a place in a file are taken, whatever the version says; others are about something else', () => {
  const output = [
    "/etc/systemd/system/a.service:4: Unknown key 'A' in section [Service], ignoring.",
    '/etc/systemd/system/a b:c.service.d/1.conf:12: Failed to parse RestartSec=5 # x, ignoring: Invalid argument',
    'a.service: Command /usr/bin/a is not executable: No such file or directory',
    'Unit b.service is masked.',
    '/etc/systemd/system/a.service: bad',
    '',
  ].join('\n');
  expect(complaintsIn(output)).toEqual([
    {
      file: '/etc/systemd/system/a.service',
      line: 4,
      message: "Unknown key 'A' in section [Service], ignoring.",
    },
    {
      file: '/etc/systemd/system/a b:c.service.d/1.conf',
      line: 12,
      message: 'Failed to parse RestartSec=5 # x, ignoring: Invalid argument',
    },
  ]);
});
