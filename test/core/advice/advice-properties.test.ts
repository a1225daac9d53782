import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advise } from '../../../src/core/advice/advice.ts';
import { isKnownTo } from '../../../src/core/advice/advised.ts';
import type { AdviceEvidence } from '../../../src/core/advice/advice-evidence.ts';
import { directiveRefusal } from '../../../src/core/remedy/directive-guard.ts';
import { brakeOf } from '../../../src/core/systemd/brake.ts';
import { healedKinds, loopShapeOf } from '../../../src/core/advice/loop-shape.ts';
import { builtInPolicy } from '../../../src/core/policy.ts';
import { exitKey } from '../../../src/core/exit.ts';
import { restartDelayMs } from '../../../src/core/systemd/restart-delay.ts';
import { includesEnd, restartSettings } from '../../../src/core/systemd/restart-settings.ts';
import { simulate, type SimulatedRun } from '../../../src/core/systemd/simulate.ts';
import { evidenceOf, hourMs, minuteMs, runsUntil, serviceOf, type RunsOf } from './advice-cases.ts';
import { control, ending, exited, killed, settingsOf, signals, statuses } from '../systemd/ending-cases.ts';

const end = fc.oneof(
  fc.integer({ min: 0, max: 255 }).map(exited),
  fc.constantFrom(1, 2, 6, 9, 11, 15).map(killed),
  fc.constantFrom('ExecStartPre', 'ExecStartPost').map((process) => control(process, 42)),
  fc.constant(ending({ code: 'killed', status: 15, result: 'timeout', during: 'start' })),
  fc.constant(ending({ process: undefined, code: undefined, status: undefined, result: 'resources' })),
);

const part: fc.Arbitrary<RunsOf> = fc.record({
  ends: fc.array(end, { minLength: 1, maxLength: 3 }),
  times: fc.integer({ min: 1, max: 20 }),
  uptimeMs: fc.constantFrom(0, 30, 3000, minuteMs, 3 * minuteMs, hourMs),
  delayMs: fc.constantFrom(0, 350, 30_000),
  cpuMs: fc.constantFrom(0, 700),
  sequel: fc.constantFrom('automatic' as const, 'automatic' as const, 'external' as const, 'none' as const),
});

const settings = fc
  .record({
    restart: fc.constantFrom(...restartSettings),
    restartSecMs: fc.constantFrom(0, 100, 1500, 30_000, 10 * minuteMs),
    restartSteps: fc.constantFrom(0, 1, 3, 20),
    restartMaxDelayMs: fc.constantFrom(60_000, Infinity),
    preventExitStatus: fc.constantFrom(statuses(), statuses(78), signals(11)),
    startLimitIntervalMs: fc.constantFrom(0, 10_000, hourMs),
    startLimitBurst: fc.constantFrom(0, 1, 5, 50),
    systemdVersion: fc.constantFrom(239, 252, 254, 257, 262),
  })
  .map((change) => settingsOf(change));

const policy = fc
  .record({
    preventExitStatus: fc.constantFrom('auto' as const, 'auto' as const, 'off' as const, [1, 'SIGSEGV']),
    backoff: fc.constantFrom('auto' as const, 'off' as const, { fromMs: 700, toMs: 9000 }),
    startLimit: fc.constantFrom('auto' as const, 'off' as const),
  })
  .map((remedy) => ({ ...builtInPolicy, remedy: { ...builtInPolicy.remedy, ...remedy } }));

const evidence: fc.Arbitrary<AdviceEvidence> = fc
  .record({
    parts: fc.array(part, { minLength: 1, maxLength: 4 }),
    settings,
    policy,
    braked: fc.boolean(),
    startLimitAction: fc.constantFrom('none', 'none', 'reboot'),
    failureAction: fc.constantFrom('none', 'none', 'reboot'),
    requiredBy: fc.constantFrom([], [], ['api.service']),
  })
  .map(({ parts, settings: in_, policy: own, braked, ...more }) =>
    evidenceOf(runsUntil(24 * hourMs, ...parts), {
      service: serviceOf(in_, more),
      policy: own,
      braked,
    }),
  );

const always = (holds: (given: AdviceEvidence) => void): void =>
  fc.assert(fc.property(evidence, holds), { numRuns: 500 });

/** The loop as it would go on. */
function goesOn({ runs }: AdviceEvidence): readonly SimulatedRun[] {
  return runs.map(({ exit }) => ({ exit, uptimeMs: exit.uptimeMs ?? 0 }));
}

describe('advice, whatever happened', () => {
  test('either changes something or says why not', () =>
    always((given) => {
      const { advised, none, counterfactual } = advise(given);
      expect(none === undefined).toBe(advised.length > 0);
      expect(counterfactual === undefined).toBe(advised.length === 0);
    }));

  test('knows what this systemd knows', () =>
    always((given) => {
      const { advised, before } = advise(given);
      for (const { directive } of advised)
        expect(isKnownTo(directive.name, before?.systemdVersion ?? 0)).toBe(true);
    }));

  test('prevents no signal that systemd sends, and nothing that came back by itself', () =>
    always((given) => {
      const { advised } = advise(given);
      const healed = healedKinds(given);
      for (const { directive } of advised) {
        if (directive.name !== 'RestartPreventExitStatus') continue;
        expect(directive.exits.signals.filter((signal) => [6, 9, 15].includes(signal))).toEqual([]);
        for (const { exit } of loopShapeOf(given).kinds) {
          const { process, code, status } = exit;
          if (process !== 'main' || code === undefined || status === undefined) continue;
          if (includesEnd(directive.exits, { code, status })) expect(healed.has(exitKey(exit))).toBe(false);
        }
      }
    }));

  test('disarms no start limit that works, and makes none fire that acts on the machine', () =>
    always((given) => {
      const { advised, before, after } = advise(given);
      if (before === undefined || after === undefined || advised.length === 0) return;
      const uptimeMs = loopShapeOf(given).longestUptimeMs ?? 0;
      const names = advised.map(({ directive }) => directive.name);
      if (brakeOf(before, uptimeMs).kind === 'works' && !names.includes('RestartPreventExitStatus'))
        expect(brakeOf(after, uptimeMs).kind).toBe('works');
      const { startLimitAction, failureAction } = given.service;
      const limits = names.filter((name) => name.startsWith('StartLimit'));
      if (startLimitAction !== 'none' || failureAction !== 'none') expect(limits).toEqual([]);
      if (failureAction !== 'none') expect(names).not.toContain('RestartPreventExitStatus');
    }));

  test('is nothing that flapd would refuse to apply', () =>
    always((given) => {
      const { advised, before } = advise(given);
      if (before === undefined || advised.length === 0) return;
      const { startLimitAction, failureAction } = given.service;
      const directives = advised.map(({ directive }) => directive);
      const { remedy } = given.policy;
      const refused = directiveRefusal({
        directives,
        settings: before,
        startLimitAction,
        failureAction,
        remedy,
      });
      expect([directives, refused]).toEqual([directives, undefined]);
    }));

  test('makes no restart come sooner', () =>
    always((given) => {
      const { before, after } = advise(given);
      if (before === undefined || after === undefined) return;
      for (let n = 1; n <= Math.max(before.restartSteps, after.restartSteps) + 1; n += 1)
        expect(restartDelayMs(n, after)).toBeGreaterThanOrEqual(restartDelayMs(n, before) - 1e-6);
    }));

  test('makes no loop restart more often that nothing stopped before', () =>
    always((given) => {
      const { advised, before, after } = advise(given);
      if (before === undefined || after === undefined || advised.length === 0) return;
      const was = simulate(goesOn(given), before, 6 * hourMs);
      if (was.endedBecause === 'span')
        expect(simulate(goesOn(given), after, 6 * hourMs).restarts).toBeLessThanOrEqual(was.restarts);
    }));
});
