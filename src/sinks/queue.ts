import { bringsEvidence, type Notification, type NotificationEvent } from '../core/notification.ts';
import type { IncidentView } from '../core/view.ts';

/** What one sink is still to be told. */
export interface Pending {
  readonly notification: Notification;
  /** Its place in the order of what came: of two, the lower one is older. */
  readonly order: number;
  /** CLOCK_MONOTONIC when the newest of it came. */
  readonly newestMs: number;
}

/**
 * By incident id, the next one first. Of each incident one notification is enough: after an outage what is still true is
 * told, and what no longer is, is not told as if it were.
 */
export type Queue = ReadonlyMap<string, Pending>;

export interface Enqueued {
  readonly queue: Queue;
  /** What had to go to make room. */
  readonly dropped: readonly Notification[];
}

/** `most`: so many incidents are held. */
export function enqueue(queue: Queue, added: Pending, most: number): Enqueued {
  const { id } = added.notification.incident;
  const before = queue.get(id);
  const next = new Map(queue);
  next.set(id, before === undefined ? added : merge(before, added));
  const dropped: Notification[] = [];
  while (next.size > most) {
    const victim = leastMissed(next);
    next.delete(victim.incident.id);
    dropped.push(victim);
  }
  return { queue: next, dropped };
}

/** The next one to be told that is not held back, and the queue without it. */
export function takeNext(
  queue: Queue,
  isHeld: (incident: string) => boolean = () => false,
): { readonly next: Pending; readonly rest: Queue } | undefined {
  const first = [...queue].find(([incident]) => !isHeld(incident));
  if (first === undefined) return undefined;
  const [id, next] = first;
  const rest = new Map(queue);
  rest.delete(id);
  return { next, rest };
}

/** What is to be told of an incident, with what is known of it by now. */
export function amend(queue: Queue, incident: IncidentView): Queue {
  const pending = queue.get(incident.id);
  if (pending === undefined) return queue;
  // What was true when it was noted stays as it was: its end, its numbers.
  const { event, incident: noted } = pending.notification;
  const { causes = noted.causes, advice = noted.advice } = incident;
  const { evidence, changes } = bringsEvidence(event) ? incident : noted;
  const known = {
    ...noted,
    ...(causes === undefined ? {} : { causes }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(changes === undefined ? {} : { changes }),
    ...(advice === undefined ? {} : { advice }),
  };
  const notification = { ...pending.notification, incident: known };
  return new Map(
    [...queue].map(([id, each]) => [id, id === incident.id ? { ...pending, notification } : each]),
  );
}

/**
 * After a try that failed: it waits behind the others, so that one the sink can't take does not hold up the rest. What
 * came meanwhile of its incident is told in its stead; later incidents of the same unit stay behind it.
 */
export function giveBack(queue: Queue, failed: Pending): Queue {
  const { id, unit } = failed.notification.incident;
  const meanwhile = queue.get(id);
  const entries = [...queue].filter(([other]) => other !== id);
  const isOfUnit = ([, { notification }]: readonly [string, Pending]): boolean =>
    notification.incident.unit === unit;
  return new Map([
    ...entries.filter((entry) => !isOfUnit(entry)),
    [id, meanwhile === undefined ? failed : merge(failed, meanwhile)] as const,
    ...entries.filter(isOfUnit),
  ]);
}

/** One notification for two of the same incident, neither of which has been told. */
function merge(before: Pending, after: Pending): Pending {
  if (before.notification.event === 'closed') return before;
  const event = mergedEvent(before.notification.event, after.notification.event);
  return {
    notification: { ...after.notification, event },
    order: before.order,
    newestMs: after.newestMs,
  };
}

function mergedEvent(before: NotificationEvent, after: NotificationEvent): NotificationEvent {
  if (after === 'closed') return 'closed';
  if (before === 'opened' || before === 'worsened') return before;
  // That it goes on is no news beside what was done about it.
  return after === 'reminder' ? before : after;
}

/** The oldest reminder, for it says nothing new; without one, the oldest of all. */
function leastMissed(queue: Queue): Notification {
  let least: Pending | undefined;
  for (const each of queue.values()) if (least === undefined || isMissedLess(each, least)) least = each;
  if (least === undefined) throw new Error('nothing is held, and yet too much');
  return least.notification;
}

function isMissedLess(a: Pending, b: Pending): boolean {
  const [saysNew, otherSaysNew] = [a, b].map(({ notification }) => notification.event !== 'reminder');
  return saysNew === otherSaysNew ? a.order < b.order : saysNew === false;
}
