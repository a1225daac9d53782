import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Notification, NotificationEvent } from '../../src/core/notification.ts';
import type { IncidentView } from '../../src/core/view.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { Channel } from '../../src/sinks/channel.ts';
import type { Outcome, Sink, Standing } from '../../src/sinks/sink.ts';
import { heardLog, incidentOf, notificationOf, type LogLine, soon } from './samples.ts';

const channels: Channel[] = [];
afterEach(async () => void (await Promise.all(channels.splice(0).map((channel) => channel.close(0)))));

function channelTo(
  sink: Sink,
  onSettled: () => void = () => {},
): { readonly channel: Channel; readonly lines: LogLine[] } {
  const { log, lines } = heardLog();
  const patience = { firstRetryMs: 0, mostRetryMs: 0, giveUpMs: 60_000, mostHeld: 1000 };
  const channel = new Channel('ops', sink, { log, clock: systemClock, random: () => 0, patience, onSettled });
  channels.push(channel);
  return { channel, lines };
}

const delivered: Outcome = { kind: 'delivered', answer: 'ok' };
const failed: Outcome = { kind: 'failed', why: 'Cannot', retryable: true };

test('one delivery at a time, whatever comes meanwhile', async () => {
  let running = 0;
  let most = 0;
  const { channel } = channelTo({
    deliver: async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running -= 1;
      return delivered;
    },
  });
  for (let number = 0; number < 30; number += 1) channel.add(notificationOf('opened', incidentOf(number)));
  await expect.poll(() => channel.counts.delivered, soon).toBe(30);
  expect(most).toBe(1);
});

test('a bug in a sink loses one notification, with its stack in the log', async () => {
  let count = 0;
  const { channel, lines } = channelTo({
    deliver: async () => {
      count += 1;
      if (count === 1) throw new TypeError('undefined is not a function');
      return delivered;
    },
  });
  channel.add(notificationOf('opened', incidentOf(1)));
  channel.add(notificationOf('opened', incidentOf(2)));
  await expect.poll(() => channel.counts, soon).toEqual({ delivered: 1, retried: 0, dead: 1 });
  expect(lines).toMatchObject([
    { level: 'error', fields: { error: expect.any(TypeError) as Error, incident: 'u1.service@1' } },
  ]);
});

test('nothing of an incident follows its end, though it comes while the end is being told', async () => {
  const heard: string[] = [];
  const { channel } = channelTo({
    deliver: async ({ event }) => {
      heard.push(event);
      if (event === 'closed') channel.add(notificationOf('worsened'));
      return delivered;
    },
  });
  channel.add(notificationOf('closed'));
  await expect.poll(() => channel.counts.delivered, soon).toBe(1);
  await turn();
  expect(heard).toEqual(['closed']);
  expect(channel.pending()).toEqual([]);
});

test('whoever keeps what is pending hears when it becomes less', async () => {
  const outcomes = [failed, delivered, { ...failed, retryable: false }];
  const left: number[] = [];
  const { channel } = channelTo({ deliver: async () => outcomes.shift() ?? delivered }, () =>
    left.push(channel.pending().length),
  );
  channel.add(notificationOf('opened', incidentOf(1)));
  channel.add(notificationOf('opened', incidentOf(2)));
  await expect.poll(() => left, soon).toEqual([1, 0]);
});

/** Of each incident its events, in the order in which they are given and with as many tries as come between. */
const lives = fc.array(
  fc.record({
    middle: fc.array(fc.constantFrom<NotificationEvent>('worsened', 'reminder'), { maxLength: 3 }),
    gaps: fc.array(fc.nat(2), { minLength: 5, maxLength: 5 }),
  }),
  { minLength: 1, maxLength: 4 },
);

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('whatever fails and when: each incident ends once, begins at most once, and nothing follows its end', async () => {
  await fc.assert(
    fc.asyncProperty(lives, fc.infiniteStream(fc.boolean()), async (incidents, fails) => {
      const heard = new Map<string, NotificationEvent[]>();
      let isWell = false;
      const { channel } = channelTo({
        deliver: async ({ event, incident }: Notification) => {
          await turn();
          if (!isWell && fails.next().value === true) return failed;
          heard.set(incident.unit, [...(heard.get(incident.unit) ?? []), event]);
          return delivered;
        },
      });
      for (let at = 0; at < 5; at += 1) {
        for (const [number, { middle, gaps }] of incidents.entries()) {
          const event = (['opened', ...middle, 'closed'] as const)[at];
          if (event !== undefined) channel.add(notificationOf(event, incidentOf(number)));
          for (let left = gaps[at] ?? 0; left > 0; left -= 1) await turn();
        }
      }
      isWell = true;
      while (channel.pending().length > 0) await turn();
      for (const number of incidents.keys()) {
        const events = heard.get(`u${String(number)}.service`) ?? [];
        expect(events.filter((event) => event === 'closed')).toHaveLength(1);
        expect(events.at(-1)).toBe('closed');
        expect(events.lastIndexOf('opened')).toBeLessThanOrEqual(0);
      }
      await channel.close(0);
    }),
    { numRuns: 60 },
  );
});

test('a sink that always works is told all of it, in order', async () => {
  const heard: string[] = [];
  const { channel } = channelTo({
    deliver: async ({ event }) => {
      heard.push(event);
      return delivered;
    },
  });
  for (const event of ['opened', 'worsened', 'reminder', 'closed'] as const) {
    channel.add(notificationOf(event));
    await turn();
  }
  expect(heard).toEqual(['opened', 'worsened', 'reminder', 'closed']);
});

describe('an incident that is held back', () => {
  const cause = { id: 'missing-file', state: 'confirmed', sentence: 'It is gone.', proof: [] } as const;
  const toldBy = (told: Notification[]): Sink => ({
    deliver: async (notification) => {
      told.push(notification);
      return delivered;
    },
  });

  test('is told with what is known once it is released, and holds up nobody else', async () => {
    const told: Notification[] = [];
    const { channel } = channelTo(toldBy(told));
    channel.hold(incidentOf(1).id);
    channel.add(notificationOf('opened', incidentOf(1)));
    channel.add(notificationOf('opened', incidentOf(2)));
    await expect.poll(() => told.map(({ incident }) => incident.id), soon).toEqual([incidentOf(2).id]);
    // A crash now is not to lose it.
    expect(channel.pending().map(({ incident }) => incident.id)).toEqual([incidentOf(1).id]);
    channel.release({ ...incidentOf(1), restarts: 99, causes: [cause] });
    await expect.poll(() => told.length, soon).toBe(2);
    expect(told[1]?.incident).toEqual({ ...incidentOf(1), causes: [cause] });
  });

  test('is told as one with what came meanwhile', async () => {
    const told: Notification[] = [];
    const { channel } = channelTo(toldBy(told));
    channel.hold(incidentOf(1).id);
    channel.add(notificationOf('opened', incidentOf(1)));
    channel.add(notificationOf('worsened', { ...incidentOf(1), kind: 'braked' }));
    channel.release({ ...incidentOf(1), causes: [cause] });
    await expect.poll(() => told.length, soon).toBe(1);
    expect(told).toMatchObject([{ event: 'opened', incident: { kind: 'braked', causes: [cause] } }]);
  });

  test('is told without it when flapd stops', async () => {
    const told: Notification[] = [];
    const { channel } = channelTo(toldBy(told));
    channel.hold(incidentOf(1).id);
    channel.add(notificationOf('opened', incidentOf(1)));
    await channel.close(500);
    expect(told.map(({ event }) => event)).toEqual(['opened']);
  });
});

describe('a sink that forgets', () => {
  interface Forgetful {
    readonly sink: Sink;
    readonly told: string[];
    works: boolean;
  }

  function forgetful(everyMs = 20): Forgetful {
    const open = new Map<string, IncidentView>();
    const told: string[] = [];
    const standing: Standing = {
      everyMs,
      get isEmpty() {
        return open.size === 0;
      },
      resume: (incidents) => incidents.forEach((incident) => open.set(incident.id, incident)),
      forget: (id) => void open.delete(id),
      open: () => [...open.values()],
      tellAgain: async () => {
        told.push([...open.values()].map(({ unit }) => unit).join(' '));
        return state.works ? delivered : failed;
      },
    };
    const sink: Sink = {
      standing,
      deliver: async ({ event, incident }) => {
        if (!state.works) return failed;
        if (event === 'closed') open.delete(incident.id);
        else open.set(incident.id, incident);
        return delivered;
      },
    };
    const state: Forgetful = { sink, told, works: true };
    return state;
  }

  test('is told again what is open, and no longer when it is over', async () => {
    const { sink, told } = forgetful();
    const { channel } = channelTo(sink);
    channel.add(notificationOf('opened', incidentOf(1)));
    await expect.poll(() => told.length, soon).toBeGreaterThan(2);
    channel.add(notificationOf('closed', incidentOf(1)));
    await expect.poll(() => channel.pending(), soon).toEqual([]);
    const before = told.length;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(told.slice(before)).toEqual([]);
    expect(new Set(told)).toEqual(new Set(['u1.service']));
  });

  test('is told at once what was open before flapd started', async () => {
    const { sink, told } = forgetful(60_000);
    const { channel } = channelTo(sink);
    channel.resume([incidentOf(1), incidentOf(2)]);
    await expect.poll(() => told, soon).toEqual(['u1.service u2.service']);
    channel.resume([]);
  });

  test('that fails is logged once, and once when it works again', async () => {
    const state = forgetful();
    const { channel, lines } = channelTo(state.sink);
    state.works = false;
    channel.resume([incidentOf(1)]);
    await expect.poll(() => state.told.length, soon).toBeGreaterThan(3);
    state.works = true;
    await expect.poll(() => lines.filter(({ level }) => level === 'info').length, soon).toBe(1);
    expect(lines.filter(({ level }) => level !== 'debug').map(({ level }) => level)).toEqual([
      'warn',
      'info',
    ]);
  });

  test('under new settings is told what was open under the old ones', async () => {
    const [before, after] = [forgetful(60_000), forgetful(60_000)];
    const { channel } = channelTo(before.sink);
    channel.resume([incidentOf(1)]);
    await expect.poll(() => before.told, soon).toEqual(['u1.service']);
    channel.reconfigure(after.sink);
    await expect.poll(() => after.told, soon).toEqual(['u1.service']);
  });
});
