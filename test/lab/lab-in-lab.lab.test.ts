import { existsSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeLab } from './describe-lab.ts';
import { labNode } from './lab.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'flapd-inner-'));
const binds = [
  { from: import.meta.dirname, to: '/opt/lab' },
  { from: folder, to: '/opt/inner' },
  // From forky on it is in util-linux-extra, which a minimal root does without.
  ...['/usr/sbin/pivot_root', '/usr/bin/pivot_root']
    .filter((file) => existsSync(file))
    .map((from) => ({ from, to: '/usr/local/sbin/pivot_root' })),
];
afterAll(() => rm(folder, { recursive: true }));

// Here the outer lab is the host: one that runs systemd, has cgroup v2 alone, and belongs to this test alone.
describeLab(
  'a lab in a lab',
  (given) => {
    beforeAll(async () => {
      const contents = `import { bootLab } from ${JSON.stringify(path.join(import.meta.dirname, 'lab.ts'))};
const lab = await bootLab({ name: 'inner', network: process.argv[2] });
await lab.addUnits({ 'inner.service': '[Service]\\nExecStart=true\\n' });
console.log((await lab.exec(['sh', '-c', 'uname -n; systemctl is-system-running'])).stdout);
await lab.stop();`;
      await build({
        stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
        outfile: path.join(folder, 'inner.mjs'),
        bundle: true,
        platform: 'node',
        format: 'esm',
        define: { 'import.meta.dirname': '"/opt/lab"' },
      });
    });

    it.each(['private', 'host'])(
      'leaves no trace on a host that runs systemd (network: %s)',
      async (network) => {
        const { lab } = given;
        const look = async () => {
          const places = 'ls -AR /etc /run /tmp /dev /var/log /root | grep -v "system.*journal$"';
          const state =
            'find /sys/fs/cgroup -type d; cat /proc/self/mounts; systemctl list-units --all --no-legend';
          return (await lab.exec(['sh', '-c', `${places}; ${state}`])).stdout;
        };
        const before = await look();
        const { stdout, stderr } = await lab.exec([labNode(lab.root), '/opt/inner/inner.mjs', network]);
        expect(stderr).toBe('');
        expect(stdout).toBe('inner\nrunning\n\n');
        expect(await look()).toBe(before);
      },
    );
  },
  { binds, users: true },
);
