import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { willRestart } from '../../../src/core/systemd/restart-decision.ts';
import type {
  RestartSetting,
  RestartSettings,
  ServiceType,
} from '../../../src/core/systemd/restart-settings.ts';
import type { RunEnding } from '../../../src/core/systemd/run-ending.ts';
import { control, ending, exited, killed, settingsOf, signals, statuses } from './ending-cases.ts';

const sigabrt = 6;
const sigkill = 9;
const sigsegv = 11;
const sigterm = 15;

const dumped = ending({ code: 'dumped', status: sigsegv, result: 'core-dump' });
const oomKilled = ending({ code: 'killed', status: sigkill, result: 'oom-kill' });
const startTimeout = ending({ code: 'killed', status: sigterm, result: 'timeout', during: 'start' });
const watchdog = ending({ code: 'killed', status: sigabrt, result: 'watchdog' });
const noResources = ending({ process: undefined, code: undefined, status: undefined, result: 'resources' });
const skipped = control('ExecCondition', 1, 'exec-condition');

/** One row: what ended the run, the settings that matter, whether it is started anew, and why. */
type Case = readonly [ended: RunEnding, settings: Partial<RestartSettings>, restarts: boolean, why: string];

const rules: Readonly<Record<string, readonly Case[]>> = {
  'a stop that was asked for beats every setting': [
    [{ ...exited(0), requested: true }, { restart: 'always' }, false, 'a stop was asked for'],
    [
      { ...killed(sigterm), requested: true },
      { restart: 'always', forceExitStatus: signals(sigterm) },
      false,
      'a stop was asked for',
    ],
    [killed(sigterm), { restart: 'always' }, true, 'Restart=always restarts on result "success"'],
  ],
  'RestartPreventExitStatus= lists how the main process ended': [
    [exited(78), { preventExitStatus: statuses(1, 78) }, false, 'RestartPreventExitStatus= lists 78/CONFIG'],
    [
      exited(1),
      { preventExitStatus: statuses(78) },
      true,
      'Restart=on-failure restarts on result "exit-code"',
    ],
    [
      exited(0),
      { restart: 'always', preventExitStatus: statuses(0) },
      false,
      'RestartPreventExitStatus= lists 0/SUCCESS',
    ],
  ],
  'a number in it is an exit status, a name a signal': [
    [
      killed(sigkill),
      { preventExitStatus: signals(sigkill) },
      false,
      'RestartPreventExitStatus= lists SIGKILL',
    ],
    [
      killed(sigabrt),
      { preventExitStatus: statuses(sigabrt) },
      true,
      'Restart=on-failure restarts on result "signal"',
    ],
    [
      exited(137),
      { preventExitStatus: signals(sigkill) },
      true,
      'Restart=on-failure restarts on result "exit-code"',
    ],
    [dumped, { preventExitStatus: signals(sigsegv) }, false, 'RestartPreventExitStatus= lists SIGSEGV'],
  ],
  'it looks at the signal that systemd itself sent, whatever the result': [
    [startTimeout, { preventExitStatus: signals(sigterm) }, false, 'RestartPreventExitStatus= lists SIGTERM'],
    [watchdog, { preventExitStatus: signals(sigabrt) }, false, 'RestartPreventExitStatus= lists SIGABRT'],
    [
      watchdog,
      { preventExitStatus: statuses(sigabrt) },
      true,
      'Restart=on-failure restarts on result "watchdog"',
    ],
    [
      control('ExecStartPost', 42),
      { preventExitStatus: signals(sigterm) },
      false,
      'RestartPreventExitStatus= lists SIGTERM',
    ],
  ],
  'it never looks at a control process': [
    [
      control('ExecStartPre', 42),
      { preventExitStatus: statuses(42) },
      true,
      'Restart=on-failure restarts on result "exit-code"',
    ],
    [
      control('ExecStopPost', 7),
      { preventExitStatus: statuses(7) },
      true,
      'Restart=on-failure restarts on result "exit-code"',
    ],
    [
      control('ExecStopPost', 7),
      { preventExitStatus: statuses(0) },
      false,
      'RestartPreventExitStatus= lists 0/SUCCESS',
    ],
    [
      noResources,
      { preventExitStatus: statuses(0, 1) },
      true,
      'Restart=on-failure restarts on result "resources"',
    ],
  ],
  'RestartForceExitStatus= is asked before Restart=, and after Prevent': [
    [
      exited(0),
      { restart: 'no', forceExitStatus: statuses(0) },
      true,
      'RestartForceExitStatus= lists 0/SUCCESS',
    ],
    [exited(1), { restart: 'no', forceExitStatus: statuses(0) }, false, 'Restart=no'],
    [
      exited(75),
      { forceExitStatus: statuses(75), preventExitStatus: statuses(75) },
      false,
      'RestartPreventExitStatus= lists 75/TEMPFAIL',
    ],
    [control('ExecStartPre', 42), { restart: 'no', forceExitStatus: statuses(42) }, false, 'Restart=no'],
  ],
  'a oneshot that has done its work is not forced either': [
    [
      exited(0),
      { type: 'oneshot', restart: 'no', forceExitStatus: statuses(0) },
      false,
      'a oneshot that has done its work is not restarted',
    ],
    [
      exited(0),
      { restart: 'no', forceExitStatus: statuses(0) },
      true,
      'RestartForceExitStatus= lists 0/SUCCESS',
    ],
    [
      exited(3),
      { type: 'oneshot', restart: 'no', forceExitStatus: statuses(3) },
      true,
      'RestartForceExitStatus= lists 3/NOTIMPLEMENTED',
    ],
  ],
  'what systemd does not load it does not restart': [
    [
      exited(1),
      { type: 'oneshot', restart: 'always' },
      false,
      'systemd refuses a oneshot with Restart=always',
    ],
    [
      exited(3),
      { type: 'oneshot', forceExitStatus: statuses(3), systemdVersion: 255 },
      false,
      'systemd 255 refuses a oneshot with RestartForceExitStatus=',
    ],
    [
      exited(1),
      { type: 'oneshot', systemdVersion: 255 },
      true,
      'Restart=on-failure restarts on result "exit-code"',
    ],
  ],
  'SuccessExitStatus= makes a success of a failure, for Restart= alone': [
    [
      exited(3),
      { successExitStatus: statuses(3) },
      false,
      'Restart=on-failure does not restart on result "success"',
    ],
    [
      exited(3),
      { successExitStatus: statuses(4) },
      true,
      'Restart=on-failure restarts on result "exit-code"',
    ],
    [
      exited(3),
      { restart: 'on-success', successExitStatus: statuses(3) },
      true,
      'Restart=on-success restarts on result "success"',
    ],
    [
      exited(3),
      { restart: 'always', successExitStatus: statuses(3), preventExitStatus: statuses(3) },
      false,
      'RestartPreventExitStatus= lists 3/NOTIMPLEMENTED',
    ],
  ],
  'and not of what was no plain end of the main process': [
    [
      startTimeout,
      { successExitStatus: signals(sigterm) },
      true,
      'Restart=on-failure restarts on result "timeout"',
    ],
    [
      dumped,
      { successExitStatus: signals(sigsegv) },
      true,
      'Restart=on-failure restarts on result "core-dump"',
    ],
    [
      control('ExecStartPre', 3),
      { successExitStatus: statuses(3) },
      true,
      'Restart=on-failure restarts on result "exit-code"',
    ],
    [
      { ...exited(3), during: 'start' },
      { type: 'notify', successExitStatus: statuses(3) },
      true,
      'Restart=on-failure restarts on result "protocol"',
    ],
  ],
  'SIGTERM and its like are a success of daemons, not of oneshots': [
    [killed(sigterm), {}, false, 'Restart=on-failure does not restart on result "success"'],
    [
      ending({ code: 'killed', status: sigterm, result: 'signal' }),
      { type: 'oneshot' },
      true,
      'Restart=on-failure restarts on result "signal"',
    ],
    [killed(sigkill), {}, true, 'Restart=on-failure restarts on result "signal"'],
  ],
  'a run that ExecCondition= skipped is not restarted, by Restart=always from 251 on': [
    [
      skipped,
      { restart: 'always', systemdVersion: 251 },
      false,
      'Restart=always does not restart on result "exec-condition"',
    ],
    [
      skipped,
      { restart: 'always', systemdVersion: 250 },
      true,
      'Restart=always restarts on result "exec-condition"',
    ],
    [skipped, {}, false, 'Restart=on-failure does not restart on result "exec-condition"'],
    [control('ExecCondition', 255), {}, true, 'Restart=on-failure restarts on result "exit-code"'],
  ],
};

describe.each(Object.entries(rules))('%s', (_, cases) => {
  test.each(cases)('%o under %o: %s', (ended, settings, restarts, because) => {
    expect(willRestart(ended, settingsOf(settings))).toEqual({ restarts, because });
  });
});

/** systemd.service(5), the table of Restart=; the columns are results. */
const results: Readonly<Record<string, RunEnding>> = {
  success: exited(0),
  'exit-code': exited(1),
  signal: killed(sigkill),
  'core-dump': dumped,
  timeout: startTimeout,
  watchdog,
  'oom-kill': oomKilled,
  resources: noResources,
  protocol: ending({ status: 0, result: 'protocol', during: 'start' }),
  'exec-condition': skipped,
  'brand-new': ending({ result: 'brand-new' }),
};
const table: Readonly<Record<RestartSetting, readonly string[]>> = {
  no: [],
  always: Object.keys(results).filter((result) => result !== 'exec-condition'),
  'on-success': ['success'],
  'on-failure': Object.keys(results).filter((result) => !['success', 'exec-condition'].includes(result)),
  'on-abnormal': Object.keys(results).filter(
    (result) => !['success', 'exit-code', 'exec-condition'].includes(result),
  ),
  'on-abort': ['signal', 'core-dump'],
  'on-watchdog': ['watchdog'],
};

test.each(Object.entries(table))('Restart=%s restarts on %j and on nothing else', (restart, on) => {
  const settings = settingsOf({ restart: restart as RestartSetting });
  const found = Object.entries(results).filter(([, ended]) => willRestart(ended, settings).restarts);
  expect(found.map(([result]) => result)).toEqual(on);
});

test('whatever the other settings, a status that Prevent lists is never restarted', () => {
  const set = fc.record({
    statuses: fc.array(fc.integer({ min: 0, max: 255 })),
    signals: fc.array(fc.integer({ min: 1, max: 64 })),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(...(Object.keys(table) as RestartSetting[])),
      fc.constantFrom<ServiceType>('simple', 'exec', 'forking', 'oneshot', 'dbus', 'notify', 'idle'),
      fc.integer({ min: 243, max: 262 }),
      set,
      set,
      (status, restart, type, systemdVersion, forceExitStatus, successExitStatus) => {
        const settings = settingsOf({
          ...{ restart, type, systemdVersion, forceExitStatus, successExitStatus },
          preventExitStatus: statuses(status),
        });
        expect(willRestart(exited(status), settings).restarts).toBe(false);
      },
    ),
  );
});
