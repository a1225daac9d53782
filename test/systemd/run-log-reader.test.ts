import { expect, test } from 'vitest';
import type { RunId } from '../../src/systemd/run-log-entry.ts';
import { RunLogReader, type RunLog } from '../../src/systemd/run-log-reader.ts';

const run = 'ad15f0f34c0a4b2988d270dc7e0277e5';
const endMs = 1795446731000;
const id: RunId = {
  unit: 'app.service',
  invocationId: run,
  manager: 'system',
  fromWallMs: endMs - 1000,
  untilWallMs: endMs,
};

type Entry = readonly [afterMs: number, by: 'systemd' | 'service' | 'lost', text: string];

/** As journald has them; of a process that was gone when it looked it knows the unit alone. */
function json([afterMs, by, MESSAGE]: Entry): string {
  const fields = {
    systemd: { _PID: '1', UNIT: 'app.service', INVOCATION_ID: run },
    service: { _PID: '9', _SYSTEMD_UNIT: 'app.service', _SYSTEMD_INVOCATION_ID: run },
    lost: { _PID: '9', _SYSTEMD_UNIT: 'app.service' },
  }[by];
  return JSON.stringify({ __REALTIME_TIMESTAMP: `${endMs + afterMs}000`, MESSAGE, ...fields });
}

/** Both queries, each newest first; the one for lost lines finds those of the run again. */
function read(...entries: readonly Entry[]): RunLog {
  const reader = new RunLogReader(id);
  const newest = entries.toReversed();
  for (const entry of newest) if (entry[1] !== 'lost') reader.take(json(entry));
  for (const entry of newest) if (entry[1] !== 'systemd') reader.takeLost(json(entry));
  return reader.result(undefined);
}

const texts = (log: RunLog): readonly string[] => log.lines.map(({ text }) => text);

const started: Entry = [-100, 'systemd', 'Started app.service.'];
const exited: Entry = [1, 'systemd', 'app.service: Main process exited, code=exited, status=1/FAILURE'];
const over: Entry = [200, 'systemd', 'app.service: Scheduled restart job, restart counter is at 7.'];

test('the last words of a run that was gone before journald looked are its own, beside those that it knew', () => {
  const log = read(started, [-50, 'service', 'mkdir: it exists'], [5, 'lost', 'lock file exists'], exited);
  expect(texts(log)).toEqual(['Started app.service.', 'mkdir: it exists', exited[2], 'lock file exists']);
});

test('those of the run before it, and of the one after, are not', () => {
  const log = read([-300, 'lost', 'of the one before'], started, [0, 'lost', 'its own'], exited, over, [
    300,
    'lost',
    'of the one after',
  ]);
  expect(texts(log)).toEqual(['Started app.service.', 'its own', exited[2], over[2]]);
});

test('without a word of PID 1 they are all that there is, or may be of another run', () => {
  expect(texts(read([0, 'lost', 'the only one']))).toEqual(['the only one']);
  expect(texts(read([-10, 'service', 'known'], [0, 'lost', 'of any run']))).toEqual(['known']);
});

test('of one millisecond the one that was lost comes last', () => {
  expect(texts(read(started, [0, 'service', 'first'], [0, 'lost', 'second']))).toEqual([
    'Started app.service.',
    'first',
    'second',
  ]);
});

test('is bounded, and says when it has enough', () => {
  const reader = new RunLogReader(id);
  const takes = Array.from({ length: 80 }, (_, index) => reader.take(json([-index, 'service', 'x'])));
  expect(takes.indexOf(true)).toBe(79);
  const lost = Array.from({ length: 80 }, (_, index) => reader.takeLost(json([-index, 'lost', 'x'])));
  expect(lost.indexOf(true)).toBe(79);
  expect(reader.result(undefined).lines).toHaveLength(80);
});

test('why nothing could be read is said of a log that is empty alone', () => {
  expect(new RunLogReader(id).result('no journal').unknown).toBe('no journal');
  const reader = new RunLogReader(id);
  reader.take(json([0, 'service', 'x']));
  expect(reader.result('the journal did not answer in time').unknown).toBeUndefined();
});
