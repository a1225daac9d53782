import { exitKey } from './exit.ts';
import { isNobody, audienceOf } from './audience.ts';
import type { Incident } from './incident.ts';
import type { Instant } from './instant.ts';
import type { State } from './state.ts';
import { rootOf } from './trouble.ts';
import { splitUnitName } from './unit-name.ts';
import type { UnitRecord } from './unit-record.ts';

/** Where an incident that opens belongs. */
export interface Place {
  /** The service that it likely comes from, where that is another one. */
  readonly root: string | undefined;
  /** The unit whose open incident it becomes a part of. */
  readonly leader: UnitRecord | undefined;
}

/**
 * So many strangers that die alike, all from one moment on, have one cause, though systemd knows of no tie between
 * them. Fewer may be chance: a status of 1 says little.
 */
const crowd = 5;
const crowdSpanMs = 10_000;

/** Listed by name in one incident; a host has fewer services. */
const maxGrouped = 1000;

/**
 * A unit's incident joins the open one that stands for the same trouble: of the service that both follow, of that service
 * itself, of a sister instance that dies alike, or of a crowd that began to die alike at once. What is silenced leads
 * nobody who is not.
 */
export function placeOf(
  state: State,
  record: UnitRecord,
  incident: Incident,
  now: Instant,
  outgrown: string | undefined,
): Place {
  const root = rootOf(state, record, incident.beganMs, now.monotonicMs)?.unit;
  const heard = !isNobody(audienceOf(state, record, now.wallMs));
  const others = openOf(state).filter(({ unit }) => unit !== record.unit && unit !== outgrown);
  const leaders = others.filter(
    (each) =>
      each.incident.leader === undefined &&
      each.incident.groups.length < maxGrouped &&
      !(heard && isNobody(audienceOf(state, each, now.wallMs))),
  );
  const kin =
    leaders.find((each) => each.unit === root || (root !== undefined && each.incident.root === root)) ??
    leaders.find((each) => each.incident.root === record.unit) ??
    leaders.find((each) => isSister(each, record.unit) && diesAlike(each.incident, incident));
  if (kin !== undefined) return { root, leader: kin };
  const alike = others.filter(
    (each) =>
      diesAlike(each.incident, incident) && Math.abs(each.incident.beganMs - incident.beganMs) <= crowdSpanMs,
  );
  if (alike.length + 1 < crowd) return { root, leader: undefined };
  const ledBy = new Set(alike.map(({ unit, incident: { leader } }) => leader?.unit ?? unit));
  return { root, leader: leaders.find(({ unit }) => ledBy.has(unit)) };
}

type Open = UnitRecord & { readonly incident: Incident };

/** Records with an open incident, the longest open first. */
export function openOf(state: State): readonly Open[] {
  return [...state.open].flatMap((unit) => {
    const record = state.units.get(unit);
    return record?.incident === undefined ? [] : [{ ...record, incident: record.incident }];
  });
}

/** Those of them that stand for themselves, or for others too. */
export function leadersOf(state: State): readonly Open[] {
  return openOf(state).filter(({ incident }) => incident.leader === undefined);
}

/** Those whose incident is part of that of `leader`. */
export function membersOf(state: State, leader: UnitRecord): readonly Open[] {
  if (leader.incident === undefined || leader.incident.groups.length === 0) return [];
  return openOf(state).filter(({ incident }) => incident.leader?.unit === leader.unit);
}

/** Instances of one template. */
export function isSister({ unit }: Pick<UnitRecord, 'unit'>, other: string): boolean {
  const [a, b] = [splitUnitName(unit), splitUnitName(other)];
  return a?.instance !== undefined && b?.instance !== undefined && a.prefix === b.prefix;
}

export function diesAlike(a: Pick<Incident, 'lastExit'>, b: Pick<Incident, 'lastExit'>): boolean {
  return a.lastExit !== undefined && b.lastExit !== undefined && exitKey(a.lastExit) === exitKey(b.lastExit);
}
