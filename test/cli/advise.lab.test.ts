import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { settingsWith } from '../../src/core/advice/advised.ts';
import { readDirective } from '../../src/core/remedy/directive.ts';
import type { RestartSettings } from '../../src/core/systemd/restart-settings.ts';
import type { RunEnding } from '../../src/core/systemd/run-ending.ts';
import { simulate } from '../../src/core/systemd/simulate.ts';
import type { AdviceView } from '../../src/core/view.ts';
import { control, ending, exited, killed, settingsOf, statuses } from '../core/systemd/ending-cases.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { flapdInLab, labNode, type Lab } from '../lab/lab.ts';

/**
 * With delays of 5 s each, before 254, two restarts come within it though each is late by a second, and the third, due
 * after 15 s, never does; with delays of 3, 6 and 12 s it is two with more to spare.
 */
const spanMs = 13_500;
const loopsForMs = 5000;

interface Trial {
  readonly policy: 'slow' | 'limit' | 'signal' | 'auto';
  readonly lines: string;
  readonly ends: RunEnding | readonly RunEnding[];
  readonly uptimeMs?: number;
  readonly settings?: Partial<RestartSettings>;
  /** Beside Restart=on-failure, RestartSec=300ms and no start limit: by systemd.service(5). */
  readonly more?: string;
  readonly unit?: string;
  /** The names of what is advised, in short. */
  readonly advises: 'prevents' | 'slows' | 'limits';
  readonly since?: number;
}

const sh = (script: string): string => `ExecStart=sh -c '${script}'`;

const trials: Readonly<Record<string, Trial>> = {
  'exit-1': { policy: 'auto', lines: sh('exit 1'), ends: exited(1), advises: 'prevents' },
  'exit-78-beside-another': {
    policy: 'auto',
    lines: sh('exit 78'),
    ends: exited(78),
    more: 'RestartPreventExitStatus=2\n',
    settings: { preventExitStatus: statuses(2) },
    advises: 'prevents',
  },
  'exit-1-2-3': {
    policy: 'auto',
    lines: sh('n=$(cat /run/n 2>/dev/null || echo 0); echo $(((n + 1) %% 3)) >/run/n; exit $((n + 1))'),
    ends: [exited(1), exited(2), exited(3)],
    advises: 'prevents',
  },
  'no-program': { policy: 'auto', lines: 'ExecStart=/nonexistent', ends: exited(203), advises: 'prevents' },
  forced: {
    policy: 'auto',
    lines: sh('exit 4'),
    ends: exited(4),
    more: 'Restart=no\nRestartForceExitStatus=4\n',
    settings: { restart: 'no', forceExitStatus: statuses(4) },
    advises: 'prevents',
  },
  'signal-of-the-policy': {
    policy: 'signal',
    lines: sh('kill -SEGV $$$$'),
    ends: killed(11),
    more: 'LimitCORE=0\n',
    advises: 'prevents',
  },
  instance: {
    policy: 'auto',
    unit: 'instance@one.service',
    lines: sh('exit 5'),
    ends: exited(5),
    advises: 'prevents',
  },
  segv: {
    policy: 'slow',
    lines: sh('kill -SEGV $$$$'),
    ends: killed(11),
    more: 'LimitCORE=0\n',
    advises: 'slows',
  },
  kill: { policy: 'slow', lines: sh('kill -KILL $$$$'), ends: killed(9), advises: 'slows' },
  tempfail: { policy: 'slow', lines: sh('exit 75'), ends: exited(75), advises: 'slows' },
  'start-pre': {
    policy: 'slow',
    lines: `ExecStartPre=sh -c 'exit 42'\n${sh('exit 0')}`,
    ends: control('ExecStartPre', 42),
    advises: 'slows',
  },
  'start-timeout': {
    policy: 'slow',
    lines: 'Type=notify\nTimeoutStartSec=300ms\nExecStart=sleep infinity',
    ends: ending({ code: 'killed', status: 15, result: 'timeout', during: 'start' }),
    uptimeMs: 300,
    settings: { type: 'notify' },
    advises: 'slows',
  },
  watchdog: {
    policy: 'slow',
    lines: 'WatchdogSec=300ms\nLimitCORE=0\nExecStart=sleep infinity',
    ends: ending({ code: 'killed', status: 6, result: 'watchdog' }),
    uptimeMs: 300,
    advises: 'slows',
  },
  'always-exit-0': {
    policy: 'slow',
    lines: sh('exit 0'),
    ends: exited(0),
    more: 'Restart=always\n',
    settings: { restart: 'always' },
    advises: 'slows',
  },
  direct: {
    policy: 'slow',
    lines: sh('exit 75'),
    ends: exited(75),
    more: 'RestartMode=direct\n',
    settings: { restartMode: 'direct' },
    advises: 'slows',
    since: 254,
  },
  'limit-too-short': {
    policy: 'limit',
    lines: sh('exit 75'),
    ends: exited(75),
    more: '[Unit]\nStartLimitBurst=3\nStartLimitIntervalSec=1\n',
    settings: { startLimitBurst: 3, startLimitIntervalMs: 1000 },
    advises: 'limits',
  },
  'limit-off': { policy: 'limit', lines: sh('kill -KILL $$$$'), ends: killed(9), advises: 'limits' },
};

const policies = `policies:
  - { name: slow, match: [${namesWith('slow')}], loop: [{ restarts: 3, within: 1min }], remedy: { prevent_exit_status: "off", backoff: { from: 3s, to: 12s } } }
  - { name: limit, match: [${namesWith('limit')}], loop: [{ restarts: 3, within: 1min }], remedy: { prevent_exit_status: "off", backoff: "off" } }
  - { name: signal, match: [${namesWith('signal')}], loop: [{ restarts: 3, within: 1min }], remedy: { prevent_exit_status: [SIGSEGV] } }
  - { name: auto, match: ["*"], loop: [{ restarts: 3, within: 1min }] }
`;

function namesWith(policy: Trial['policy']): string {
  return Object.entries(trials)
    .filter(([, trial]) => trial.policy === policy)
    .map(([name]) => `${name}.service`)
    .join(', ');
}

const unitOf = (name: string, { unit = `${name}.service` }: Trial): string => unit;

const textOf = ({ lines, more = '' }: Trial): string =>
  `[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=on-failure\nRestartSec=300ms\n${lines}\n${more}`;

describeLab('what flapd advises', (given) => {
  let advices: ReadonlyMap<string, AdviceView>;
  let real: ReadonlyMap<string, { readonly restarts: number; readonly failed: boolean }>;
  let printed: Awaited<ReturnType<typeof flapd>>;
  let status: Awaited<ReturnType<typeof flapd>>;
  let complaints: readonly string[];

  beforeAll(async () => {
    const { lab } = given;
    const own = Object.entries(trials).filter(([, { since = 0 }]) => since <= lab.systemdVersion);
    const units = own.map(([name, trial]) => unitOf(name, trial));
    await lab.writeFile('/run/flapd-config/policies.d/10.yaml', policies);
    await lab.addUnits(
      Object.fromEntries(
        own.map(([name, trial]) => [unitOf(name, trial).replace('@one', '@'), textOf(trial)]),
      ),
    );
    await lab.systemctl('start', '--no-block', ...units);
    await sleep(loopsForMs);
    advices = await ask(lab);
    printed = await flapd(lab, 'advise', 'exit-1', '--print');
    status = await flapd(lab, 'status', 'exit-1', 'segv');
    await lab.systemctl('stop', ...units);
    await lab.exec(['systemctl', 'reset-failed']);
    // Written and reloaded at once.
    await lab.addUnits(
      Object.fromEntries(
        [...advices.values()].map(({ target, dropIn = '' }) => [`${target}.d/90-flapd.conf`, dropIn]),
      ),
    );
    complaints = await complaintsAbout(lab, units);
    await lab.exec(['journalctl', '--rotate', '--vacuum-time=1s']);
    await lab.systemctl('start', '--no-block', ...units);
    await sleep(spanMs + 1500);
    real = await countRestarts(lab, units);
  }, 120_000);

  const listed = Object.entries(trials).map(([name, trial]) => ({ name, trial, advises: trial.advises }));
  describe.each(listed)('$name: $advises', ({ name, trial }) => {
    it('with the effect that is simulated', ({ skip }) => {
      const { systemdVersion } = given.lab;
      const { since = 0, ends, uptimeMs = 30 } = trial;
      skip(since > systemdVersion, `systemd ${systemdVersion} can't do it: ${since} brought it`);
      const unit = unitOf(name, trial);
      const advice = advices.get(unit);
      expect([advice?.none, namesOf(advice)]).toEqual([
        undefined,
        advisedNames[trial.advises](systemdVersion),
      ]);
      const before = settingsOf({
        restartSecMs: 300,
        startLimitIntervalMs: 0,
        ...trial.settings,
        systemdVersion,
      });
      const after = settingsWith(before, directivesOf(advice));
      const runs = [ends].flat().map((exit) => ({ exit, uptimeMs }));
      const { restarts, restsAs } = simulate(runs, after, spanMs);
      expect(real.get(unit)).toEqual({ restarts, failed: restsAs === 'failed' });
      // And not what would have been without it.
      expect(restarts).toBeLessThan(simulate(runs, before, spanMs).restarts);
    });
  });

  it('is taken by systemd without a word', () => {
    expect(complaints).toEqual([]);
  });

  it('stands in the status, without a daemon too, of a unit that is in an incident', () => {
    expect(status).toMatchObject({ code: 1, stderr: '' });
    expect(status.stdout).toContain('  Advice: RestartPreventExitStatus=1 (flapd advise exit-1.service)\n');
    expect(status.stdout).toMatch(/^ {2}Advice: RestartSec=.* \(flapd advise segv\.service\)$/m);
  });

  it('is printed for systemctl edit, and nothing else is', async () => {
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    expect(printed.stdout).toMatch(
      /^# Advised by flapd for exit-1\.service\. .*\n# RestartPreventExitStatus: The main process ended \d.*\n\n\[Service\]\nRestartPreventExitStatus=1\n$/,
    );
    const followed = await flapd(given.lab, 'advise', 'segv.service', '--print');
    expect(followed).toMatchObject({ code: 1, stdout: '' });
    expect(followed.stderr).toContain('it waits');
  });
});

const advisedNames: Readonly<Record<Trial['advises'], (version: number) => readonly string[]>> = {
  prevents: () => ['RestartPreventExitStatus'],
  slows: (version) => (version < 254 ? ['RestartSec'] : ['RestartSec', 'RestartSteps', 'RestartMaxDelaySec']),
  limits: () => ['StartLimitIntervalSec'],
};

const namesOf = (advice: AdviceView | undefined): readonly string[] =>
  advice?.directives.map(({ directive }) => directive) ?? [];

function directivesOf(advice: AdviceView | undefined) {
  return (advice?.directives ?? []).map(({ directive, writes }) => {
    const reading = readDirective(directive, writes);
    if (!reading.ok) throw new Error(`${directive}=${writes}: ${reading.found}`);
    return reading.directive;
  });
}

async function flapd(lab: Lab, ...argv: readonly string[]) {
  await lab.exec(['journalctl', '--sync']);
  return lab.exec([labNode(lab.root), flapdInLab, ...argv, '--config', '/run/flapd-config'], {
    timeoutMs: 60_000,
  });
}

/** All at once: on those that loop. */
async function ask(lab: Lab): Promise<ReadonlyMap<string, AdviceView>> {
  const { stdout } = await flapd(lab, 'advise', '--json');
  const views: readonly AdviceView[] = JSON.parse(stdout);
  return new Map(views.map((view) => [view.unit, view]));
}

async function complaintsAbout(lab: Lab, units: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr } = await lab.exec(['systemd-analyze', 'verify', ...units], { timeoutMs: 60_000 });
  await lab.exec(['journalctl', '--sync']);
  const journal = await lab.exec(['journalctl', '--quiet', '--output=cat', '_PID=1']);
  return `${stdout}${stderr}${journal.stdout}`.split('\n').filter((line) => line.includes('90-flapd'));
}

const restartScheduled = '5eb03494b6584870a536b337290809b3';

async function countRestarts(
  lab: Lab,
  units: readonly string[],
): Promise<ReadonlyMap<string, { readonly restarts: number; readonly failed: boolean }>> {
  await lab.exec(['journalctl', '--sync']);
  const { stdout } = await lab.exec(['journalctl', '--quiet', '--output=json', '_PID=1']);
  const began = new Map<string, number>();
  const restarts = new Map<string, number>();
  for (const line of stdout.trim().split('\n')) {
    const { UNIT, MESSAGE_ID, _SOURCE_REALTIME_TIMESTAMP } = JSON.parse(line);
    if (typeof UNIT !== 'string') continue;
    const atMs = Number(_SOURCE_REALTIME_TIMESTAMP) / 1000;
    if (!began.has(UNIT)) began.set(UNIT, atMs);
    const within = atMs < (began.get(UNIT) ?? 0) + spanMs;
    if (MESSAGE_ID === restartScheduled && within) restarts.set(UNIT, (restarts.get(UNIT) ?? 0) + 1);
  }
  const shown = await Promise.all(
    units.map(async (unit) => {
      const state = await lab.systemctl('show', '--property=ActiveState', '--value', unit);
      return [unit, { restarts: restarts.get(unit) ?? 0, failed: state.trim() === 'failed' }] as const;
    }),
  );
  return new Map(shown);
}
