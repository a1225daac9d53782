import { beforeAll, expect, it } from 'vitest';
import { applyRequestText } from '../../src/apply/apply-request-text.ts';
import type { ApplyAnswer, ApplyRequest } from '../../src/core/remedy/apply-request.ts';
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

/**
 * Loaded into flapd-apply before its own code, it does what the next line of a plan says: nothing for an empty one; `fresh`
 * forgets what was done before, so that no cooldown is in the way; `kill:` and a beginning kills the process with SIGKILL
 * before it says, and so before it does, the step that begins so, or before it calls the function of node:fs of that name;
 * `hold:` waits there for the plan to go. While there is a plan, reloads need not lie apart.
 */
const cutShort = `
const fs = require('node:fs');
const plan = '/run/flapd-apply/plan';
const rest = fs.existsSync(plan) ? fs.readFileSync(plan, 'utf8').split('\\n') : [];
const line = rest.shift() ?? '';
if (rest.length > 0) fs.writeFileSync(plan, rest.join('\\n'));
const forget = (name) => fs.rmSync('/run/flapd-apply/' + name, { force: true });
if (fs.existsSync(plan)) forget('reloaded');
if (line.includes('fresh')) forget('ledger.json');
const [, what, at] = /(kill|hold):(.*)/.exec(line) ?? [];
const cut = () => {
  if (what === 'kill') process.kill(process.pid, 'SIGKILL');
  write('Held before: ' + at + '\\n');
  while (fs.existsSync(plan)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
};
const write = process.stderr.write.bind(process.stderr);
process.stderr.write = (text, ...more) => {
  if (at !== undefined && text.startsWith(at)) cut();
  return write(text, ...more);
};
const call = fs[at];
if (call !== undefined)
  fs[at] = (...paths) => {
    if (/90-flapd|service\\.d\\b/.test(paths.join())) cut();
    return call(...paths);
  };
`;

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
      const run = (program: string): string => `#!/bin/sh\nexec ${labNode(lab.root)} ${program} "$@"\n`;
      const helper = run('-r /usr/local/lib/cut-short.cjs /opt/flapd/flapd-apply.cjs');
      await lab.writeFile('/usr/lib/flapd/flapd-apply', helper);
      await lab.writeFile('/usr/bin/flapd', run('/opt/flapd/flapd.cjs'));
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
      const { stdout, stderr } = await lab.exec(
        [...who, labNode(lab.root), '/usr/local/lib/client.cjs', '/run/asks.json'],
        { timeoutMs: 3000 * (texts.length + 10) },
      );
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

    it('cut short at any step by kill -9 leaves nothing half done, and the next one says what it made of it', async () => {
      const { lab } = given;
      const taken = { verb: 'revert', units: [good.unit] } as const;
      const finds = (words: string): string =>
        `flapd was cut short at ${good.unit}: its drop-in was ${words}.`;
      /** Where it is killed, in an apply or a revert; what the next one says; and what is left to be reverted then. */
      const cuts: readonly [of: ApplyRequest, at: string, said: readonly string[], left: string][] = [
        [good, 'Asking systemd-analyze', [], 'already'],
        [good, 'Writing', [], 'already'],
        [good, 'renameSync', [finds('being written, which is undone')], 'already'],
        [good, 'Telling', [finds('written, and systemd not told, which is finished now')], 'reverted'],
        [good, 'Reading back', [], 'reverted'],
        [good, `${good.unit}: applied`, [], 'reverted'],
        [taken, 'Removing', [], 'reverted'],
        [taken, 'renameSync', [], 'reverted'],
        [taken, 'rmdirSync', [finds('being removed, which is finished now')], 'already'],
        [taken, 'Telling', [finds('removed, and systemd not told, which is finished now')], 'already'],
      ];
      const asked = cuts.flatMap(([of, at]): readonly (readonly [ApplyRequest, string])[] => [
        ...(of === taken ? ([[good, 'fresh']] as const) : []),
        [of, of === good ? `fresh kill:${at}` : `kill:${at}`],
        [{ verb: 'recover' }, ''],
        [taken, ''],
      ]);
      await lab.writeFile('/run/flapd-apply/plan', asked.map(([, line]) => line).join('\n'));
      const { stdout: since } = await lab.exec(['date', '+%s.%N']);
      const answers = await asUser('flapd', 'flapd', ...asked.map(([request]) => applyRequestText(request)));
      expect(answers.filter((_, index) => asked[index]?.[1].includes('kill'))).toEqual(
        cuts.map(() => 'no answer'),
      );
      const last = answers.flatMap((answer, index) =>
        asked[index]?.[0] === taken && asked[index][1] === '' && typeof answer === 'object'
          ? (answer.outcomes[0]?.outcome ?? answer.refused)
          : [],
      );
      expect(last).toEqual(cuts.map(([, , , left]) => left));
      await lab.exec(['journalctl', '--sync']);
      const said = await lab.exec([
        ...['journalctl', '--output=cat', '--identifier=flapd-apply', `--since=@${since.trim()}`],
        '--grep=^flapd was cut short',
      ]);
      expect(said.stdout.trim().split('\n')).toEqual(cuts.flatMap(([, , sentences]) => sentences));
      expect(await written()).toBe('');
      expect(await lab.systemctl('show', '--property=DropInPaths', good.unit)).toBe('DropInPaths=\n');
      expect((await lab.exec(['ls', '/run/systemd/system'])).stdout).not.toContain('logstash.service.d');
      await lab.exec(['rm', '/run/flapd-apply/plan']);
    }, 180_000);

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

    it('is asked by flapd.service, with all its own hardening, and a kill -9 of that before it is answered loses nothing', async () => {
      const { lab } = given;
      await lab.exec(['systemd-tmpfiles', '--create', '--prefix=/var/log/journal']);
      await lab.systemctl('start', 'flapd.service');
      // What flapd asks at its start may or may not have come by then.
      await lab.writeFile('/run/flapd-apply/plan', 'hold:Writing\n'.repeat(3));
      await lab.systemctl('start', '--no-block', 'story.service');
      const place = '/run/systemd/system/story.service.d/90-flapd.conf';
      const held = ['journalctl', '--output=cat', '--identifier=flapd-apply', '--grep=^Held before: Writing'];
      await expect.poll(async () => (await lab.exec(held)).stdout, { timeout: 45_000 }).not.toBe('');
      await lab.systemctl('kill', '--signal=KILL', 'flapd.service');
      const life = async (): Promise<readonly string[]> => {
        const shown = await lab.systemctl('show', '--property=NRestarts,ActiveState', 'flapd.service');
        return shown.trim().split('\n').sort();
      };
      await expect.poll(life, { timeout: 45_000 }).toEqual(['ActiveState=active', 'NRestarts=1']);
      expect(await written()).toBe('');
      await lab.exec(['rm', '/run/flapd-apply/plan']);
      await expect.poll(written, { timeout: 45_000 }).toBe(`${place}\n`);
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
    files: {
      '/usr/local/lib/client.cjs': client,
      '/usr/local/lib/cut-short.cjs': cutShort,
      '/etc/flapd/policies.d/10-story.yaml': policies,
    },
  },
);
