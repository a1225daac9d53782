import { describe, expect, test } from 'vitest';
import { historyOf } from '../../../src/core/advice/advice-history.ts';
import { emptyWindow } from '../../../src/core/window.ts';
import { runsUntil } from './advice-cases.ts';
import { ending, exited } from '../systemd/ending-cases.ts';

const seen = runsUntil(100_000, { ends: [exited(1)], times: 3, uptimeMs: 1000, cpuMs: 20 });
const pastRuns = seen.map(({ exit, cpuMs }) => ({ exit, cpuMs }));
const nothing = { pastRuns, run: undefined, window: emptyWindow };

describe('the history of a service', () => {
  test('is what flapd saw itself where the journal is silent', () => {
    expect(historyOf([], nothing).map(({ sequel }) => sequel)).toEqual(['automatic', 'automatic', 'none']);
    const restarts = [{ atMs: 100_300, external: true, inferred: false }];
    const started = historyOf([], { ...nothing, window: { restarts, dropped: 0 } });
    expect(started.at(-1)?.sequel).toBe('external');
  });

  test('is the journal with what flapd knows better, and what is not in it yet', () => {
    const [first, second] = seen;
    const unknown = ending({ code: undefined, status: undefined, result: 'success' });
    const told = [first, second].flatMap((each) =>
      each === undefined
        ? []
        : [
            {
              run: { exit: { ...each.exit, ...unknown }, cpuMs: undefined },
              sequel: 'external' as const,
            },
          ],
    );
    const history = historyOf(told, nothing);
    expect(history.map(({ exit }) => [exit.invocationId, exit.status])).toEqual([
      ['1', 1],
      ['2', 1],
      ['3', 1],
    ]);
    expect(history.map(({ cpuMs }) => cpuMs)).toEqual([20, 20, 20]);
    expect(history.map(({ sequel }) => sequel)).toEqual(['external', 'external', 'none']);
  });
});
