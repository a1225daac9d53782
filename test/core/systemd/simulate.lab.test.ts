import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { signalName } from '../../../src/core/systemd/exit-status.ts';
import type { ExitSet, RestartSettings } from '../../../src/core/systemd/restart-settings.ts';
import type { RunEnding } from '../../../src/core/systemd/run-ending.ts';
import { refusalOf } from '../../../src/core/systemd/setting-refusal.ts';
import { simulate, type SimulatedRun } from '../../../src/core/systemd/simulate.ts';
import { formatTimeSpan } from '../../../src/core/time-span.ts';
import { describeLab } from '../../lab/describe-lab.ts';
import type { Exec } from '../../lab/enter.ts';
import { control, ending, exited, killed, settingsOf, signals, statuses } from './ending-cases.ts';

/**
 * A restart comes up to a quarter of a second later than it is due, and its run begins late on a busy machine: at this delay
 * two cycles have almost four seconds to spare before the span is over, and the third restart can't come within it, since no
 * timer fires early.
 */
const restartSecMs = 4500;
const spanMs = 13_400;

interface Trial {
  /** What is expected, in plain words. */
  readonly means: string;
  readonly settings?: Partial<RestartSettings>;
  /** What dies, by systemd.service(5). */
  readonly lines: string;
  readonly ends: RunEnding | readonly RunEnding[];
  readonly uptimeMs?: number;
  /** The systemd that brought what it needs; an older one refuses it, or leaves to chance how many restarts fit in. */
  readonly since?: number;
}

const sh = (script: string): string => `ExecStart=sh -c '${script}'`;
const dies = (signal: string): string => sh(`kill -${signal} $$$$`);
const limit = (startLimitBurst: number, startLimitIntervalMs: number): Partial<RestartSettings> => ({
  startLimitBurst,
  startLimitIntervalMs,
});

const trials: Readonly<Record<string, Trial>> = {
  'exit-1': { means: 'goes on', lines: sh('exit 1'), ends: exited(1) },
  'slow-exit-1': {
    means: 'goes on, a run and a delay at a time',
    settings: { restartSecMs: 2500 },
    lines: sh('sleep 2; exit 1'),
    ends: exited(1),
    uptimeMs: 2050,
  },
  'long-delay': {
    means: 'was restarted once',
    settings: { restartSecMs: 9000 },
    lines: sh('exit 1'),
    ends: exited(1),
  },
  prevented: {
    means: 'rests at once',
    settings: { preventExitStatus: statuses(1, 78) },
    lines: sh('exit 78'),
    ends: exited(78),
  },
  'prevented-another': {
    means: 'goes on',
    settings: { preventExitStatus: statuses(78) },
    lines: sh('exit 1'),
    ends: exited(1),
  },
  'prevented-the-second-time': {
    means: 'rests after one restart',
    settings: { restartSecMs: 100, preventExitStatus: statuses(78) },
    lines: sh('[ -e /run/second ] && exit 78; : >/run/second; exit 1'),
    ends: [exited(1), exited(78)],
  },
  'prevented-start-pre': {
    means: 'goes on: it was not the main process',
    settings: { preventExitStatus: statuses(42) },
    lines: `ExecStartPre=sh -c 'exit 42'\n${sh('exit 1')}`,
    ends: control('ExecStartPre', 42),
  },
  'prevented-start-post': {
    means: 'rests at once: systemd sent the main process SIGTERM',
    settings: { preventExitStatus: signals(15) },
    lines: `ExecStart=sleep infinity\nExecStartPost=sh -c 'exit 42'`,
    ends: control('ExecStartPost', 42),
  },
  'prevented-stop-post': {
    means: 'goes on: the main process ended with 0',
    settings: { preventExitStatus: statuses(7) },
    lines: `${sh('exit 0')}\nExecStopPost=sh -c 'exit 7'`,
    ends: control('ExecStopPost', 7),
  },
  'prevented-start-timeout': {
    means: 'rests at once: systemd sent SIGTERM',
    settings: { type: 'notify', preventExitStatus: signals(15) },
    lines: 'TimeoutStartSec=500ms\nExecStart=sleep infinity',
    ends: ending({ code: 'killed', status: 15, result: 'timeout', during: 'start' }),
    uptimeMs: 500,
  },
  'prevented-no-program': {
    means: 'rests at once, with 203/EXEC',
    settings: { preventExitStatus: statuses(203) },
    lines: 'ExecStart=/nonexistent/program',
    ends: exited(203),
  },
  'prevented-clean': {
    means: 'rests at once, inactive',
    settings: { restart: 'always', preventExitStatus: statuses(0) },
    lines: sh('exit 0'),
    ends: exited(0),
  },
  forced: {
    means: 'goes on',
    settings: { restart: 'no', forceExitStatus: statuses(75) },
    lines: sh('exit 75'),
    ends: exited(75),
  },
  'forced-and-prevented': {
    means: 'rests at once',
    settings: { forceExitStatus: statuses(75), preventExitStatus: statuses(75) },
    lines: sh('exit 75'),
    ends: exited(75),
  },
  'forced-oneshot': {
    means: 'goes on',
    settings: { type: 'oneshot', restart: 'no', forceExitStatus: statuses(3) },
    lines: sh('exit 3'),
    ends: exited(3),
    since: 256,
  },
  'forced-oneshot-success': {
    means: 'rests at once, inactive',
    settings: { type: 'oneshot', restart: 'no', forceExitStatus: statuses(0) },
    lines: sh('exit 0'),
    ends: exited(0),
    since: 256,
  },
  'on-abnormal-exit': {
    means: 'rests at once',
    settings: { restart: 'on-abnormal' },
    lines: sh('exit 1'),
    ends: exited(1),
  },
  'on-abnormal-sigkill': {
    means: 'goes on',
    settings: { restart: 'on-abnormal' },
    lines: dies('KILL'),
    ends: killed(9),
  },
  'on-watchdog-sigkill': {
    means: 'rests at once',
    settings: { restart: 'on-watchdog' },
    lines: dies('KILL'),
    ends: killed(9),
  },
  'on-watchdog-watchdog': {
    means: 'goes on',
    settings: { restart: 'on-watchdog', restartSecMs: 4000 },
    lines: 'WatchdogSec=500ms\nLimitCORE=0\nExecStart=sleep infinity',
    ends: ending({ code: 'killed', status: 6, result: 'watchdog' }),
    uptimeMs: 500,
  },
  'on-failure-sigterm': { means: 'rests at once, inactive', lines: dies('TERM'), ends: killed(15) },
  'always-sigterm': {
    means: 'goes on',
    settings: { restart: 'always' },
    lines: dies('TERM'),
    ends: killed(15),
  },
  'oneshot-sigterm': {
    means: 'goes on: no daemon',
    settings: { type: 'oneshot' },
    lines: dies('TERM'),
    ends: ending({ code: 'killed', status: 15, result: 'signal', during: 'start' }),
  },
  'always-exit-0': {
    means: 'goes on',
    settings: { restart: 'always' },
    lines: sh('exit 0'),
    ends: exited(0),
  },
  'on-success-exit-1': {
    means: 'rests at once',
    settings: { restart: 'on-success' },
    lines: sh('exit 1'),
    ends: exited(1),
  },
  'always-skipped': {
    means: 'rests at once, inactive',
    settings: { restart: 'always' },
    lines: `ExecCondition=sh -c 'exit 1'\n${sh('exit 0')}`,
    ends: control('ExecCondition', 1, 'exec-condition'),
  },
  success: {
    means: 'rests at once, inactive',
    settings: { successExitStatus: statuses(3) },
    lines: sh('exit 3'),
    // As a counterfactual has it: recorded as a failure, before the setting was there.
    ends: exited(3),
  },
  'limit-by-default': {
    means: 'rests after five, failed though it exits with 0',
    settings: { restart: 'on-success', restartSecMs: 100, ...limit(5, 10_000) },
    lines: sh('exit 0'),
    ends: exited(0),
  },
  'limit-at-once': {
    means: 'rests after three',
    settings: { restartSecMs: 0, ...limit(3, 10_000) },
    lines: sh('exit 1'),
    ends: exited(1),
  },
  'limit-trips': {
    means: 'rests after two',
    settings: limit(2, spanMs - 100),
    lines: sh('exit 1'),
    ends: exited(1),
  },
  'limit-missed-by-a-hair': {
    means: 'goes on: two restarts take 9 s',
    settings: limit(2, 2 * restartSecMs - 50),
    lines: sh('exit 1'),
    ends: exited(1),
  },
  'grows-from-254': {
    means: 'was restarted once; twice before 254',
    settings: { restartSteps: 1, restartMaxDelayMs: 20_000 },
    lines: sh('exit 1'),
    ends: exited(1),
  },
  direct: { means: 'goes on', settings: { restartMode: 'direct' }, lines: sh('exit 1'), ends: exited(1) },
  'grows-by-steps': {
    means: 'was restarted after 0.5 s, 1.5 s and 4.5 s, and waits for 13.5 s',
    settings: { restartSecMs: 500, restartSteps: 3, restartMaxDelayMs: 13_500 },
    lines: sh('exit 1'),
    ends: exited(1),
    since: 254,
  },
  'direct-limit': {
    means: 'rests after four',
    settings: { restartMode: 'direct', restartSecMs: 100, ...limit(4, 10_000) },
    lines: sh('exit 1'),
    ends: exited(1),
    since: 254,
  },
};

/** Without a start limit where the trial does not set one. */
const settingsFor = (trial: Trial, systemdVersion: number): RestartSettings =>
  settingsOf({ restartSecMs, startLimitIntervalMs: 0, ...trial.settings, systemdVersion });

function unitText(settings: RestartSettings, lines: string): string {
  return `[Unit]
StartLimitIntervalSec=${formatTimeSpan(settings.startLimitIntervalMs)}
StartLimitBurst=${settings.startLimitBurst}
[Service]
Type=${settings.type}
Restart=${settings.restart}
RestartSec=${formatTimeSpan(settings.restartSecMs)}
RestartSteps=${settings.restartSteps}
RestartMaxDelaySec=${formatTimeSpan(settings.restartMaxDelayMs)}
RestartMode=${settings.restartMode}
RestartPreventExitStatus=${setText(settings.preventExitStatus)}
RestartForceExitStatus=${setText(settings.forceExitStatus)}
SuccessExitStatus=${setText(settings.successExitStatus)}
${lines}
`;
}

const setText = (set: ExitSet): string => [...set.statuses, ...set.signals.map(signalName)].join(' ');

describeLab('what systemd does is what is simulated', (given) => {
  let restartsInSpan: ReadonlyMap<string, number>;
  let rests: ReadonlyMap<string, Rest>;
  beforeAll(async () => {
    const { lab } = given;
    const units = Object.entries(trials)
      .filter(([, { since = 0 }]) => since <= lab.systemdVersion)
      .map(
        ([name, trial]) =>
          [unitOf(name), unitText(settingsFor(trial, lab.systemdVersion), trial.lines)] as const,
      );
    await lab.addUnits(Object.fromEntries(units));
    await lab.systemctl('start', '--no-block', ...units.map(([unit]) => unit));
    // A second more, for those that systemd comes to last.
    await sleep(spanMs + 1000);
    rests = await restOf(
      lab.exec,
      units.map(([unit]) => unit),
    );
    restartsInSpan = await countRestarts(lab.exec);
  });

  const listed = Object.entries(trials).map(([name, trial]) => ({ name, trial, means: trial.means }));
  describe.each(listed)('$name $means', ({ name, trial }) => {
    it('as simulated', ({ skip }) => {
      const { lab } = given;
      const { since = 0 } = trial;
      skip(since > lab.systemdVersion, `systemd ${lab.systemdVersion} can't do it: ${since} brought it`);
      const settings = settingsFor(trial, lab.systemdVersion);
      const simulated = simulate(runsOf(trial), settings, spanMs);
      const { nRestarts = NaN, restsAs } = rests.get(unitOf(name)) ?? {};
      expect({ restarts: restartsInSpan.get(unitOf(name)) ?? 0, restsAs }).toEqual({
        restarts: simulated.restarts,
        restsAs: simulated.restsAs,
      });
      // Of one that is inactive systemd may have forgotten everything, and one that goes on counts on.
      if (restsAs === 'failed') expect(nRestarts).toBe(simulated.restarts);
      else if (restsAs === undefined) expect(nRestarts).toBeGreaterThanOrEqual(simulated.restarts);
    });
  });

  it('refuses the settings that are said to be refused, and no other', async () => {
    const { lab } = given;
    const tried = oneshots.map((change, index) => {
      const settings = settingsOf({ type: 'oneshot', ...change, systemdVersion: lab.systemdVersion });
      return { unit: unitOf(`oneshot-${index}`), settings };
    });
    await lab.addUnits(
      Object.fromEntries(tried.map(({ unit, settings }) => [unit, unitText(settings, sh('exit 0'))])),
    );
    for (const { unit, settings } of tried) {
      const state = await lab.systemctl('show', '--property=LoadState', '--value', unit);
      expect([settings, state]).toEqual([
        settings,
        refusalOf(settings) === undefined ? 'loaded\n' : 'bad-setting\n',
      ]);
    }
  });
});

const oneshots: readonly Partial<RestartSettings>[] = [
  ...(['no', 'always', 'on-success', 'on-failure', 'on-abnormal', 'on-abort', 'on-watchdog'] as const).map(
    (restart) => ({ restart }),
  ),
  { restart: 'no', forceExitStatus: statuses(3) },
  { forceExitStatus: signals(13) },
];

const unitOf = (name: string): string => `${name}.service`;

function runsOf({ ends, uptimeMs = 30 }: Trial): SimulatedRun[] {
  return [ends].flat().map((exit) => ({ uptimeMs, exit }));
}

interface Fields {
  readonly MESSAGE_ID?: string;
  readonly N_RESTARTS?: string;
  readonly UNIT?: string;
  readonly _SOURCE_REALTIME_TIMESTAMP: string;
}

/** "Scheduled restart job": systemd's own record of NRestarts (facts §9). */
const restartScheduled = '5eb03494b6584870a536b337290809b3';

/** What NRestarts had come to when each unit's span was over, which begins with the first that systemd says of it. */
async function countRestarts(exec: Exec): Promise<ReadonlyMap<string, number>> {
  const { stdout } = await exec([
    'sh',
    '-c',
    'journalctl --sync; exec journalctl --quiet --output=json --output-fields=MESSAGE_ID,N_RESTARTS,UNIT,_SOURCE_REALTIME_TIMESTAMP _PID=1',
  ]);
  const records: Fields[] = JSON.parse(`[${stdout.trim().replaceAll('\n', ',')}]`);
  const begun = new Map<string, number>();
  const restarts = new Map<string, number>();
  for (const { MESSAGE_ID, N_RESTARTS, UNIT, _SOURCE_REALTIME_TIMESTAMP } of records) {
    if (UNIT === undefined) continue;
    const atMs = Number(_SOURCE_REALTIME_TIMESTAMP) / 1000;
    const beganMs = begun.get(UNIT) ?? atMs;
    begun.set(UNIT, beganMs);
    if (MESSAGE_ID === restartScheduled && atMs < beganMs + spanMs) restarts.set(UNIT, Number(N_RESTARTS));
  }
  return restarts;
}

interface Rest {
  readonly nRestarts: number;
  readonly restsAs: 'failed' | 'inactive' | undefined;
}

/** Looks three times: up to 253 each restart goes through `failed` and `inactive`. */
async function restOf(exec: Exec, units: readonly string[]): Promise<ReadonlyMap<string, Rest>> {
  const rests = new Map<string, Rest>();
  for (let look = 0; look < 3; look += 1) {
    if (look > 0) await sleep(100);
    const { stdout } = await exec(['systemctl', 'show', '--property=Id,NRestarts,ActiveState', ...units]);
    for (const block of stdout.split('\n\n')) {
      const {
        Id = '',
        NRestarts,
        ActiveState,
      } = Object.fromEntries(block.split('\n').map((line) => line.split('=')));
      const restsAs = ActiveState === 'failed' || ActiveState === 'inactive' ? ActiveState : undefined;
      const before = rests.get(Id);
      const moves = before !== undefined && before.restsAs !== restsAs;
      rests.set(Id, { nRestarts: Number(NRestarts), restsAs: moves ? undefined : restsAs });
    }
  }
  return rests;
}
