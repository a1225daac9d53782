import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { RemedyOutcome } from '../../src/core/remedy/remedy-outcome.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { flapdInLab, labNode } from '../lab/lab.ts';
import { bundleProgram } from '../systemd/bus-bundle.ts';

/**
 * Applies by hand what is given as JSON, as `flapd apply` does once it knows what to advise. With `dieAt` it kills itself
 * instead of the n-th step.
 */
const source = `
  const { inRemedyRoom } = await import('../apply/open-remedy-room.ts');
  const { applyRemedy } = await import('../apply/apply-remedy.ts');
  const { readDirective } = await import('../core/remedy/directive.ts');
  const { unit, directives, by = 'hand', dryRun = false, lifetime, dieAt } = JSON.parse(process.argv[2]);
  const steps = [];
  const say = (step) => {
    steps.push(step);
    require('node:fs').appendFileSync('/run/said', step + '\\n');
    if (steps.length === dieAt) process.kill(process.pid, 'SIGKILL');
  };
  const room = { configDir: '/etc/flapd', busAddress: 'unix:path=/run/dbus/system_bus_socket', pid: process.pid,
    wants: 'apply', by, dryRun, nowWallMs: () => Date.now(),
    nowMonotonicMs: () => performance.now(), say };
  const read = directives.map((line) => readDirective(...line.split('=')).directive);
  const wanted = { unit, directives: read, why: 'exit 1 at 94 %', incident: undefined, lifetime };
  await inRemedyRoom(room, (room) => applyRemedy(wanted, room)).then(
    (outcome) => console.log(JSON.stringify({ ...outcome, steps })),
    (error) => console.log(JSON.stringify({ outcome: 'error', reason: error.message, steps })));`;

interface Wish {
  readonly unit: string;
  readonly directives: readonly string[];
  readonly by?: 'daemon';
  readonly dryRun?: true;
  readonly lifetime?: 'persistent';
  readonly dieAt?: number;
}

type Answer = RemedyOutcome & { readonly steps: readonly string[] };

const looping =
  '[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=sh -c "sleep 0.3; exit 1"\nRestart=on-failure\n';
const prevent = ['RestartPreventExitStatus=1'];
const restartProperties = [
  'RestartPreventExitStatus',
  'RestartUSec',
  'StartLimitIntervalUSec',
  'StartLimitBurst',
  'DropInPaths',
];

describeLab('a remedy', (given) => {
  let program: string | undefined;

  async function apply(wish: Wish): Promise<Answer> {
    const { lab } = given;
    if (program === undefined) {
      const bundled = await bundleProgram(source);
      program = '/run/apply.cjs';
      await lab.writeFile(program, await readFile(bundled.file)).finally(() => bundled.remove());
    }
    const { stdout, stderr } = await lab.exec([labNode(lab.root), program, JSON.stringify(wish)]);
    if (wish.dieAt === undefined) expect(stderr).toBe('');
    return stdout === ''
      ? { unit: wish.unit, outcome: 'failed', reason: 'it died', steps: [] }
      : JSON.parse(stdout);
  }
  const flapd = async (...argv: readonly string[]) =>
    given.lab.exec([labNode(given.lab.root), flapdInLab, ...argv]);
  const show = async (unit: string, ...properties: readonly string[]): Promise<string> =>
    given.lab.systemctl('show', ...properties.map((name) => `--property=${name}`), unit);
  const files = async (): Promise<string> =>
    (
      await given.lab.exec([
        'sh',
        '-c',
        'find /run/systemd/system /etc/systemd/system -name "*flapd*"; ls -d /etc/systemd/system/*.service.d /run/systemd/system/*.service.d',
      ])
    ).stdout;

  async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      if (await holds()) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`it never came to this: ${what}`);
  }

  it('lets a looping unit rest in failed, and taken back leaves it as it was', async () => {
    const { lab } = given;
    await lab.addUnits({ 'logstash.service': looping });
    const before = await show('logstash.service', ...restartProperties);
    await lab.systemctl('start', '--no-block', 'logstash.service');
    const wish = { unit: 'logstash.service', directives: prevent };

    const dry = await apply({ ...wish, dryRun: true });
    expect(dry).toMatchObject({
      outcome: 'would-apply',
      dropIn: '/run/systemd/system/logstash.service.d/90-flapd.conf',
    });
    expect(await files()).toBe('');

    const counted = async (): Promise<number> =>
      Number((await show('logstash.service', 'NRestarts')).replace('NRestarts=', ''));
    const applied = await apply(wish);
    const restarts = await counted();
    expect(applied).toMatchObject({ outcome: 'applied' });
    expect(applied.steps).toEqual([
      'Looking again at logstash.service, what is in force and who requires it.',
      'Asking systemd-analyze about logstash.service with RestartPreventExitStatus=1.',
      'Writing /run/systemd/system/logstash.service.d/90-flapd.conf.',
      'Telling systemd to reload its unit files.',
      'Reading back what systemd has in force for logstash.service.',
    ]);
    await until('failed', async () =>
      (await show('logstash.service', 'ActiveState', 'SubState')).includes(
        'ActiveState=failed\nSubState=failed',
      ),
    );
    expect(await counted()).toBeLessThanOrEqual(restarts + 1);
    expect((await lab.exec(['cat', applied.dropIn ?? ''])).stdout).toContain('# Why: exit 1 at 94 percent\n');
    expect(await apply(wish)).toMatchObject({ outcome: 'already' });
    expect(await apply({ ...wish, directives: ['RestartSec=5s'] })).toMatchObject({
      outcome: 'refused',
      hint: 'flapd revert logstash.service',
    });

    const reverted = await flapd('revert', 'logstash');
    expect(reverted.stderr).toBe(`Removing ${applied.dropIn}.\nTelling systemd to reload its unit files.\n`);
    expect(reverted.stdout).toBe(
      `logstash.service: reverted. ${applied.dropIn} is removed, and systemd has it in force no more.\n`,
    );
    expect(await show('logstash.service', ...restartProperties)).toBe(before);
    expect(await files()).toBe('');
    expect((await flapd('revert', '--all')).stdout).toBe('Nothing to do: flapd has written nothing.\n');
  });

  it('names what else the reload brings into force', async () => {
    const { lab } = given;
    await lab.addUnits({ 'edited.service': '[Service]\nExecStart=sleep infinity\n', 'own.service': looping });
    await lab.systemctl('start', '--no-block', 'edited.service', 'own.service');
    await until('loaded', async () => (await show('edited.service', 'SubState')).includes('running'));
    await lab.exec(['sed', '-i', '$a # edited', '/run/systemd/system/edited.service']);
    const said =
      'Files of edited.service have changed since systemd read them: the reload brings that into force too.';
    const wish = { unit: 'own.service', directives: prevent };
    expect((await apply(wish)).steps).toContain(said);
    expect((await flapd('revert', '--all')).code).toBe(0);
    expect((await apply(wish)).steps).not.toContain(said);
    expect((await flapd('revert', '--all')).code).toBe(0);
    await lab.systemctl('stop', 'edited.service', 'own.service');
  });

  it('waits while systemd reloads for somebody else, and asks again where it limits how often it does', async () => {
    const { lab } = given;
    await lab.addUnits({ 'busy.service': looping });
    // A generator that holds up one reload, for as long as the test says.
    const generator = '/etc/systemd/system-generators/slow';
    const loop = 'while [ -e /run/slow ]; do : >/run/is-slow; sleep 0.1; done';
    await lab.writeFile(generator, `#!/bin/sh\n${loop}\n`, 0o755);
    await lab.writeFile('/run/slow', '');
    const reload = lab.exec(['systemctl', 'daemon-reload']);
    const isThere = async (...test: readonly string[]): Promise<boolean> => (await lab.exec(test)).code === 0;
    await until('systemd reloads', async () => isThere('test', '-e', '/run/is-slow'));
    await lab.exec(['rm', '-f', '/run/said']);
    const applying = apply({ unit: 'busy.service', directives: prevent });
    const waits = 'systemd does not answer, as while it reloads: that is waited for, 1min at most.';
    await until('it waits', async () => isThere('grep', '--quiet', waits, '/run/said'));
    await lab.exec(['rm', '/run/slow']);
    const applied = await applying;
    expect([applied.outcome, ...applied.steps.slice(0, 2)]).toEqual([
      'applied',
      waits,
      'Looking again at busy.service, what is in force and who requires it.',
    ]);
    expect((await reload).code).toBe(0);
    const limit = '/etc/systemd/system.conf.d/limit.conf';
    await lab.writeFile(limit, '[Manager]\nReloadLimitIntervalSec=6s\nReloadLimitBurst=1\n');
    // The first brings the limit into force, the second is the one that it lets pass.
    await lab.systemctl('daemon-reload');
    await lab.systemctl('daemon-reload');
    const reverted = await flapd('revert', '--all');
    await lab.exec(['rm', limit, generator]);
    await until('no limit', async () => (await lab.exec(['systemctl', 'daemon-reload'])).code === 0);
    expect(reverted.code).toBe(0);
    const version = Number.parseInt((await lab.systemctl('--version')).slice('systemd '.length), 10);
    expect(reverted.stderr.includes('systemd limits how often it reloads')).toBe(version >= 253);
    expect(await show('busy.service', 'DropInPaths')).toBe('DropInPaths=\n');
  });

  it('that flapd advises is applied by flapd apply', async () => {
    const { lab } = given;
    await lab.addUnits({ 'story.service': looping });
    await lab.systemctl('start', '--no-block', 'story.service');
    await until('4 restarts', async () => Number((await show('story.service', 'NRestarts')).slice(10)) >= 4);
    const applied = await flapd('apply', 'story', '--json');
    expect([applied.code, JSON.parse(applied.stdout)]).toMatchObject([
      0,
      {
        unit: 'story.service',
        dropIn: '/run/systemd/system/story.service.d/90-flapd.conf',
        directives: [{ section: 'Service', directive: 'RestartPreventExitStatus', to: '1' }],
        outcome: 'pending',
      },
    ]);
    await until('failed', async () => (await show('story.service', 'SubState')).includes('SubState=failed'));
    const { stdout: status } = await flapd('status', '--all', 'story');
    expect(status).toMatch(/^story\.service has RestartPreventExitStatus=1 by flapd in force until .*\.$/m);
    const again = await flapd('apply', 'story');
    expect([again.code, again.stdout.split('\n').at(-2)]).toEqual([
      1,
      'story.service: not done, there is nothing to apply.',
    ]);
    expect((await flapd('revert', '--all')).code).toBe(0);
    expect(await files()).toBe('');
  });

  it('is read back: a later drop-in that overrides it is found, and it is taken back', async () => {
    await given.lab.addUnits({
      'over.service': looping,
      'over.service.d/99-mine.conf': '[Service]\nRestartSec=1s\nRestartPreventExitStatus=\n',
    });
    for (const directives of [prevent, ['RestartSec=5s']]) {
      expect(await apply({ unit: 'over.service', directives })).toMatchObject({
        outcome: 'no-effect',
        reason: expect.stringContaining('/run/systemd/system/over.service.d/99-mine.conf'),
      });
    }
    expect(await files()).toBe('/run/systemd/system/over.service.d\n');
  });

  it('is refused for a unit that is never touched, that one requires, that is an alias, or whose place is taken', async () => {
    const { lab } = given;
    const link = { 'mine.service.d/90-flapd.conf': '[Service]\nRestartSec=1s\n' };
    await lab.addUnits({
      'mine.service': looping,
      ...link,
      'ssh.service': `[Unit]\nRequires=middle.target\n${looping.replace('[Unit]\n', '')}[Install]\nAlias=secret.service\n`,
      'middle.target': '[Unit]\nBindsTo=keys.service\n',
      'keys.service': '[Service]\nExecStart=sleep infinity\n',
    });
    await lab.systemctl('enable', '--runtime', 'ssh.service');
    await lab.systemctl('start', '--no-block', 'ssh.service');
    const reason = async (unit: string, by?: 'daemon'): Promise<string | undefined> => {
      const answer = await apply({ unit, directives: ['RestartSec=5s'], ...(by && { by }) });
      expect(answer.outcome).toBe('refused');
      return answer.reason;
    };
    expect(await reason('ssh.service')).toBe('flapd never changes ssh.service: it lets people log in');
    expect(await reason('keys.service')).toBe(
      'ssh.service requires it, and flapd never changes that: it lets people log in',
    );
    expect(await reason('secret.service')).toBe('it is an alias of ssh.service');
    expect(await reason('mine.service')).toBe(
      '/run/systemd/system/mine.service.d/90-flapd.conf was not written by flapd',
    );
    expect(await reason('mine.service', 'daemon')).toBe(
      'its policy "default" says "mode: recommend", not "apply"',
    );
    expect(await reason('no-such.service')).toBe('systemd has not loaded it (not-found)');
    await lab.systemctl('stop', 'ssh.service');
    const reverted = await flapd('revert', 'mine');
    expect(reverted.stdout).toMatch(
      /^mine\.service: not done, .* was not written by flapd: it is left alone\.\nTry: systemctl cat mine\.service\n$/,
    );
    expect((await lab.exec(['cat', '/run/systemd/system/mine.service.d/90-flapd.conf'])).stdout).toBe(
      link['mine.service.d/90-flapd.conf'],
    );
    await lab.exec(['rm', '-r', '/run/systemd/system/mine.service.d', '/run/systemd/system/over.service.d']);
  });

  it('cut short at any step by kill -9 leaves nothing that revert --all does not find', async () => {
    const { lab } = given;
    await lab.addUnits({ 'cut.service': looping });
    const before = await show('cut.service', ...restartProperties);
    for (let dieAt = 1; dieAt <= 5; dieAt += 1) {
      const wish = { unit: 'cut.service', directives: prevent, lifetime: 'persistent' as const };
      expect((await apply({ ...wish, dieAt })).reason).toBe('it died');
      const { stderr } = await flapd('revert', '--all');
      expect(stderr.includes('Removing /etc/systemd/system/cut.service.d/90-flapd.conf.')).toBe(dieAt >= 4);
      expect(await files()).toBe('');
      expect(await show('cut.service', ...restartProperties)).toBe(before);
    }
  });

  it('is kept back by a kill file, by "apply: off", and by policies that others may write', async () => {
    const { lab } = given;
    const wish = { unit: 'cut.service', directives: prevent };
    await lab.writeFile('/etc/flapd/stop-applying', '');
    expect((await apply(wish)).reason).toBe(
      'Cannot apply a remedy: /etc/flapd/stop-applying is there, which stops all writing',
    );
    await lab.exec(['rm', '/etc/flapd/stop-applying']);
    await lab.writeFile('/etc/flapd/flapd.yaml', 'apply: off\n');
    expect((await apply(wish)).reason).toBe('/etc/flapd/flapd.yaml says "apply: off"');
    await lab.writeFile('/etc/flapd/flapd.yaml', 'apply: on\n', 0o666);
    expect((await apply(wish)).reason).toContain('/etc/flapd/flapd.yaml is writable by others');
    await lab.exec(['rm', '/etc/flapd/flapd.yaml']);
    expect(await files()).toBe('');
  });
});
