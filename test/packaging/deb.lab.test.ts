import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { FlapdService, looping } from '../past/flapd-service.ts';
import { buildFolder, packages, whyNotBuilt } from './built.ts';

const onHost = ['host', 'bookworm', '/', undefined].includes(process.env['FLAPD_LAB_ROOT']);

/** On Debian 12 the one that brings its own Node, with no other Node there; elsewhere the one for the system's. */
const { first, others } = onHost
  ? { first: packages.selfContained, others: [] }
  : { first: packages.nodejs, others: [packages.selfContained] };

const files = {
  // Debian's images for containers forbid that packages start services.
  '/usr/sbin/policy-rc.d': '#!/bin/sh\nexit 0\n',
  // Where there is PackageKit, apt would have D-Bus start it, which no lab can.
  '/etc/apt/apt.conf.d/20packagekit': '',
  // A minimal root has none, and what Prometheus asks for is at `localhost`.
  '/etc/hosts': '127.0.0.1 localhost\n',
  '/usr/local/bin/page': '#!/bin/sh\ncat >/dev/null\necho "$FLAPD_EVENT $FLAPD_UNIT" >>/var/lib/flapd/page\n',
};

const config = 'sinks:\n  page: { type: exec, command: [/usr/local/bin/page] }\n';

/** Every file that may be a package's, but what is logged, cached, or about a run. */
const listing = `find /etc /usr /var -xdev \\( -path /var/log -o -path /var/cache -o -path /var/tmp -o -path /var/lib/apt \\
  -o -path /var/lib/dpkg -o -path /var/lib/PackageKit \\) -prune -o -print | sort`;

/** This machine's, which the minimal roots of other releases borrow: all they need beside them is an older libc. */
const monitoring = [
  '/usr/bin/prometheus',
  '/usr/bin/prometheus-alertmanager',
  '/usr/bin/amtool',
  '/usr/share/prometheus', // the templates without which Alertmanager ends
];
const noPrometheus = monitoring.every((each) => existsSync(each))
  ? undefined
  : ' (skipped: needs the packages prometheus and prometheus-alertmanager)';
const borrowed =
  onHost || noPrometheus !== undefined ? [] : monitoring.map((each) => ({ from: each, to: each }));

const why = whyNotBuilt(first, ...others);
if (why !== undefined) process.stderr.write(`skipped: ${why}\n`);

describe.skipIf(why !== undefined)(
  `the Debian package ${first}${why === undefined ? '' : ` (skipped: ${why})`}`,
  () => {
    describeLab(
      'in a lab',
      (given) => {
        let flapd: FlapdService;
        let before: ReadonlySet<string>;
        const apt = async (...argv: readonly string[]): Promise<string> => {
          const { code, stdout, stderr } = await given.lab.exec(['apt-get', '-y', '-q', ...argv], {
            env: { DEBIAN_FRONTEND: 'noninteractive' },
            timeoutMs: 120_000,
          });
          expect(code, `${stdout}${stderr}`).toBe(0);
          return `${stdout}${stderr}`;
        };
        const sh = async (script: string): Promise<string> =>
          (await given.lab.exec(['sh', '-c', script])).stdout.trim();
        const told = async (): Promise<readonly string[]> =>
          (await sh('cat /var/lib/flapd/page')).split('\n');
        const incident = async () => {
          const open = (await flapd.http.incidents()).filter(({ closedAt }) => closedAt === undefined);
          expect(open).toHaveLength(1);
          return open[0]?.id;
        };

        beforeAll(async () => {
          if (onHost) await sh('rm -f /usr/bin/node /usr/bin/nodejs /usr/local/bin/node');
          await sh('systemd-tmpfiles --create --prefix=/var/log/journal; journalctl --rotate');
          before = new Set((await sh(listing)).split('\n'));
          flapd = await FlapdService.of(given.lab, { 'loop.service': looping(1) });
        }, 60_000);
        afterAll(() => flapd.log.end());

        it('is installed by apt, and starts', { timeout: 180_000 }, async () => {
          const { lab } = given;
          await lab.writeFile('/etc/systemd/system/flapd.service.d/lab.conf', debugLog);
          const printed = await apt('install', `/srv/packages/${first}`);
          expect(printed).not.toMatch(/^(?:dpkg: )?(?:warning|error)/im);
          expect(await lab.systemctl('is-enabled', 'flapd.service')).toBe('enabled\n');
          expect(await lab.systemctl('is-active', 'flapd.service')).toBe('active\n');
          expect(await sh('flapd --version')).toMatch(/^flapd \d/);
          if (onHost) expect((await lab.exec(['node', '--version'])).code).toBe(127);
          const dropIns = await flapd.show('flapd.service', 'DropInPaths');
          expect(dropIns.includes('10-v254.conf')).toBe(lab.systemdVersion >= 254);
          expect(
            await sh('stat -c %U:%a /var/lib/flapd; flapd check /etc/flapd && man -w flapd || true'),
          ).toContain('flapd:750');
        });

        it('has all that its program asks for, and what writes for it', { timeout: 60_000 }, async () => {
          const { lab } = given;
          for (const [file, text] of Object.entries(needy)) await lab.writeFile(`/run/needy/${file}`, text);
          expect(await sh('flapd check /run/needy')).toContain('No problems');
          expect(await sh('flapd notify-test --config /run/needy 2>&1')).toContain('ECONNREFUSED');
          expect(await lab.systemctl('is-active', 'flapd-apply.socket')).toBe('active\n');
          // Whoever is no peer of the socket is refused: by the program that has to be there for that.
          expect(await sh('echo "{}" | /usr/lib/flapd/flapd-apply 1-2-3')).toContain('"refused":');
        });

        it('sees a loop', { timeout: 90_000 }, async () => {
          const { lab } = given;
          await lab.writeFile('/etc/flapd/flapd.yaml', config, 0o644);
          await flapd.log.first('reloaded', ({ message }) => message.includes('configuration is in force'));
          await lab.systemctl('start', 'loop.service');
          await flapd.log.first('incident-opened', ({ event }) => event === 'incident-opened');
          await expect.poll(told, { timeout: 20_000 }).toEqual(['opened loop.service']);
        });

        it.skipIf(noPrometheus !== undefined)(
          `is scraped by Prometheus, whose rules tell Alertmanager${noPrometheus ?? ''}`,
          { timeout: 120_000 },
          async () => {
            const { lab } = given;
            await lab.addUnits(prometheusUnits);
            await sh(prepareRun);
            await lab.systemctl('start', 'test-alertmanager.service', 'test-prometheus.service');
            const firing = async (): Promise<readonly string[]> => {
              const { code, stdout, stderr } = await lab.exec([
                'amtool',
                '--alertmanager.url=http://127.0.0.1:9093',
                'alert',
                'query',
                '-o',
                'json',
              ]);
              if (code !== 0) return [stderr];
              const alerts = JSON.parse(stdout) as readonly { labels: Record<string, string> }[];
              return alerts.map(
                ({ labels }) => `${labels['alertname']} ${labels['name']} ${labels['severity']}`,
              );
            };
            await expect
              .poll(firing, { timeout: 60_000, interval: 500 })
              .toEqual(['SystemdUnitLooping loop.service warning']);
            await lab.systemctl('stop', 'test-prometheus.service', 'test-alertmanager.service');
          },
        );

        it.each([first, ...others])(
          'is upgraded to %s in the middle of it, and goes on with the same incident',
          { timeout: 240_000 },
          async (file) => {
            const id = await incident();
            const pid = await flapd.show('flapd.service', 'MainPID');
            await apt(
              'install',
              '--reinstall',
              '-o',
              'Dpkg::Options::=--force-confold',
              `/srv/packages/${file}`,
            );
            expect(await given.lab.systemctl('is-active', 'flapd.service')).toBe('active\n');
            expect(await flapd.show('flapd.service', 'MainPID')).not.toBe(pid);
            const from = Number(await flapd.show('loop.service', 'NRestarts'));
            await flapd.whenRestarted('loop.service', from + 3);
            expect(await incident()).toBe(id);
            expect(await told()).toEqual(['opened loop.service']);
            expect(await sh('cat /etc/flapd/flapd.yaml')).toBe(config.trim());
          },
        );

        it('has counted what systemd counted', { timeout: 60_000 }, async () => {
          await given.lab.systemctl('stop', 'loop.service');
          await flapd.settled();
          const { flapd: counted, journal } = await flapd.counts('loop.service');
          expect(counted).toEqual(journal);
        });

        it(
          'leaves its configuration when it is removed, and nothing when it is purged',
          { timeout: 120_000 },
          async () => {
            const names = ['flapd', 'flapd-nodejs'];
            const { lab } = given;
            // Something for other units to be taken back.
            await lab.systemctl('start', 'loop.service');
            await flapd.whenRestarted('loop.service', 3);
            expect(await sh('flapd apply loop.service --persistent 2>&1')).toContain('applied');
            expect(await flapd.show('loop.service', 'DropInPaths')).toContain('90-flapd.conf');
            await apt('remove', ...names);
            expect(await flapd.show('loop.service', 'DropInPaths')).not.toContain('90-flapd.conf');
            await lab.systemctl('stop', 'loop.service');
            expect(
              await sh('systemctl is-active flapd.service; ls /usr/bin/flapd 2>&1; ls /etc/flapd'),
            ).toMatch(/inactive[^]*No such file[^]*flapd\.yaml/);
            await apt('purge', ...names);
            await given.lab.exec(['rm', '-r', '/etc/systemd/system/flapd.service.d']);
            const after = (await sh(listing)).split('\n');
            expect(after.filter((file) => !before.has(file) && !changes.test(file))).toEqual([]);
            expect(await sh('getent passwd flapd; getent group flapd')).toBe('');
            expect(await sh(`dpkg-query -W -f '\${Package} \${db:Status-Abbrev}\\n' 'flapd*'`)).toBe('');
          },
        );
      },
      { binds: [{ from: buildFolder, to: '/srv/packages' }, ...borrowed], files, users: true },
    );
  },
);

const alertmanagerYaml = 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n';

/** The files of the package, but looked at each second. */
const prepareRun = `mkdir -p /run/test && cp /usr/share/flapd/prometheus/* /run/test &&
{ echo 'global: { evaluation_interval: 1s }'; sed 's/scrape_interval: .*/scrape_interval: 1s/' /usr/share/flapd/prometheus/prometheus.yml
} >/run/test/prometheus.yml && echo '${alertmanagerYaml}' >/run/test/alertmanager.yml`;

const prometheusUnits = {
  'test-prometheus.service': `[Service]
ExecStart=/usr/bin/prometheus --config.file=/run/test/prometheus.yml --storage.tsdb.path=/run/test/data --web.listen-address=127.0.0.1:9090
`,
  'test-alertmanager.service': `[Service]
ExecStart=/usr/bin/prometheus-alertmanager --config.file=/run/test/alertmanager.yml --storage.path=/run/test/alerts --cluster.listen-address= --web.listen-address=127.0.0.1:9093
`,
};

/** A sink and a cause for which the program loads a file that stands beside it. */
const needy = {
  'flapd.yaml': `sinks:
  mail: { type: email, smtp: "smtp://127.0.0.1:9", from: flapd@a.example, to: [ops@a.example] }
`,
  'causes.d/10-own.yaml': `causes:
  - name: licence-expired
    pattern: "(?i)licen[cs]e .* expired"
    title: The licence of the application has expired
`,
};

const debugLog = '[Service]\nExecStart=\nExecStart=/usr/bin/flapd run --log-level debug\n';

/** Copies that tools keep of /etc/passwd and its like, and what systemd notes of its own. */
const changes = /^\/etc\/(?:g?shadow|passwd|group|sub[ug]id|\.pwd\.lock)|^\/var\/lib\/systemd(?:\/|$)/;
