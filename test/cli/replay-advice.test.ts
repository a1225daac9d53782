import { describe, expect, test } from 'vitest';
import { adviceByIncident, savedBy } from '../../src/cli/replay-advice.ts';
import { renderReplay } from '../../src/cli/replay-table.ts';
import { builtInPolicy, type Policy } from '../../src/core/policy.ts';
import { replay, type Replayed } from '../../src/replay.ts';
import { serviceOf } from '../core/advice/advice-cases.ts';
import { statuses } from '../core/systemd/ending-cases.ts';
import { inZone } from '../support/zone.ts';
import { chunks, loopingJournal } from './looping-journal.ts';

inZone('Europe/Berlin');

function read(text: string, policy: Policy): Promise<Replayed> {
  const query = {
    source: { kind: 'text', chunks: chunks(text) },
    manager: 'system',
    sinceWallMs: undefined,
    now: { wallMs: 0, monotonicMs: 0 },
  } as const;
  return replay({ policies: [policy], query, mostRuns: 1000 });
}

const unknown = new Map<string, never>();

describe('what advice would have saved', () => {
  test('is what came after the incident opened', async () => {
    const { managers } = await read(loopingJournal('loop.service', 100), builtInPolicy);
    const advices = adviceByIncident(managers, [builtInPolicy], unknown);
    expect([...advices.values()].map(({ basis }) => basis)).toEqual([
      'By 5 deaths in 40s; of the time before nothing is known: that is thin.',
    ]);
    expect([...advices.values()].flatMap(({ notes }) => notes)).toContain(
      'How it was set is not known: it is taken to be as it behaved, and by default where that does not show.',
    );
    expect(savedBy(advices)).toEqual({
      restarts: { was: 95, wouldBe: 0 },
      burnedCpuMs: { was: 190_000, wouldBe: 2000 },
    });
  });

  test('is told below the incidents', async () => {
    const replayed = await read(
      loopingJournal('loop.service', 100) +
        loopingJournal('killed.service', 100, {
          EXIT_CODE: 'killed',
          EXIT_STATUS: '11',
          UNIT_RESULT: 'signal',
        }),
      builtInPolicy,
    );
    const advices = adviceByIncident(replayed.managers, [builtInPolicy], unknown);
    expect(renderReplay(replayed, false, { advices, assumed: true })).toContain(`
Their advice, followed when they opened, would have saved 183 of 190 further restarts, and 6min 2s of CPU:

UNIT            RESTARTS  CPU             ADVICE
loop.service    95 → 0    3min 10s → 2s   RestartPreventExitStatus=78
killed.service  95 → 7    3min 10s → 16s  StartLimitIntervalSec=1h StartLimitBurst=9 RestartSec=5s RestartSteps=6 RestartMaxDelaySec=5min

A recording does not tell how the units are set: they are taken to be as they behaved.
`);
  });

  test('is nothing where a policy only alerts', async () => {
    const alert: Policy = { ...builtInPolicy, mode: 'alert' };
    const replayed = await read(loopingJournal('loop.service', 100), alert);
    const advices = adviceByIncident(replayed.managers, [alert], unknown);
    expect(advices.size).toBe(0);
    expect(renderReplay(replayed, false, { advices, assumed: true })).not.toContain('advice');
  });

  test('is nothing where the unit is set like that by now', async () => {
    const { managers } = await read(loopingJournal('loop.service', 100), builtInPolicy);
    const now = serviceOf({ preventExitStatus: statuses(78) }, { unit: 'loop.service' });
    const advices = adviceByIncident(managers, [builtInPolicy], new Map([['loop.service', now]]));
    expect([...advices.values()].map(({ none }) => none)).toEqual([
      'It is set as it would be advised already: change nothing, fix the program.',
    ]);
    expect([...advices.values()].flatMap(({ notes }) => notes)).toEqual([]);
    expect(savedBy(advices).restarts).toEqual({ was: 0, wouldBe: 0 });
  });
});
