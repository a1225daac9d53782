import { expect, test } from 'vitest';
import { mountOf, parseMountInfo } from '../../src/probes/mount-table.ts';

const text = `22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
30 22 0:26 / /tmp rw,nosuid,noexec shared:12 - tmpfs tmpfs rw,size=2048k
31 22 0:27 / /srv/with\\040space ro,relatime - ext4 /dev/vdb rw
32 22 0:28 / /data rw,relatime - ext4 /dev/vdc ro
33 22 0:29 /a /tmp rw,nodev - tmpfs other rw
nonsense
`;

const entries = parseMountInfo(text);

test.each([
  ['/', '/', ['rw', 'relatime']],
  ['/tmpfoo', '/', ['rw', 'relatime']],
  ['/srv/with space/x', '/srv/with space', ['ro', 'relatime']],
  ['/data/x', '/data', ['rw', 'relatime']],
])('%s is on %s', (path, point, options) => {
  expect(mountOf(entries, path)).toMatchObject({ point, options });
});

test('of two mounts at one point the last covers the other', () => {
  expect(mountOf(entries, '/tmp/x')).toMatchObject({ root: '/a', options: ['rw', 'nodev'] });
});

test('a file system that is read-only itself is told from a mount that is', () => {
  expect(mountOf(entries, '/data')).toMatchObject({ isReadOnly: true });
  expect(mountOf(entries, '/srv/with space')).toMatchObject({ isReadOnly: false });
});
