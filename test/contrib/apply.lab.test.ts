import { beforeAll, expect, it } from 'vitest';
import { applyRequestText } from '../../src/apply-request-text.ts';
import type { ApplyAnswer, ApplyRequest } from '../../src/core/apply-request.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { labNode } from '../lab/lab.ts';
import { contrib } from './unit-file.ts';

/** Sends what it is given, one connection each, and prints the answers as a JSON list; an error stands as its code. */
const client = `
const net = require('node:net');
const ask = (text) => new Promise((resolve) => {
  const socket = net.connect('/run/flapd-apply.sock');
  let answer = '';
  socket.on('connect', () => socket.end(text));
  socket.on('data', (chunk) => (answer += chunk));
  socket.on('error', (error) => resolve(error.code));
  socket.on('end', () => resolve(answer === '' ? 'no answer' : JSON.parse(answer)));
});
(async () => {
  const answers = [];
  for (const text of JSON.parse(require('node:fs').readFileSync(process.argv[2], 'utf8'))) answers.push(await ask(text));
  console.log(JSON.stringify(answers));
})();`;

const looping =
  '[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=sh -c "sleep 0.3; exit 1"\nRestart=on-failure\n';
const policies =
  'policies:\n  - name: story\n    match: [logstash.service, ssh.service, story.service]\n    mode: apply\n';

const good: ApplyRequest = {
  verb: 'apply',
  unit: 'logstash.service',
  directives: [{ name: 'RestartPreventExitStatus', exits: { statuses: [1], signals: [] } }],
  why: '5 restarts in 32.4s',
  incident: 'logstash.service@20260502T120040.000Z',
};
const raw = (change: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ ...(JSON.parse(applyRequestText(good)) as object), ...change });

type Said = ApplyAnswer | string;

describeLab(
  'flapd-apply.socket of contrib/systemd',
  (given) => {
    beforeAll(async () => {
      const { lab } = given;
      const run = `#!/bin/sh\nexec ${labNode(lab.root)} /opt/flapd/flapd-apply.cjs "$@"\n`;
      await lab.writeFile('/usr/lib/flapd/flapd-apply', run);
      await lab.writeFile('/usr/bin/flapd', run.replace('flapd-apply.cjs', 'flapd.cjs'));
      await lab.writeFile('/usr/lib/sysusers.d/flapd.conf', contrib('systemd/sysusers.d/flapd.conf'));
      await lab.exec(['systemd-sysusers', 'flapd.conf']);
      await lab.addUnits({
        'flapd-apply.socket': contrib('systemd/flapd-apply.socket'),
        'flapd-apply@.service': contrib('systemd/flapd-apply@.service'),
        'logstash.service': looping,
        'ssh.service': looping,
        'other.service': looping,
        'story.service': looping,
        'flapd.service': contrib('systemd/flapd.service'),
      });
      await lab.systemctl('start', 'flapd-apply.socket');
      await lab.systemctl('start', '--no-block', 'logstash.service');
    });

    async function asUser(
      user: string,
      group: string,
      ...texts: readonly string[]
    ): Promise<readonly Said[]> {
      const { lab } = given;
      await lab.writeFile('/run/asks.json', JSON.stringify(texts), 0o644);
      const who = ['setpriv', `--reuid=${user}`, `--regid=${group}`, '--clear-groups'];
      const { stdout, stderr } = await lab.exec([
        ...who,
        labNode(lab.root),
        '/usr/local/lib/client.cjs',
        '/run/asks.json',
      ]);
      expect(stderr).toBe('');
      return JSON.parse(stdout) as readonly Said[];
    }
    const written = async (): Promise<string> =>
      (
        await given.lab.exec([
          'find',
          '/run/systemd/system',
          '/etc/systemd/system',
          '-name',
          '*90-flapd*',
          '-o',
          '-name',
          '*flapd-new',
        ])
      ).stdout;

    it('carries out what a policy allows, under all its hardening, and takes it back', async () => {
      const { lab } = given;
      const [applied] = await asUser('flapd', 'flapd', applyRequestText(good));
      expect(applied).toMatchObject({
        outcomes: [{ outcome: 'applied', dropIn: '/run/systemd/system/logstash.service.d/90-flapd.conf' }],
      });
      expect(await lab.systemctl('show', '--property=RestartPreventExitStatus', good.unit)).toBe(
        'RestartPreventExitStatus=1\n',
      );
      await lab.exec(['journalctl', '--sync']);
      const journal = await lab.exec(['journalctl', '--output=cat', '--identifier=flapd-apply']);
      expect(journal.stdout.split('\n').filter((line) => line.startsWith('It was not verified'))).toEqual([]);
      expect(journal.stdout).toContain(
        'Asking systemd-analyze about logstash.service with RestartPreventExitStatus=1.\n',
      );
      const [reverted] = await asUser(
        'flapd',
        'flapd',
        applyRequestText({ verb: 'revert', units: [good.unit] }),
      );
      expect(reverted).toMatchObject({ outcomes: [{ outcome: 'reverted' }] });
      expect(await lab.systemctl('show', '--property=RestartPreventExitStatus', good.unit)).toBe(
        'RestartPreventExitStatus=\n',
      );
      expect(await written()).toBe('');
    });

    it('tells systemd to reload at most every ten seconds', async () => {
      await given.lab.exec(['journalctl', '--sync']);
      const { stdout } = await given.lab.exec([
        'journalctl',
        '--output=short-unix',
        '--identifier=flapd-apply',
        '--grep=^Telling systemd to reload',
      ]);
      const [first = 0, second = 0] = stdout.split('\n').map((line) => Number.parseFloat(line));
      expect(second - first).toBeGreaterThanOrEqual(9.9);
    });

    it('writes nothing for requests that are hostile', async () => {
      const texts = [
        '',
        '{}',
        'x'.repeat(10_000_000),
        raw({ unit: 'ssh.service' }),
        raw({ unit: 'other.service' }),
        raw({ unit: '../../../etc/x.service' }),
        raw({ unit: 'logstash\0.service' }),
        raw({ directives: [{ directive: 'ExecStart', value: '/bin/sh' }] }),
        raw({ directives: [{ directive: 'RestartSec', value: '5s\nUser=root' }] }),
        raw({ directives: [{ directive: 'RestartSec', value: '%i' }] }),
        raw({ lifetime: 'persistent' }),
      ];
      const answers = await asUser('flapd', 'flapd', ...texts);
      expect(answers).toHaveLength(texts.length);
      for (const answer of answers.filter((each) => typeof each !== 'string'))
        expect(answer.refused ?? answer.outcomes[0]?.outcome).toMatch(/^the request is none|^refused$/);
      expect(await written()).toBe('');
    });

    it('answers nobody but flapd and root', async () => {
      expect(await asUser('nobody', 'nogroup', applyRequestText(good))).toEqual(['EACCES']);
      // The group alone opens the socket, and is not enough.
      const [answer] = await asUser('nobody', 'flapd', applyRequestText(good));
      expect(answer).toMatchObject({
        outcomes: [],
        refused: expect.stringMatching(/^user \d+ asks; expected flapd or root$/),
      });
      expect(await written()).toBe('');
    });

    it('is asked by flapd.service, with all its own hardening, and a kill -9 of that loses nothing', async () => {
      const { lab } = given;
      await lab.exec(['systemd-tmpfiles', '--create', '--prefix=/var/log/journal']);
      await lab.systemctl('start', 'flapd.service');
      await lab.systemctl('start', '--no-block', 'story.service');
      const place = '/run/systemd/system/story.service.d/90-flapd.conf';
      await expect.poll(written, { timeout: 45_000 }).toBe(`${place}\n`);
      await lab.systemctl('kill', '--signal=KILL', 'flapd.service');
      const remedy = async (): Promise<unknown> => {
        const { stdout } = await lab.exec(['/usr/bin/flapd', 'status', '--json', '--all', 'story']);
        return (JSON.parse(stdout) as readonly { readonly remedy?: unknown }[])[0]?.remedy;
      };
      await expect
        .poll(remedy, { timeout: 45_000, interval: 500 })
        .toMatchObject({ dropIn: place, outcome: 'helped' });
      expect((await lab.exec(['/usr/bin/flapd', 'revert', '--all'])).code).toBe(0);
      expect(await written()).toBe('');
      await lab.systemctl('stop', 'flapd.service');
    });

    it('leaves no process and no unit behind', async () => {
      const { lab } = given;
      // The last one has answered, and may be about to end.
      await expect
        .poll(() => lab.systemctl('list-units', '--all', '--no-legend', '--plain', 'flapd-apply@*'))
        .toBe('');
      expect(await lab.systemctl('is-active', 'flapd-apply.socket')).toBe('active\n');
      expect((await lab.exec(['ls', '/run/flapd-apply'])).stdout).toBe('ledger.json\nreloaded\n');
    });
  },
  {
    users: true,
    files: { '/usr/local/lib/client.cjs': client, '/etc/flapd/policies.d/10-story.yaml': policies },
  },
);
