import { expect, test } from 'vitest';
import { historyOf, renderHistory, type HistoryView } from '../../src/cli/history-table.ts';
import type { LoggedRemedy } from '../../src/systemd/remedy-log.ts';
import { builtInPolicy } from '../../src/core/policy.ts';
import { replay } from '../../src/replay.ts';
import { inZone } from '../support/zone.ts';

inZone('Europe/Berlin');

// The night in which Berlin's clocks go back from 3 to 2: the journal's are in UTC, and go on.
const startMs = Date.UTC(2026, 9, 25, 0, 59);
const nowMs = startMs + 2 * 3_600_000;
const unit = 'web.service';

function line(seconds: number, run: number, fields: object): string {
  const usec = (value: number): string => String(value * 1000);
  const times = {
    __REALTIME_TIMESTAMP: usec(startMs + seconds * 1000),
    __MONOTONIC_TIMESTAMP: usec(1_000_000 + seconds * 1000),
  };
  const of = { _PID: '1', _BOOT_ID: 'b', _MACHINE_ID: 'm', UNIT: unit, INVOCATION_ID: `run-${run}` };
  return `${JSON.stringify({ ...times, ...of, ...fields })}\n`;
}

const started = { MESSAGE_ID: '39f53479d3a045ac8e11786248231fbf' };
const stopping = { MESSAGE_ID: 'de5b426a63be47a7b6ac3eaac82e2f6f' };
const deactivated = { MESSAGE_ID: '7ad2d189f7e94e70a38c781354912448' };
const died = (code: string, status: number, command = 'ExecStart') => ({
  MESSAGE_ID: '98e322203f7a4ed290d09fe03c09fe15',
  COMMAND: command,
  EXIT_CODE: code,
  EXIT_STATUS: String(status),
});
const failed = (result: string) => ({ MESSAGE_ID: 'd9b373ed55a64feb8242e02dbe79a49c', UNIT_RESULT: result });
const burned = (ms: number) => ({
  MESSAGE_ID: 'ae8f7b866b0347b9af31fe1c80b127c0',
  CPU_USAGE_NSEC: String(ms * 1e6),
});
const scheduled = (restarts: number) => ({
  MESSAGE_ID: '5eb03494b6584870a536b337290809b3',
  N_RESTARTS: String(restarts),
});

/** The journal begins within its first run; it loops, is restarted by hand, and heals. */
const told = [
  line(0, 0, died('killed', 11)),
  line(0, 0, failed('core-dump')),
  line(1, 0, scheduled(1)),
  ...[1, 2, 3, 4].flatMap((run) => [
    line(run * 10, run, started),
    line(run * 10 + 8, run, died('exited', 78)),
    line(run * 10 + 8, run, failed('exit-code')),
    line(run * 10 + 8, run, burned(2340)),
    line(run * 10 + 9, run, scheduled(run + 1)),
  ]),
  line(50, 5, started),
  line(140, 5, stopping),
  line(140.5, 5, deactivated),
  line(140.6, 6, started),
  line(900, 6, stopping),
  line(900.5, 6, deactivated),
];

async function historyFrom(
  lines: readonly string[],
  remedies: readonly LoggedRemedy[] = [],
): Promise<readonly HistoryView[]> {
  async function* chunks(): AsyncGenerator<Buffer> {
    yield Buffer.from(lines.join(''));
  }
  const query = {
    source: { kind: 'text', chunks: chunks() },
    manager: 'system',
    sinceWallMs: undefined,
    now: { wallMs: 0, monotonicMs: 0 },
  } as const;
  const wants = (name: string): boolean => name === unit;
  const { managers } = await replay({ policies: [builtInPolicy], query, mostRuns: 100, wants });
  return managers.flatMap((manager) => historyOf(manager, unit, remedies));
}

const golden = `
TIME                 AGO       UPTIME     CPU   THEN                        EXIT
2026-10-25 02:59:00  2h        -          -     restarted by systemd        the main process was killed by SIGSEGV
2026-10-25 02:59:18  2h        8s         2.3s  restarted by systemd        the main process exited with status 78/CONFIG
2026-10-25 02:59:28  2h        8s         2.3s  restarted by systemd        the main process exited with status 78/CONFIG
2026-10-25 02:59:38  1h 59min  8s         2.3s  restarted by systemd        the main process exited with status 78/CONFIG
2026-10-25 02:59:48  1h 59min  8s         2.3s  restarted by systemd        the main process exited with status 78/CONFIG
2026-10-25 02:59:49  -- incident opened: 6 restarts in all (rule: 5 within 2min), closed 2026-10-25 02:11:20, 11min 32s later (stable)
2026-10-25 02:01:20  1h 58min  1min 31s   -     started again from outside  it was stopped on request
2026-10-25 02:14:00  1h 45min  12min 40s  -     -                           it was stopped on request
`;

test('a history is a row per end of a run, and a line per incident, in the zone of whoever reads it', async () => {
  expect(`\n${renderHistory(unit, await historyFrom(told), '7d', 0, nowMs)}`).toBe(golden);
});

test('as JSON it has the same entries in the same order, times with a zone and numbers with a unit', async () => {
  const entries = await historyFrom(told);
  expect(entries.map((entry) => (entry.kind === 'incident' ? entry.openedAt : entry.at))).toEqual([
    '2026-10-25T00:59:00.000Z',
    '2026-10-25T00:59:18.000Z',
    '2026-10-25T00:59:28.000Z',
    '2026-10-25T00:59:38.000Z',
    '2026-10-25T00:59:48.000Z',
    '2026-10-25T00:59:49.000Z',
    '2026-10-25T01:01:20.500Z',
    '2026-10-25T01:14:00.500Z',
  ]);
  expect(entries[1]).toEqual({
    kind: 'exit',
    at: '2026-10-25T00:59:18.000Z',
    process: 'main',
    code: 'exited',
    status: 78,
    name: 'CONFIG',
    result: 'exit-code',
    summary: 'the main process exited with status 78/CONFIG',
    uptimeSeconds: 8,
    invocationId: 'run-1',
    during: 'running',
    cpuSeconds: 2.34,
    sequel: 'automatic',
  });
  expect(entries[0]).not.toHaveProperty('uptimeSeconds');
  expect(entries[5]).toMatchObject({
    kind: 'incident',
    incidentKind: 'loop',
    unit,
    rule: { restarts: 5, within: '2min' },
    restarts: 6,
    closedAt: '2026-10-25T01:11:20.600Z',
    closedBecause: 'stable',
  });
});

test('what flapd did about it stands at its time, with what came of it', async () => {
  const applied = {
    atWallMs: startMs + 52_000,
    outcome: 'pending',
    sentence: 'web.service: RestartSec=5s is in force, and watched.',
    incident: 'web.service@1',
  } as const;
  const entries = await historyFrom(told, [applied]);
  expect(entries[6]).toEqual({
    kind: 'remedy',
    at: '2026-10-25T00:59:52.000Z',
    unit,
    incident: 'web.service@1',
    outcome: 'pending',
    sentence: applied.sentence,
  });
  expect(renderHistory(unit, entries, '7d', 0, nowMs).split('\n')[7]).toBe(
    '2026-10-25 02:59:52  -- remedy: RestartSec=5s is in force, and watched.',
  );
});

test('an incident in which systemd gave up says so', async () => {
  const giveUp = [
    ...[1, 2, 3, 4, 5].flatMap((run) => [
      line(run / 10, run, started),
      line(run / 10 + 0.05, run, died('exited', 1)),
      line(run / 10 + 0.05, run, failed('exit-code')),
      ...(run < 5 ? [line(run / 10 + 0.06, run, scheduled(run))] : []),
    ]),
    line(0.6, 5, failed('start-limit-hit')),
  ];
  expect(renderHistory(unit, await historyFrom(giveUp), '7d', 0, nowMs)).toContain(
    '-- incident opened: systemd gave up, ',
  );
});

test('what is left out is counted, and a unit without an end is named', async () => {
  expect(renderHistory(unit, await historyFrom(told), '7d', 12, nowMs)).toMatch(
    /^12 earlier exits are left out\.\nTIME/,
  );
  expect(renderHistory(unit, [], '12h', 0, nowMs)).toBe(
    'The journal of the last 12h tells of no end of web.service.\n',
  );
});
