import path from 'node:path';
import { expect, it } from 'vitest';
import { contrib } from '../contrib/unit-file.ts';
import { flapdInLab, labNode } from '../lab/lab.ts';
import { describeFlapd } from './describe-flapd.ts';
import { restartDelays } from './manager-journal.ts';

/** It dies as logstash does, at twenty times its pace, and stays up once there is what it looks for. */
const dies = (how: string): string =>
  `#!/bin/sh\nif [ -e /run/mended ]; then exec sleep infinity; fi\nsleep 0.4\n${how}\n`;
const unit = (program: string): string =>
  `[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/usr/local/bin/${program}\nRestart=on-failure\n`;

/** Each dies in a way of its own: they are no group, whose leader alone would be touched. */
const crowd = Array.from({ length: 40 }, (_, index) => `many-${index + 1}.service`);
const crowdUnits = Object.fromEntries(
  crowd.map((name, index) => [
    name,
    `[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=sh -c 'sleep 1; exit ${index + 1}'\nRestart=on-failure\n`,
  ]),
);

/** Long enough for a quarter of a second, which PID 1 may wake late, to be well below a tenth of a delay. */
const policies = `policies:
  - name: story
    match: [logstash.service, segv.service, "many-*.service"]
    calm_after: 3s
    mode: apply
    remedy: { backoff: { from: 4s, to: 7s } }
`;

/** As in contrib, but for where the build is here; there is no user flapd: the lab's runs as root. */
const helper = contrib('systemd/flapd-apply@.service').replace(
  '/usr/lib/flapd/flapd-apply',
  '/usr/local/bin/flapd-apply',
);
const socket = contrib('systemd/flapd-apply.socket').replace('SocketGroup=flapd', 'SocketGroup=root');

const options = {
  files: {
    '/usr/local/bin/logstash': dies('exit 1'),
    '/usr/local/bin/segv': dies('kill -SEGV $$'),
    '/usr/local/bin/tell': '#!/bin/sh\nexec cat >>/run/told\n',
    '/etc/flapd/flapd.yaml': 'sinks: { desk: { type: exec, command: [/usr/local/bin/tell] } }\n',
    '/usr/local/bin/flapd-apply': `#!/bin/sh\nfor node in ${process.execPath} /usr/bin/node; do [ -x $node ] && exec $node /opt/flapd/flapd-apply.cjs "$@"; done\n`,
  },
  units: {
    'logstash.service': unit('logstash'),
    'segv.service': unit('segv'),
    'neighbour.service': unit('logstash'),
    ...crowdUnits,
    'flapd-apply.socket': socket,
    'flapd-apply@.service': helper,
    'flapd.service.d/apply.conf': '[Unit]\nWants=flapd-apply.socket\nAfter=flapd-apply.socket\n',
  },
  policies,
};

describeFlapd('mode: apply', options, (given) => {
  const remedyOf = (name: string, outcome: string) =>
    given.log.first(
      `${name} ${outcome}`,
      (line) => line.event === 'remedy' && line.unit === name && line.outcome === outcome,
    );
  /** In the order asked for, which systemctl does not keep. */
  const show = async (name: string, ...properties: readonly string[]): Promise<string> =>
    (
      await Promise.all(properties.map((each) => given.lab.systemctl('show', `--property=${each}`, name)))
    ).join('');

  interface Told {
    readonly event: string;
    readonly incident: { readonly unit: string; readonly remedy?: { readonly outcome: string } };
  }
  const toldOf = async (name: string): Promise<readonly Told[]> => {
    const { stdout } = await given.lab.exec(['cat', '/run/told']);
    const lines = stdout.split('\n').filter((line) => line.endsWith('}'));
    return lines.map((line): Told => JSON.parse(line)).filter(({ incident }) => incident.unit === name);
  };
  const eventsOf = async (name: string): Promise<string> =>
    (await toldOf(name)).map(({ event }) => event).join();

  it('lets logstash rest in failed, and closes its incident as remedied', async () => {
    const { lab, log, http } = given;
    await lab.systemctl('start', '--no-block', 'logstash.service', 'neighbour.service');
    await remedyOf('logstash.service', 'pending');
    const helped = await remedyOf('logstash.service', 'helped');
    expect(helped.message).toMatch(
      /^logstash\.service: RestartPreventExitStatus=1 helped: it rests in failed after [01] restarts? \(at most 1 predicted\)\.$/,
    );
    const closed = await log.first(
      'closed',
      ({ event, unit: name }) => event === 'incident-closed' && name === 'logstash.service',
    );
    expect(closed).toMatchObject({ closedBecause: 'remedied', remedy: { outcome: 'helped' } });
    expect(closed.message).toMatch(
      /^logstash\.service is remedied: it rests in failed, .* \(by RestartPreventExitStatus=1\); the loop took \d+ restarts/,
    );
    expect(await show('logstash.service', 'ActiveState', 'SubState')).toBe(
      'ActiveState=failed\nSubState=failed\n',
    );
    expect(await http.unit('logstash.service')).toMatchObject({
      verdict: 'calm',
      remedy: { dropIn: '/run/systemd/system/logstash.service.d/90-flapd.conf', outcome: 'helped' },
    });
    expect(
      await http.sum('flapd_remedy_active', {
        name: 'logstash.service',
        directive: 'RestartPreventExitStatus',
      }),
    ).toBe(1);
    expect(await http.sum('flapd_remedies_total', { outcome: 'helped' })).toBe(1);
    expect(
      (await lab.exec(['cat', '/run/systemd/system/logstash.service.d/90-flapd.conf'])).stdout,
    ).toContain(`# Incident: ${String(closed['incident'])}\n# Applied by: daemon\n`);
  });

  it('tells who is told of the loop that it was remedied', async () => {
    // What was applied within the two seconds that the first one waits for a cause is told with that one.
    await expect
      .poll(() => eventsOf('logstash.service'), { timeout: 30_000 })
      .toMatch(/^opened,(applied,)?closed$/);
    const outcomes = (await toldOf('logstash.service')).map(({ incident }) => incident.remedy?.outcome);
    expect(outcomes.slice(-2)).toEqual(['pending', 'helped']);
  });

  it('leaves the neighbour alone, whose policy does not say so', async () => {
    expect(await show('neighbour.service', 'RestartPreventExitStatus', 'DropInPaths')).toBe(
      'RestartPreventExitStatus=\nDropInPaths=\n',
    );
    expect(await given.http.unit('neighbour.service')).not.toHaveProperty('remedy');
    await given.lab.systemctl('stop', 'neighbour.service');
  });

  it('goes by what a person takes back', async () => {
    const { lab } = given;
    const { stdout } = await lab.exec([labNode(lab.root), flapdInLab, 'revert', 'logstash']);
    expect(stdout).toContain('logstash.service: reverted.');
    expect((await remedyOf('logstash.service', 'reverted')).message).toContain('somebody took it back');
    expect(await show('logstash.service', 'RestartPreventExitStatus')).toBe('RestartPreventExitStatus=\n');
    await lab.exec(['journalctl', '--sync']);
    const history = await lab.exec([labNode(lab.root), flapdInLab, 'history', 'logstash']);
    const remedies = history.stdout.split('\n').filter((line) => line.includes('-- remedy: '));
    expect(remedies.map((line) => line.replace(/^.*RestartPreventExitStatus=1 /, ''))).toEqual([
      'is in force, and watched: at most 1 restart is predicted, then rest.',
      expect.stringMatching(/^helped: it rests in failed after [01] restarts? \(at most 1 predicted\)\.$/),
      'is taken back: somebody took it back.',
    ]);
  });

  it('slows a loop that a signal ends, and after calm takes the delay back', async () => {
    const { lab, log, http } = given;
    await lab.systemctl('start', '--no-block', 'segv.service');
    await remedyOf('segv.service', 'pending');
    const helped = await remedyOf('segv.service', 'helped');
    expect(helped.message).toMatch(
      /helped: [0-2] restarts? in .* \(at most [12] predicted, \d+ without it\)\.$/,
    );
    const { remedy } = await http.unit('segv.service');
    const delaySeconds = remedy?.predicted?.delaySeconds ?? 0;
    const names = remedy?.directives?.map(({ directive }) => directive);
    const version = Number.parseInt(await lab.systemctl('--version').then((text) => text.slice(8)), 10);
    // Below 254 no delay grows; the loop is past the last step of one that does.
    expect([names, delaySeconds]).toEqual(
      version < 254 ? [['RestartSec'], 5] : [['RestartSec', 'RestartSteps', 'RestartMaxDelaySec'], 7],
    );
    const sinceMs = Date.parse(remedy?.appliedAt ?? '');
    const delays = () => restartDelays(lab.exec, 'segv.service', sinceMs);
    await expect.poll(async () => (await delays()).length, { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
    for (const realMs of await delays()) {
      expect(realMs).toBeGreaterThanOrEqual(0.9 * 1000 * delaySeconds);
      expect(realMs).toBeLessThanOrEqual(1.1 * 1000 * delaySeconds);
    }
    await lab.writeFile('/run/mended', '');
    const closed = await log.first(
      'closed',
      ({ event, unit: name }) => event === 'incident-closed' && name === 'segv.service',
    );
    // It went on looping, slower, and never rested.
    expect(closed).toMatchObject({ closedBecause: 'stable', remedy: { outcome: 'helped' } });
    expect((await remedyOf('segv.service', 'reverted')).message).toMatch(
      /is taken back: it has been up for .*the next failure starts from the short delay again\.$/,
    );
    // That it helped comes long after the first notification, and before the end.
    await expect
      .poll(() => eventsOf('segv.service'), { timeout: 30_000 })
      .toMatch(/^opened,(applied,)?helped,closed$/);
    expect(await show('segv.service', 'RestartUSec', 'DropInPaths')).toBe(
      'RestartUSec=100ms\nDropInPaths=\n',
    );
    expect((await lab.exec(['ls', '/run/systemd/system'])).stdout).not.toMatch(/segv|logstash/);
  }, 120_000);

  const dropIns = async (): Promise<readonly string[]> => {
    const found = await given.lab.exec(['find', '/run/systemd/system', '-name', '90-flapd.conf']);
    return found.stdout.trim().split('\n');
  };

  it('where 40 units loop at once, touches one at a time, one reload for each, and no more than the budget', async () => {
    const { lab, log } = given;
    const reloads = async (): Promise<number> => {
      await lab.exec(['journalctl', '--sync']);
      const { stdout } = await lab.exec(['journalctl', '--output=cat', '_PID=1']);
      return stdout.split('\n').filter((line) => /^Reloading\.(\.\.)?$/.test(line)).length;
    };
    // Two were spent above. Two more that were lately: else this would take the minute that six reloads must lie apart.
    const spent = `{"unit":"other.service","atWallMs":${Date.now()},"did":"applied","by":"daemon"},`;
    const ledger = '/run/flapd-apply/ledger.json';
    await lab.exec(['sed', '-i', `s/"entries":\\[/&${spent}${spent}/`, ledger]);
    const [reloadsBefore, linesBefore] = [await reloads(), log.lines.length];
    await lab.systemctl('start', '--no-block', ...crowd);
    const told = () =>
      log.lines
        .slice(linesBefore)
        .flatMap(({ event, unit: name, outcome, message }) =>
          event === 'remedy' ? [{ name, outcome, message }] : [],
        );
    await expect
      .poll(() => told().some(({ outcome }) => outcome === 'refused'), { timeout: 120_000 })
      .toBe(true);
    await given.settled();
    await lab.systemctl('stop', ...crowd);
    const remedies = told();
    expect(remedies.slice(0, 4).map(({ outcome }) => outcome)).toEqual([
      'pending',
      'helped',
      'pending',
      'helped',
    ]);
    expect(remedies[0]?.name).toBe(remedies[1]?.name);
    expect(remedies[2]?.name).toBe(remedies[3]?.name);
    // All the others are held back with the one that was refused.
    expect(remedies.slice(4).map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^many-\d+\.service: .* is not applied: 6 remedies were applied on this host within 1h, and no unit gets another for .*\.$/,
      ),
    ]);
    expect(await reloads()).toBe(reloadsBefore + 2);
    expect(await dropIns()).toHaveLength(2);
  });

  it('takes back what a later drop-in overrides, however much later', async () => {
    const { lab } = given;
    const [before = ''] = await dropIns();
    const later = before.replace('90-flapd.conf', '99-mine.conf');
    await lab.writeFile(later, '[Service]\nRestartPreventExitStatus=\n');
    await lab.systemctl('daemon-reload');
    const taken = await remedyOf(path.basename(path.dirname(before), '.d'), 'no-effect');
    expect(taken.message).toMatch(
      /: RestartPreventExitStatus=\d+ had no effect, and is taken back: RestartPreventExitStatus=\d+ is not in force; later drop-ins are .*\/99-mine\.conf\.$/,
    );
    expect(await dropIns()).toHaveLength(1);
    expect((await lab.exec(['ls', path.dirname(before)])).stdout).toBe('99-mine.conf\n');
  });
});
