import { expect, test } from 'vitest';
import { renderReplay } from '../../src/cli/replay-table.ts';
import { builtInPolicy } from '../../src/core/policy.ts';
import { replay, type Replayed } from '../../src/replay.ts';
import { inZone } from '../support/zone.ts';
import { chunks, loopingJournal as loop, startMs } from './looping-journal.ts';

inZone('Europe/Berlin');

function read(text: string): Promise<Replayed> {
  const query = {
    source: { kind: 'text', chunks: chunks(text) },
    manager: 'system',
    sinceWallMs: undefined,
    now: { wallMs: 0, monotonicMs: 0 },
  } as const;
  return replay({ policies: [builtInPolicy], query, mostRuns: 100 });
}

test('a replay is a header, a timeline per unit, and the incidents, in the zone of whoever reads it', async () => {
  const text = renderReplay(await read(loop('loop.service', 6) + loop('twice.service', 2)), false);
  expect(`\n${text}`).toBe(golden);
});

const golden = `
2026-01-02 13:00:00 to 2026-01-02 13:01:00 (1min), 40 entries

UNIT           RESTARTS  CPU  TIMELINE                  EXITS
loop.service   6         12s  ····█···█···█···█···█··█  6 × 78/CONFIG
twice.service  2         4s   ····█···█···············  2 × 78/CONFIG

These policies would have opened 1 incident:

OPENED               LASTED  UNIT          KIND  RESTARTS  RULE           END
2026-01-02 13:00:50  -       loop.service  loop  6         5 within 2min  still open
`;

test('hosts in one stream are kept apart, and the same unit of two is two', async () => {
  const { managers } = await read(
    loop('a.service', 3) + loop('a.service', 3, { _MACHINE_ID: 'm2', _BOOT_ID: 'c' }),
  );
  expect(managers.map(({ machineId, units }) => `${machineId} ${units[0]?.restarts.automatic}`)).toEqual([
    'm1 3',
    'm2 3',
  ]);
  expect(managers.flatMap(({ incidents }) => incidents)).toEqual([]);
});

test('entries out of order have the same restarts, and a header that holds them all', async () => {
  const lines = loop('a.service', 6)
    .split('\n')
    .filter((each) => each !== '');
  const swapped = lines.flatMap((each, index) =>
    index % 5 === 1 ? [lines[index + 1] ?? '', each] : index % 5 === 2 ? [] : each,
  );
  const { managers, firstWallMs, lastWallMs } = await read(`${swapped.join('\n')}\n`);
  expect(managers[0]?.units[0]?.restarts.automatic).toBe(6);
  expect([firstWallMs, lastWallMs]).toEqual([startMs, startMs + 60_000]);
});

test('a journal that says nothing of services is said to say nothing', async () => {
  expect(renderReplay(await read('{"__REALTIME_TIMESTAMP":"1"}\n'), false)).toBe(
    'The journal says nothing about services in this time.\n',
  );
});
