import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Notification } from '../../src/core/notification.ts';
import type { SinkSettings } from '../../src/core/sink-settings.ts';
import { Dispatcher } from '../../src/sinks/dispatcher.ts';
import type { Sink } from '../../src/sinks/sink.ts';
import { closed, heardLog, host, incidentOf, notificationOf } from './samples.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const minuteMs = 60_000;
const outageMs = 10 * minuteMs;
const longestPauseMs = minuteMs;
/** A refusal takes so long: news comes while one is under way. */
const refusalMs = 2000;

interface Due {
  readonly atMs: number;
  readonly notification: Notification;
}

/** Thirty that open in nine minutes; of three one ends within the outage, one becomes worse, and one stays as it is. */
const numbers = Array.from({ length: 30 }, (_, number) => number);
const endsIn = (number: number): boolean => number % 3 === 0;
const worsensIn = (number: number): boolean => number % 3 === 1;
const due = numbers
  .flatMap((number): readonly Due[] => {
    const incident = incidentOf(number);
    const atMs = number * 18_000;
    const opened = { atMs, notification: notificationOf('opened', incident) };
    const worse = notificationOf('worsened', { ...incident, kind: 'braked', restarts: 50 + number });
    const over = { ...incident, closedAt: closed.openedAt, closedBecause: 'stable' };
    if (endsIn(number))
      // the first while its own opening is being refused
      return [
        opened,
        {
          atMs: atMs + (number === 0 ? refusalMs / 2 : 45_000),
          notification: notificationOf('closed', over),
        },
      ];
    return worsensIn(number) ? [opened, { atMs: atMs + 30_000, notification: worse }] : [opened];
  })
  .toSorted((a, b) => a.atMs - b.atMs);

const newest = (number: number): Notification => {
  const last = due.findLast(({ notification: { incident } }) => incident.id === incidentOf(number).id);
  if (last === undefined) throw new Error(`nothing is due of incident ${String(number)}`);
  const { notification } = last;
  return notification.event === 'worsened' ? { ...notification, event: 'opened' } : notification;
};

const byId = (told: readonly Due[]): readonly Notification[] =>
  told
    .map(({ notification }) => notification)
    .toSorted((a, b) => Number(a.incident.id.split('@')[1]) - Number(b.incident.id.split('@')[1]));

test('after ten minutes of refusals a sink is told what then is true, once, and another never waited', async () => {
  const beganMs = Date.now();
  const nowMs = (): number => Date.now() - beganMs;
  const told: Record<'pager' | 'chat', Due[]> = { pager: [], chat: [] };
  let refusals = 0;
  const pager: Sink = {
    deliver: async (notification) => {
      if (nowMs() < outageMs) await new Promise((resolve) => setTimeout(resolve, refusalMs));
      if (nowMs() < outageMs) {
        refusals += 1;
        return { kind: 'failed', why: 'Cannot post to "http://pager": refused', retryable: true };
      }
      told.pager.push({ atMs: nowMs(), notification });
      return { kind: 'delivered', answer: 'ok' };
    },
  };
  const chat: Sink = {
    deliver: async (notification) => {
      told.chat.push({ atMs: nowMs(), notification });
      return { kind: 'delivered', answer: 'ok' };
    },
  };
  const settings: SinkSettings = { type: 'exec', command: ['/bin/true'], timeoutMs: 5000 };
  const opens = [pager, chat];
  const { log, lines } = heardLog();
  const dispatcher = new Dispatcher(
    { pager: settings, chat: settings },
    {
      host,
      log,
      clock: { now: () => ({ monotonicMs: performance.now(), wallMs: Date.now() }) },
      // the longest pauses
      random: () => 0,
      open: () => opens.shift() ?? chat,
    },
  );
  const countsOf = (name: string) =>
    Object.fromEntries(
      dispatcher
        .counts()
        .flatMap(({ sink, outcome, count }) => (sink === name ? ([[outcome, count]] as const) : [])),
    );

  for (const { atMs, notification } of due) {
    await vi.advanceTimersByTimeAsync(atMs - nowMs());
    dispatcher.notify(notification, undefined);
  }
  await vi.advanceTimersByTimeAsync(outageMs - 1 - nowMs());
  expect(told).toEqual({ pager: [], chat: due });
  expect(countsOf('pager')).toEqual({ delivered: 0, retried: refusals, dead: 0 });
  // 1 s, 2 s, 4 s, … 60 s: neither a storm nor a sink that is forgotten
  expect(refusals).toBeGreaterThan(10);
  expect(refusals).toBeLessThan(20);

  await vi.advanceTimersByTimeAsync(longestPauseMs + 1);
  expect(byId(told.pager)).toEqual(numbers.map(newest));
  expect(told.pager.filter(({ notification: { event } }) => event === 'opened')).toHaveLength(20);
  expect(told.pager.filter(({ notification: { event } }) => event === 'closed')).toHaveLength(10);

  await vi.advanceTimersByTimeAsync(outageMs);
  expect(told.pager).toHaveLength(30);
  expect(told.chat).toEqual(due);
  expect(dispatcher.pending()).toEqual([]);
  expect(countsOf('pager')).toEqual({ delivered: 30, retried: refusals, dead: 0 });
  expect(countsOf('chat')).toEqual({ delivered: due.length, retried: 0, dead: 0 });
  expect(lines.flatMap(({ level, sentence }) => (level === 'debug' ? [] : `${level}: ${sentence}`))).toEqual([
    'warn: Sink "pager" fails: Cannot post to "http://pager": refused. What it is to be told is held, and tried again.',
    expect.stringMatching(
      /^info: Sink "pager" works again after (9min|10min)[^;]*; 30 notifications were held meanwhile\.$/u,
    ),
  ]);
  await dispatcher.close();
});
