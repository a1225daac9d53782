import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import type { AdviceView, CauseView, IncidentView } from '../../src/core/view.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { flapdInLab, labNode, type Lab } from '../lab/lab.ts';
import { closeToOthers, dyingFiles, dyingUnits, mountNoexec } from './dying-units.ts';
import { FlapdHttp } from './flapd-http.ts';

interface Explanation {
  readonly unit: string;
  readonly verdict: string;
  readonly lastExit: { readonly status?: number; readonly name?: string; readonly invocationId?: string };
  readonly evidence: {
    readonly lines: readonly { readonly text: string; readonly by: string }[];
    readonly settings: readonly {
      readonly directive: string;
      readonly file: string;
      readonly line: number;
    }[];
    readonly cpuSeconds?: number;
  };
  readonly causes: readonly CauseView[];
  readonly advice?: AdviceView;
  readonly changes: readonly { readonly kind: string; readonly what: string }[];
}

async function cli(lab: Lab, argv: readonly string[]) {
  return lab.exec([labNode(lab.root), flapdInLab, ...argv]);
}

async function explained(lab: Lab, unit: string): Promise<Explanation> {
  const { stdout, stderr } = await cli(lab, ['explain', '--json', unit]);
  if (stdout === '') throw new Error(`flapd explain ${unit}: ${stderr}`);
  return JSON.parse(stdout) as Explanation;
}

async function show(lab: Lab, unit: string, property: string): Promise<string> {
  return (await lab.systemctl('show', `--property=${property}`, '--value', unit)).trim();
}

describeLab(
  'why services die',
  (given) => {
    beforeAll(async () => {
      const { lab } = given;
      await mountNoexec(lab);
      await closeToOthers(lab);
      const units = dyingUnits(lab);
      await lab.addUnits(units);
      await lab.systemctl('start', 'statsd.service');
      // Its port, 8125, is to be taken before the others want it.
      while ((await lab.exec(['grep', '-q', ':1FBD ', '/proc/net/tcp'])).code !== 0) await sleep(50);
      const names = Object.keys(units).filter((name) => name !== 'statsd.service');
      await lab.systemctl('start', '--no-block', ...names);
      // The second death shows that it was no accident.
      for (const name of names) while (Number(await show(lab, name, 'NRestarts')) < 2) await sleep(100);
      await lab.exec(['journalctl', '--sync']);
    });

    const stories: readonly (readonly [string, string, RegExp])[] = [
      [
        'logstash',
        'missing-file',
        /^\/etc\/logstash\/GeoLiteCity\.dat does not exist: already \/etc\/logstash is missing\.$/,
      ],
      [
        'graphite',
        'address-in-use',
        /^TCP port 8125 is already in use: \S+ \(PID \d+\) of statsd\.service listens on it since .+Z\.$/,
      ],
      [
        'sendmail',
        'address-in-use',
        /^(The conflict over TCP port 2525 is within sendmail\.service itself|TCP port 2525 is already in use by sendmail\.service itself)/,
      ],
      [
        'riemann',
        'noexec-mount',
        /^\/mnt\/riemann\/libriemann\.so may not be run or mapped as code: \/mnt\/riemann is mounted noexec\.$/,
      ],
      [
        'ganglia',
        'shell-quoting',
        /^The variable CLUSTER holds a quote that is never closed, and ExecStart= hands it to a shell\.$/,
      ],
      [
        'no-x-bit',
        'bad-executable',
        /^systemd could not run \/usr\/local\/bin\/no-x-bit: it is not executable\.$/,
      ],
      ['no-user', 'missing-user', /^The user "nosuch" of User= does not exist\.$/],
      [
        'no-folder',
        'missing-directory',
        /^The working directory \/srv\/nowhere does not exist\.$|already \/srv is missing\.$/,
      ],
      [
        'no-ready',
        'start-timeout',
        /^It was not ready within TimeoutStartSec=500ms \(it never said READY=1\)/,
      ],
      ['no-rights', 'permission-denied', /^The user nobody may not read \/etc\/app\.key\.$/],
      [
        'no-way',
        'permission-denied',
        /^The user nobody may not enter \/srv\/closed, on the way to \/srv\/closed\/app\.conf\.$/,
      ],
      [
        'read-only',
        'permission-denied',
        /^\/etc\/app\.state is read-only for the service: ProtectSystem=full, /,
      ],
      ['crash', 'core-dumped', /^Its program crashed on SIGSEGV/],
    ];

    it('names the cause first, and has looked', async () => {
      for (const [name, id, sentence] of stories) {
        const { causes, ...rest } = await explained(given.lab, name);
        expect(causes[0], `${name}: ${JSON.stringify({ causes, rest }, undefined, 1)}`).toMatchObject({
          id,
          state: 'confirmed',
        });
        expect(causes[0]?.sentence).toMatch(sentence);
        expect(causes[0]?.proof.length).toBeGreaterThan(0);
      }
    });

    it('advises what an administrator would do, on all of them at once', async () => {
      const version = given.lab.systemdVersion;
      const slower = version < 254 ? ['RestartSec'] : ['RestartSec', 'RestartSteps', 'RestartMaxDelaySec'];
      const wanted = {
        logstash: ['RestartPreventExitStatus=1'],
        graphite: ['RestartPreventExitStatus=1'],
        sendmail: ['RestartPreventExitStatus=71'],
        riemann: ['RestartPreventExitStatus=1'],
        ganglia: ['RestartPreventExitStatus=2'],
        'no-x-bit': ['RestartPreventExitStatus=203'],
        'no-user': ['RestartPreventExitStatus=217'],
        'no-folder': ['RestartPreventExitStatus=200'],
        'no-ready': slower,
      };
      const advised = async (): Promise<object> => {
        const { stdout } = await cli(given.lab, ['advise', '--json']);
        const views: readonly AdviceView[] = JSON.parse(stdout);
        const lines = ({ directives }: AdviceView): readonly string[] =>
          directives.map(({ directive, writes }) =>
            directive === 'RestartPreventExitStatus' ? `${directive}=${writes}` : directive,
          );
        return Object.fromEntries(views.map((view) => [view.unit.replace('.service', ''), lines(view)]));
      };
      // Two deaths say too little.
      await expect.poll(advised, { timeout: 30_000 }).toMatchObject(wanted);
      const { advice } = await explained(given.lab, 'sendmail');
      expect(advice?.directives).toMatchObject([{ directive: 'RestartPreventExitStatus', to: '71' }]);
    });

    it('shows what is behind it: the end, the lines, the settings and their places', async () => {
      const { lastExit, evidence, changes } = await explained(given.lab, 'sendmail');
      expect(lastExit).toMatchObject({ status: 71, name: 'OSERR' });
      expect(lastExit.invocationId).toMatch(/^[0-9a-f]{32}$/);
      expect(evidence.lines.map(({ text }) => text).join('\n')).toContain(
        'cannot bind: Address already in use',
      );
      expect(evidence.settings).toContainEqual(
        expect.objectContaining({
          directive: 'Restart',
          file: '/run/systemd/system/sendmail.service',
          line: 5,
        }),
      );
      expect(changes.map(({ what }) => what)).toContain(
        'unit file /run/systemd/system/sendmail.service was changed',
      );
    });

    it('tells a limit of its runtime from a word of the kernel', async () => {
      const { causes } = await explained(given.lab, 'heap');
      const words = 'It ran out of the memory that it may have itself.';
      expect(causes[0]).toMatchObject({ id: 'oom-killed', state: 'likely', sentence: words });
    });

    it('knows no cause where somebody else killed it', async () => {
      const { causes } = await explained(given.lab, 'killed');
      expect(causes).toEqual([]);
      const { stdout } = await cli(given.lab, ['explain', 'killed']);
      expect(stdout).toMatch(/The cause is not known: the run logged nothing\./);
    });

    it('knows the causes that an operator wrote', async () => {
      const { causes } = await explained(given.lab, 'licence');
      expect(causes).toEqual([
        {
          id: 'licence-expired',
          state: 'likely',
          sentence: 'The licence has expired.',
          proof: ['the Licence of app has expired'],
          hint: 'Fetch a new one',
          runbook: 'https://wiki.example.org/licence',
        },
      ]);
    });

    it('goes back to the first failure where later runs only echo it', async () => {
      // It is known once the loop is an incident.
      await expect
        .poll(async () => (await explained(given.lab, 'locked')).causes, { timeout: 30_000, interval: 1000 })
        .toMatchObject([
          { id: 'missing-file', state: 'confirmed', sentence: '/etc/locked.conf does not exist.' },
        ]);
      const { causes, evidence } = await explained(given.lab, 'locked');
      expect(evidence.lines.map(({ text }) => text).join('\n')).toContain('lock file exists');
      expect(causes[0]?.proof.join('\n')).toMatch(/so the loop's first failure, at .+Z;/);
    });

    it('is neither fooled nor broken by what a service logs', async () => {
      const { causes, evidence } = await explained(given.lab, 'hostile');
      expect(causes.map(({ id, state }) => [id, state])).toEqual([['missing-file', 'confirmed']]);
      expect(evidence.lines.every(({ by, text }) => by === 'systemd' || text.length <= 400)).toBe(true);
      const { stdout } = await cli(given.lab, ['explain', 'hostile']);
      expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
      expect(JSON.stringify(evidence)).not.toContain('hunter2');
    });

    it('is one screen, and gives no secret away', async () => {
      const { stdout, code } = await cli(given.lab, ['explain', 'ganglia']);
      expect(code).toBe(/ is in a restart loop/.test(stdout) ? 1 : 0);
      expect(stdout).toMatch(/^Cause, confirmed \(shell-quoting\): /m);
      expect(stdout).toMatch(/^ {2}journalctl _SYSTEMD_INVOCATION_ID=[0-9a-f]{32}$/m);
      expect(stdout).not.toContain('hunter2');
      expect(stdout.split('\n').length).toBeLessThan(40);
    });

    it('says that there is nothing to explain of what runs', async () => {
      const { stdout, code } = await cli(given.lab, ['explain', 'statsd']);
      expect(code).toBe(0);
      expect(stdout).toContain('there is nothing to explain');
    });

    it('traces the next run, and leaves the service as it was', async ({ skip }) => {
      const { lab } = given;
      if ((await lab.exec(['sh', '-c', 'command -v strace'])).code !== 0) {
        const { code, stderr } = await cli(lab, ['trace', 'graphite']);
        expect(code).toBe(1);
        expect(stderr).toContain('there is no strace');
        return skip('this root has no strace');
      }
      const { stdout, stderr } = await cli(lab, ['trace', '--json', 'graphite']);
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toMatchObject({
        unit: 'graphite.service',
        end: 'exited with 1',
        failed: expect.arrayContaining([
          expect.objectContaining({ call: 'bind', error: 'EADDRINUSE' }),
        ]) as object,
        counts: expect.arrayContaining([expect.objectContaining({ call: 'bind', errors: 1 })]) as object,
      });
      // It would take the port while statsd is restarted.
      await lab.systemctl('stop', 'graphite.service');
      const done = new AbortController();
      const tracing = cli(lab, ['trace', '--for', '500ms', 'statsd']).finally(() => done.abort());
      // It hears of starts by then.
      const isWaiting = async (): Promise<number> => (await lab.exec(['pgrep', '-f', 'read -r pid'])).code;
      await expect.poll(isWaiting, { timeout: 30_000 }).toBe(0);
      while (!done.signal.aborted) {
        await lab.systemctl('restart', 'statsd.service');
        // One that was up before strace came to it is passed over; below 2.5s systemd would call it a loop.
        for (let wait = 0; wait < 100 && !done.signal.aborted; wait += 1) await sleep(100);
      }
      expect((await tracing).stdout).toMatch(/it goes on, and strace has let go of it/);
      const pid = await show(lab, 'statsd.service', 'MainPID');
      const status = async (): Promise<string> =>
        (await lab.exec(['grep', '-E', '^(State|TracerPid)', `/proc/${pid}/status`])).stdout;
      await expect.poll(status).toMatch(/^State:\tS .*\nTracerPid:\t0\n$/);
    });

    it('tells, as the daemon, of the first failure and its cause: in the log, by a sink, and by the API', async () => {
      const { lab } = given;
      const unit = 'sendmail.service';
      const exec = `${labNode(lab.root)} ${flapdInLab} run`;
      await lab.addUnits({
        'flapd.service': `[Service]\nType=notify\nNotifyAccess=all\nExecStart=${exec}\n`,
      });
      await lab.systemctl('start', 'flapd.service');
      const incident = async (): Promise<IncidentView | undefined> =>
        (await new FlapdHttp(lab.exec).incidents()).find((each) => each.unit === unit);
      const sentence = expect.stringMatching(
        /^(The conflict over TCP port 2525 is within sendmail\.service itself|TCP port 2525 is already in use by sendmail\.service itself)/,
      ) as string;
      const known = {
        causes: [{ id: 'address-in-use', state: 'confirmed', sentence }],
        evidence: { exit: { status: 71, name: 'OSERR' } },
        changes: expect.arrayContaining([
          expect.objectContaining({ what: `unit file /run/systemd/system/${unit} was changed` }),
        ]) as unknown[],
      };
      await expect.poll(incident, { timeout: 60_000, interval: 500 }).toMatchObject(known);
      const found = await incident();
      expect(found?.firstExit?.invocationId).toBe(found?.evidence?.exit?.invocationId);
      const lines = (found?.evidence?.lines ?? []).map(({ text }) => text);
      expect(lines.join('\n')).toMatch(/cannot bind: Address already in use on port 2525/);
      expect(lines).toContain('relay is smtp://mta:***@relay.invalid');
      expect(found?.evidence?.settings).toContainEqual(
        expect.objectContaining({ directive: 'Restart', file: `/run/systemd/system/${unit}`, line: 5 }),
      );
      const paged = async (): Promise<readonly unknown[]> => {
        const { stdout } = await lab.exec(['cat', '/run/paged']);
        const told = stdout.split('\n').filter((text) => text !== '');
        expect(stdout).not.toContain('hunter2');
        return told.map((text) => JSON.parse(text) as unknown);
      };
      await expect
        .poll(paged, { timeout: 60_000, interval: 500 })
        .toContainEqual(
          expect.objectContaining({ event: 'opened', incident: expect.objectContaining({ unit }) }),
        );
      const { stdout } = await lab.exec([
        'journalctl',
        '--quiet',
        '--output=cat',
        '_SYSTEMD_UNIT=flapd.service',
      ]);
      expect(stdout).toMatch(/"message":"Why sendmail\.service dies: [^"]+ \(address-in-use, confirmed\)"/);
      expect(stdout).not.toContain('hunter2');
      // It outlives the daemon.
      await lab.systemctl('restart', 'flapd.service');
      await expect
        .poll(incident, { timeout: 60_000, interval: 500 })
        .toMatchObject({ id: found?.id, causes: found?.causes, evidence: found?.evidence });
      await lab.systemctl('stop', 'flapd.service');
    });

    it('refuses what it can not explain', async () => {
      expect(await cli(given.lab, ['explain'])).toMatchObject({ code: 2 });
      expect(await cli(given.lab, ['explain', 'nosuch'])).toMatchObject({ code: 2 });
    });
  },
  { files: dyingFiles, users: true, strace: true },
);
