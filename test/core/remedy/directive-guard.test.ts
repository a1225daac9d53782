import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type Directive, readDirective } from '../../../src/core/remedy/directive.ts';
import { type DirectiveFacts, directiveRefusal } from '../../../src/core/remedy/directive-guard.ts';
import { builtInPolicy } from '../../../src/core/policy.ts';
import { restartDelayMs } from '../../../src/core/systemd/restart-delay.ts';
import type { RestartSettings } from '../../../src/core/systemd/restart-settings.ts';
import { settingsWith } from '../../../src/core/advice/advised.ts';
import { missingDirective } from '../../../src/core/advice/missing-directive.ts';
import { settingsOf } from '../systemd/ending-cases.ts';

const settings = settingsOf();

function directives(...lines: readonly string[]): readonly Directive[] {
  return lines.map((line) => {
    const [name = '', value = ''] = line.split('=');
    const reading = readDirective(name, value);
    if (!reading.ok) throw new Error(`${line}: ${reading.found}`);
    return reading.directive;
  });
}

const facts: DirectiveFacts = {
  directives: directives('RestartPreventExitStatus=1', 'RestartSec=5s', 'StartLimitIntervalSec=2min'),
  settings,
  startLimitAction: 'none',
  failureAction: 'none',
  remedy: builtInPolicy.remedy,
};
const { remedy } = builtInPolicy;
const growing: RestartSettings = {
  ...settings,
  restartSecMs: 1000,
  restartSteps: 4,
  restartMaxDelayMs: 60_000,
};

const cases: readonly [what: string, change: Partial<DirectiveFacts>, rule: string | undefined][] = [
  ['what makes it restart later, less often or no more', {}, undefined],
  ['nothing at all', { directives: [] }, 'directives'],
  ['one twice', { directives: directives('RestartSec=5s', 'RestartSec=6s') }, 'directives'],
  [
    'a growing delay',
    { directives: directives('RestartSec=1s', 'RestartSteps=5', 'RestartMaxDelaySec=5min') },
    undefined,
  ],
  [
    'a growing delay where systemd knows none',
    {
      directives: directives('RestartSec=1s', 'RestartSteps=5'),
      settings: { ...settings, systemdVersion: 253 },
    },
    'systemd-version',
  ],
  ['a shorter delay', { settings: { ...settings, restartSecMs: 5001 } }, 'slower-only'],
  ['the same delay', { settings: { ...settings, restartSecMs: 5000 } }, undefined],
  ['a delay for ever made finite', { settings: { ...settings, restartSecMs: Infinity } }, 'slower-only'],
  [
    'a longest delay below the shortest, to which systemd takes it down',
    { directives: directives('RestartMaxDelaySec=100ms'), settings: { ...settings, restartSecMs: 5000 } },
    'slower-only',
  ],
  ['a slower growth', { directives: directives('RestartSteps=5'), settings: growing }, 'slower-only'],
  ['a quicker growth', { directives: directives('RestartSteps=3'), settings: growing }, undefined],
  [
    'growth to less than now',
    { directives: directives('RestartMaxDelaySec=59s'), settings: growing },
    'slower-only',
  ],
  ['a larger burst', { directives: directives('StartLimitBurst=6') }, 'slower-only'],
  [
    'a larger burst within so much longer that it is slower',
    { directives: directives('RestartSec=5s', 'StartLimitBurst=9', 'StartLimitIntervalSec=18s') },
    undefined,
  ],
  [
    'a larger burst within not much longer',
    { directives: directives('StartLimitBurst=9', 'StartLimitIntervalSec=17s') },
    'slower-only',
  ],
  ['a shorter interval', { directives: directives('StartLimitIntervalSec=9s') }, 'slower-only'],
  [
    'any limit where there is none',
    {
      directives: directives('StartLimitBurst=6', 'StartLimitIntervalSec=2s'),
      settings: { ...settings, startLimitIntervalMs: 0 },
    },
    undefined,
  ],
  ['a rest that reboots', { failureAction: 'reboot' }, 'action'],
  [
    'a delay where only rest reboots',
    { directives: directives('RestartSec=5s'), failureAction: 'reboot', startLimitAction: 'reboot' },
    undefined,
  ],
  ['a start limit that reboots', { startLimitAction: 'reboot-force' }, 'action'],
  [
    'no restart where only the start limit reboots',
    { directives: directives('RestartPreventExitStatus=1'), startLimitAction: 'reboot' },
    undefined,
  ],
  ['what its policy switched off', { remedy: { ...remedy, preventExitStatus: 'off' } }, 'policy'],
  ['a backoff that is off', { remedy: { ...remedy, backoff: 'off' } }, 'policy'],
  ['a start limit that is off', { remedy: { ...remedy, startLimit: 'off' } }, 'policy'],
  ['a status on the list', { remedy: { ...remedy, preventExitStatus: ['FAILURE', 78] } }, undefined],
  ['a status not on the list', { remedy: { ...remedy, preventExitStatus: [78] } }, 'policy'],
  ['a delay within', { remedy: { ...remedy, backoff: { fromMs: 5000, toMs: 5000 } } }, undefined],
  ['a delay below', { remedy: { ...remedy, backoff: { fromMs: 5001, toMs: 9000 } } }, 'policy'],
  ['a delay above', { remedy: { ...remedy, backoff: { fromMs: 1000, toMs: 4999 } } }, 'policy'],
];

describe('directiveRefusal', () => {
  test.each(cases)('%s', (_, change, rule) => {
    expect(directiveRefusal({ ...facts, ...change })?.rule).toBe(rule);
  });

  it('lets nothing pass that would restart a service sooner, whatever is in force', () => {
    const span = fc.constantFrom(0, 50, 100, 1000, 1500, 60_000, 86_400_000, Infinity);
    const steps = fc.constantFrom(0, 1, 2, 5, 100);
    const any = fc.record({
      restartSecMs: span,
      restartMaxDelayMs: span,
      restartSteps: steps,
    });
    const asked = fc.subarray(
      [
        ...directives('RestartSec=1500ms', 'RestartSteps=2', 'RestartMaxDelaySec=1min'),
        ...directives('StartLimitBurst=9'),
      ],
      { minLength: 1 },
    );
    fc.assert(
      fc.property(any, asked, (force, list) => {
        const now = { ...settings, startLimitBurst: 9, ...force };
        if (directiveRefusal({ ...facts, settings: now, directives: list }) !== undefined) return;
        const after = settingsWith(now, list);
        for (let n = 1; n <= 200; n += 1)
          expect(restartDelayMs(n, after)).toBeGreaterThanOrEqual(restartDelayMs(n, now));
      }),
    );
  });
});

describe('missingDirective', () => {
  const wanted = directives('RestartPreventExitStatus=1 SIGSEGV', 'RestartSec=5s', 'StartLimitBurst=3');

  it('finds nothing where all is in force, and more statuses than were asked for', () => {
    const live = settingsWith({ ...settings, preventExitStatus: { statuses: [78], signals: [] } }, wanted);
    expect(missingDirective(live, wanted)).toBeUndefined();
  });

  test.each([
    ['RestartSec', { restartSecMs: 100 }],
    ['StartLimitBurst', { startLimitBurst: 5 }],
    ['RestartPreventExitStatus', { preventExitStatus: { statuses: [1], signals: [] } }],
    ['RestartPreventExitStatus', { preventExitStatus: { statuses: [], signals: [11] } }],
  ] as const)('finds %s where something else is', (name, other) => {
    expect(missingDirective({ ...settingsWith(settings, wanted), ...other }, wanted)?.name).toBe(name);
  });
});
