import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NotificationEvent } from '../../src/core/notification.ts';
import { enqueue, giveBack, takeNext, type Queue } from '../../src/sinks/queue.ts';
import { incidentOf, notificationOf } from './samples.ts';

type Told = readonly [event: NotificationEvent, incident: number];

const shown = (queue: Queue): readonly string[] =>
  [...queue.values()].map(({ notification: { event, incident } }) => `${event} ${incident.unit}`);

/** A queue in which these came in this order. */
function queueOf(told: readonly Told[], most = 100): { queue: Queue; dropped: readonly string[] } {
  let queue: Queue = new Map();
  const dropped: string[] = [];
  for (const [order, [event, incident]] of told.entries()) {
    const notification = notificationOf(event, { ...incidentOf(incident), restarts: order });
    const result = enqueue(queue, { notification, order, newestMs: order }, most);
    queue = result.queue;
    dropped.push(...result.dropped.map((each) => `${each.event} ${each.incident.unit}`));
  }
  return { queue, dropped };
}

describe('what is not told yet becomes one notification of each incident', () => {
  test.each<[events: readonly NotificationEvent[], told: NotificationEvent]>([
    [['opened', 'worsened'], 'opened'],
    [['opened', 'reminder'], 'opened'],
    [['opened', 'worsened', 'reminder', 'closed'], 'closed'],
    [['worsened', 'worsened'], 'worsened'],
    [['worsened', 'reminder'], 'worsened'],
    [['worsened', 'closed'], 'closed'],
    [['reminder', 'reminder'], 'reminder'],
    [['reminder', 'worsened'], 'worsened'],
    [['reminder', 'closed'], 'closed'],
    [['closed', 'opened'], 'closed'],
    [['opened', 'applied'], 'opened'],
    [['worsened', 'reverted'], 'worsened'],
    [['applied', 'worsened'], 'worsened'],
    [['applied', 'reminder'], 'applied'],
    [['reminder', 'applied'], 'applied'],
    [['applied', 'reverted'], 'reverted'],
    [['reverted', 'reminder'], 'reverted'],
    [['applied', 'closed'], 'closed'],
  ])('%j is told as %s', (events, told) => {
    const { queue } = queueOf(events.map((event) => [event, 1]));
    expect(shown(queue)).toEqual([`${told} u1.service`]);
  });

  test('with the newest content, in the place of the oldest', () => {
    const { queue } = queueOf([
      ['opened', 1],
      ['opened', 2],
      ['worsened', 1],
    ]);
    expect(shown(queue)).toEqual(['opened u1.service', 'opened u2.service']);
    expect(takeNext(queue)?.next).toMatchObject({
      notification: { incident: { restarts: 2 } },
      order: 0,
      newestMs: 2,
    });
  });
});

describe('what has no room', () => {
  test('is the oldest reminder', () => {
    const told: readonly Told[] = [
      ['opened', 1],
      ['reminder', 2],
      ['reminder', 3],
      ['closed', 4],
    ];
    expect(queueOf(told, 3)).toMatchObject({ dropped: ['reminder u2.service'] });
  });

  test('is the oldest incident where nothing is a reminder, also after it was tried', () => {
    const { queue } = queueOf([
      ['opened', 1],
      ['opened', 2],
      ['opened', 3],
    ]);
    const taken = takeNext(queue);
    const again = taken && giveBack(taken.rest, taken.next);
    const added = { notification: notificationOf('opened', incidentOf(4)), order: 9, newestMs: 9 };
    const { queue: left, dropped } = enqueue(again ?? new Map(), added, 3);
    expect(dropped.map(({ incident }) => incident.unit)).toEqual(['u1.service']);
    expect(shown(left)).toEqual(['opened u2.service', 'opened u3.service', 'opened u4.service']);
  });
});

describe('what failed', () => {
  test('waits behind the others, and what came meanwhile is told in its stead', () => {
    const { queue } = queueOf([
      ['opened', 1],
      ['opened', 2],
    ]);
    const taken = takeNext(queue);
    if (taken === undefined) throw new Error('nothing to take');
    const added = { notification: notificationOf('closed', incidentOf(1)), order: 9, newestMs: 9 };
    expect(shown(giveBack(taken.rest, taken.next))).toEqual(['opened u2.service', 'opened u1.service']);
    expect(shown(giveBack(enqueue(taken.rest, added, 100).queue, taken.next))).toEqual([
      'opened u2.service',
      'closed u1.service',
    ]);
  });

  test('stays before a later incident of its unit', () => {
    const ended = notificationOf('closed', incidentOf(1, 'same.service'));
    const begun = notificationOf('opened', incidentOf(2, 'same.service'));
    const other = notificationOf('opened', incidentOf(3));
    let queue: Queue = new Map();
    for (const [order, notification] of [ended, begun, other].entries())
      queue = enqueue(queue, { notification, order, newestMs: 0 }, 100).queue;
    const taken = takeNext(queue);
    if (taken === undefined) throw new Error('nothing to take');
    expect(shown(giveBack(taken.rest, taken.next))).toEqual([
      'opened u3.service',
      'closed same.service',
      'opened same.service',
    ]);
  });
});

/** The life of an incident, and how many tries are made after each of its events. */
const lives = fc.array(
  fc.record({
    middle: fc.array(fc.constantFrom<NotificationEvent>('worsened', 'reminder'), { maxLength: 4 }),
    tries: fc.array(fc.nat(3), { minLength: 6, maxLength: 6 }),
  }),
  { minLength: 1, maxLength: 5 },
);

test('whatever fails and when: one end each, at most one beginning before it, nothing after it', () => {
  fc.assert(
    fc.property(lives, fc.infiniteStream(fc.boolean()), (incidents, fails) => {
      const told = new Map<string, NotificationEvent[]>();
      let queue: Queue = new Map();
      const attempt = (works: boolean, meanwhile?: () => void): void => {
        const taken = takeNext(queue);
        if (taken === undefined) return meanwhile?.();
        queue = taken.rest;
        meanwhile?.();
        const { event, incident } = taken.next.notification;
        if (works) told.set(incident.unit, [...(told.get(incident.unit) ?? []), event]);
        else queue = giveBack(queue, taken.next);
      };
      let order = 0;
      const events = incidents.flatMap(({ middle, tries }, number) =>
        (['opened', ...middle, 'closed'] as const).map((event, at) => ({ event, number, at, tries })),
      );
      for (const { event, number, tries, at } of events.toSorted((a, b) => a.at - b.at)) {
        const add = (): void => {
          order += 1;
          const notification = notificationOf(event, incidentOf(number));
          queue = enqueue(queue, { notification, order, newestMs: 0 }, 100).queue;
        };
        attempt(!fails.next().value, add);
        for (let left = tries[at] ?? 0; left > 0; left -= 1) attempt(!fails.next().value);
      }
      while (queue.size > 0) attempt(true);
      for (const number of incidents.keys()) {
        const heard = told.get(`u${String(number)}.service`) ?? [];
        expect(heard.filter((event) => event === 'closed')).toHaveLength(1);
        expect(heard.filter((event) => event === 'opened').length).toBeLessThanOrEqual(1);
        expect(heard.at(-1)).toBe('closed');
        expect(heard.indexOf('opened')).toBeLessThanOrEqual(0);
      }
    }),
  );
});
