import { expect, test } from 'vitest';
import { advise } from '../../../src/core/advice/advice.ts';
import { presentAdvice } from '../../../src/core/advice/present-advice.ts';
import { parseUnitFile } from '../../../src/core/systemd/unit-file.ts';
import { evidenceOf, hourMs, runsUntil } from './advice-cases.ts';
import { exited, killed, statuses } from '../systemd/ending-cases.ts';

const day = 24 * hourMs;
const now = { wallMs: Date.parse('2026-11-24T12:00:00Z'), monotonicMs: day + 50 };

test('advice as JSON', () => {
  const runs = runsUntil(day, { ends: [exited(1)], times: 3812, uptimeMs: 8000, cpuMs: 2050 });
  const advice = advise(evidenceOf(runs, { settings: { preventExitStatus: statuses(78) } }));
  expect(presentAdvice(advice, now)).toEqual({
    unit: 'app.service',
    target: 'app.service',
    directives: [
      {
        section: 'Service',
        directive: 'RestartPreventExitStatus',
        from: '78',
        to: '1 78',
        writes: '1',
        reason:
          'The main process ended 3,812 times in 8h 50min with status 1/FAILURE after about 8s, and never came back by itself, so restarting it is in vain; its start limit can\'t stop it: 5 × 8.4s > 10s; prevented, it rests in "failed", where everybody sees it.',
      },
    ],
    dropIn: expect.stringMatching(
      /^# Advised by flapd for app\.service\. [\s\S]*\n\n\[Service\]\nRestartPreventExitStatus=1\n$/,
    ),
    counterfactual: {
      since: '2026-11-23T12:00:00.000Z',
      until: '2026-11-24T12:00:00.000Z',
      restarts: { was: 3812, wouldBe: 0 },
      burnedCpuSeconds: { was: 7814.6, wouldBe: 2.05 },
      longestExtraDownSeconds: 0,
      sentence:
        'With this, over the last 1d: 0 restarts instead of 3,812; 2h 10min of CPU not burned; never down for longer than it was.',
    },
    basis: 'By 3,812 deaths in 8h 50min; in the 15h 10min before, no other.',
    notes: [],
  });
});

test('a drop-in with both sections is read as it is meant', () => {
  const runs = runsUntil(day, { ends: [killed(11)], times: 20, uptimeMs: 3000 });
  const { dropIn = '' } = presentAdvice(advise(evidenceOf(runs)), now);
  const { assignments, faults } = parseUnitFile(dropIn);
  expect(faults).toEqual([]);
  expect(assignments.map(({ section, directive, value }) => `${section} ${directive}=${value}`)).toEqual([
    'Unit StartLimitIntervalSec=1h',
    'Unit StartLimitBurst=9',
    'Service RestartSec=5s',
    'Service RestartSteps=6',
    'Service RestartMaxDelaySec=5min',
  ]);
});

test('advice to change nothing has no drop-in', () => {
  const view = presentAdvice(advise(evidenceOf([])), now);
  expect(view).toMatchObject({ directives: [], none: expect.stringContaining('there is nothing to change') });
  expect(view).not.toHaveProperty('dropIn');
  expect(view).not.toHaveProperty('counterfactual');
});
