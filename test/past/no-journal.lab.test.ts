import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { FlapdService, looping } from './flapd-service.ts';

const account = `getent passwd flapd >/dev/null || { echo 'flapd:x:321:' >>/etc/group; echo 'flapd:x:321:321::/:/bin/sh' >>/etc/passwd; }
install -d -o 321 -g 321 /var/lib/flapd`;

const cases = [
  {
    what: 'that it may not read',
    break: 'true',
    more: 'User=flapd\nStateDirectory=flapd',
    why: 'insufficient permissions',
    users: true,
  },
  {
    what: 'that is empty',
    break:
      'printf "#!/bin/sh\\nexec /usr/bin/journalctl -D /tmp/empty \\"\\$@\\"\\n" >/usr/local/bin/journalctl; chmod 755 /usr/local/bin/journalctl; mkdir -p /tmp/empty',
    more: '',
    why: 'it is empty, or journald keeps none',
    users: false,
  },
  {
    what: 'whose files are corrupted',
    break: `mkdir -p /tmp/broken; cp -r /var/log/journal/* /run/log/journal/* /tmp/broken 2>/dev/null
find /tmp/broken -name '*.journal' -exec dd if=/dev/urandom of={} bs=100 count=1 conv=notrunc \\; 2>/dev/null
printf '#!/bin/sh\\nfor arg; do shift; [ "$arg" = --system ] || set -- "$@" "$arg"; done; exec /usr/bin/journalctl -D /tmp/broken "$@"\\n' >/usr/local/bin/journalctl; chmod 755 /usr/local/bin/journalctl`,
    more: '',
    why: /corrupted|empty/,
    users: false,
  },
  {
    what: 'that journalctl fails to read',
    break: `printf '#!/bin/sh\\necho "Failed to open files: Input/output error" >&2; exit 1\\n' >/usr/local/bin/journalctl; chmod 755 /usr/local/bin/journalctl`,
    more: '',
    why: 'Failed to open files: Input/output error',
    users: false,
  },
];

for (const { what, break: breakIt, more, why, users } of cases) {
  describeLab(
    `a host with a journal ${what}`,
    (given) => {
      let flapd: FlapdService;
      beforeAll(async () => {
        await given.lab.exec(['sh', '-c', account]);
        flapd = await FlapdService.install(given.lab, { 'loop.service': looping(3) }, more);
        await given.lab.exec(['sh', '-c', breakIt]);
      });
      afterAll(() => flapd.log.end());

      it('is told of once; the saved state and the counters say how the loop went on', async () => {
        const { lab } = given;
        await flapd.start();
        await lab.systemctl('start', 'loop.service');
        await flapd.whenRestarted('loop.service', 7);
        await flapd.settled();
        await flapd.kill();
        await flapd.whenRestarted('loop.service', 12);
        await flapd.start();
        await lab.systemctl('stop', 'loop.service');
        await flapd.settled();
        const told = flapd.warnings().filter((message) => message.includes("journal can't be read"));
        // Once at each start.
        expect(told).toHaveLength(2);
        expect(told[0]).toMatch(why);
        expect(flapd.log.incidentEvents('loop.service').filter((event) => event === 'opened')).toHaveLength(
          1,
        );
        await lab.exec(['rm', '-f', '/usr/local/bin/journalctl']);
        const { flapd: counted, journal } = await flapd.counts('loop.service');
        expect(counted.restarts).toBe(journal.restarts);
      });
    },
    { users },
  );
}
