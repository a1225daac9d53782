import { audienceOf, isNobody, unlessLed } from './audience.ts';
import { closingOf, type Closing } from './closing.ts';
import type { Effect, RemedyNews } from './effect.ts';
import { membersOf, placeOf } from './grouping.ts';
import type { Incident } from './incident.ts';
import type { Instant } from './instant.ts';
import type { Judged } from './judge.ts';
import type { Policy } from './policy.ts';
import { put } from './put.ts';
import { isInForce, type Remedy } from './remedy/remedy.ts';
import type { State } from './state.ts';
import type { UnitRecord } from './unit-record.ts';

/**
 * Takes what was judged of one unit into the state, and decides what others hear of it: an incident that opens may be part
 * of another one, and one that others are part of closes after them.
 */
export function settle(state: State, before: UnitRecord, judged: Judged, now: Instant): readonly Effect[] {
  const { record, change } = judged;
  switch (change?.kind) {
    case undefined: {
      put(state, record, []);
      return news(state, record, now);
    }
    case 'opened':
      return settleOpened(state, record, now);
    case 'braked':
    case 'faster': {
      const to = unlessLed(change.incident, audienceOf(state, record, now.wallMs));
      const incident = tell(change.incident, isNobody(to) ? change.incident.toldTo : to, now);
      const effects: Effect[] = [{ kind: 'incident-worsened', why: change.kind, incident, to }];
      put(state, { ...record, incident }, effects);
      return effects;
    }
    case 'closed':
      return settleClosed(state, { before, after: record }, change.incident, now);
  }
}

function tell(incident: Incident, toldTo: Incident['toldTo'], now: Instant): Incident {
  return { ...incident, toldTo, toldMs: now.monotonicMs };
}

/** An incident that is new to whoever is told: it may be part of one that they know, but of that of `outgrown` no more. */
export function settleOpened(
  state: State,
  record: UnitRecord,
  now: Instant,
  outgrown?: string,
): readonly Effect[] {
  const { incident: opened } = record;
  if (opened === undefined) return [];
  const { root, leader } = placeOf(state, record, opened, now, outgrown);
  if (leader?.incident !== undefined) {
    const grown = withMember(leader.incident, record.unit, root);
    put(state, { ...leader, incident: grown }, []);
    const incident: Incident = { ...opened, root, leader: { unit: leader.unit, id: grown.id } };
    const effects: Effect[] = [{ kind: 'incident-grouped', incident, leader: grown }];
    put(state, { ...record, incident }, effects);
    return effects;
  }
  const to = audienceOf(state, record, now.wallMs);
  const incident = tell({ ...opened, root, leader: undefined }, to, now);
  const effects: Effect[] = [{ kind: 'incident-opened', incident, to }];
  put(state, { ...record, incident }, effects);
  return effects;
}

function withMember(incident: Incident, unit: string, root: string | undefined): Incident {
  const groups = incident.groups.includes(unit) ? incident.groups : [...incident.groups, unit];
  return { ...incident, groups, root: incident.root ?? (root === incident.unit ? undefined : root) };
}

/** A close is told to whom the opening was told: a pager that rang must hear that it is over. */
function settleClosed(
  state: State,
  { before, after }: { before: UnitRecord; after: UnitRecord },
  closed: Incident,
  now: Instant,
): readonly Effect[] {
  const { own, waits } = lateOf(state, before, closed, now.monotonicMs);
  if (waits) {
    put(state, before, []);
    return own.flatMap((member) => release(state, member, before.unit, now));
  }
  const to = unlessLed(closed, closed.toldTo);
  const effects: Effect[] = [{ kind: 'incident-closed', incident: closed, to }];
  put(state, after, effects);
  return [...effects, ...own.flatMap((member) => release(state, member, before.unit, now))];
}

/** It went on looping after the one it was part of had calmed down: it has a reason of its own, and is told by itself. */
function release(state: State, member: UnitRecord, from: string, now: Instant): readonly Effect[] {
  const { incident } = member;
  if (incident === undefined) return [];
  return settleOpened(state, { ...member, incident: { ...incident, leader: undefined } }, now, from);
}

interface Late {
  /** Died well into the calm of the one that leads. */
  readonly own: readonly UnitRecord[];
  /** Others are on their way to calm, and are waited for. */
  readonly waits: boolean;
}

/** Members of the incident that are not calm yet when it is. */
function lateOf(state: State, leader: UnitRecord, { closed }: Incident, nowMs: number): Late {
  const late = membersOf(state, leader).filter((member) => dueAtMs(member, nowMs) > nowMs);
  const closing = closingOf(leader, nowMs);
  // What a policy has called off is not waited with.
  if (closing === undefined || closed?.reason === 'policy') return { own: late, waits: false };
  const own = late.filter((member) => diedMs(member) > halfCalmMs(closing));
  return { own, waits: own.length < late.length };
}

/** Its last restart may be late, where it waits for long before each: what it shows is how the run before that ended. */
function diedMs({ lastExit, incident }: UnitRecord): number {
  return lastExit?.atMs ?? incident?.lastMs ?? -Infinity;
}

function halfCalmMs({ sinceMs, atMs }: Closing): number {
  return (sinceMs + atMs) / 2;
}

function dueAtMs(record: UnitRecord, nowMs: number): number {
  return closingOf(record, nowMs)?.atMs ?? Infinity;
}

/**
 * What was done about a unit, to whom its incident is for now, the news of that before it; nothing where no incident is open
 * any more, for its end says what came of the remedy.
 */
export function settleRemedy(
  state: State,
  wasInForce: boolean,
  remedy: Remedy,
  now: Instant,
): readonly Effect[] {
  const record = state.units.get(remedy.unit);
  const kind = newsOfRemedy(wasInForce, remedy);
  if (record?.incident === undefined || kind === undefined) return [];
  const to = unlessLed(record.incident, audienceOf(state, record, now.wallMs));
  if (isNobody(to)) return [];
  const incident = tell(record.incident, to, now);
  put(state, { ...record, incident }, []);
  return [{ kind, incident, to }];
}

function newsOfRemedy(wasInForce: boolean, remedy: Remedy): RemedyNews | undefined {
  if (isInForce(remedy)) {
    if (!wasInForce) return 'incident-remedied';
    return remedy.outcome === 'helped' ? 'incident-helped' : undefined;
  }
  // One that is found to have no effect when it is read back was never known to be in force.
  return wasInForce || remedy.outcome === 'no-effect' ? 'incident-unremedied' : undefined;
}

/** What time alone makes news: a silence is over, or it is time for a reminder. */
function news(state: State, record: UnitRecord, now: Instant): readonly Effect[] {
  const { incident } = record;
  if (incident === undefined || incident.leader !== undefined) return [];
  const to = audienceOf(state, record, now.wallMs);
  if (isNobody(to)) return [];
  const isNew = isNobody(incident.toldTo);
  if (!isNew && now.monotonicMs < remindsMs(incident, record.policy)) return [];
  const told = tell(incident, to, now);
  put(state, { ...record, incident: told }, []);
  return [{ kind: isNew ? 'incident-announced' : 'incident-reminder', incident: told, to }];
}

/** When it is time for a reminder; never where the policy wants none. */
function remindsMs({ toldMs }: Incident, { remindEveryMs }: Policy): number {
  return remindEveryMs > 0 ? toldMs + remindEveryMs : Infinity;
}

/** When time alone next changes something about an open incident; undefined where nothing is due. */
export function dueMs(state: State, record: UnitRecord, now: Instant): number | undefined {
  const { incident, policy } = record;
  if (incident === undefined) return undefined;
  const closing = closingOf(record, now.monotonicMs);
  if (incident.leader !== undefined) return closing?.atMs;
  const isHeard = !isNobody(audienceOf(state, record, now.wallMs));
  const tellsMs = isHeard ? remindsMs(incident, policy) : Infinity;
  const due = Math.min(tellsMs, groupDueMs(state, record, closing, now.monotonicMs));
  return due === Infinity ? undefined : due;
}

function groupDueMs(state: State, leader: UnitRecord, closing: Closing | undefined, nowMs: number): number {
  if (closing === undefined) return Infinity;
  const waited = membersOf(state, leader).filter((member) => diedMs(member) <= halfCalmMs(closing));
  return Math.max(closing.atMs, ...waited.map((member) => dueAtMs(member, nowMs)));
}
