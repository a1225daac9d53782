import { describe, expect, test } from 'vitest';
import { presentIncidents } from '../../src/core/present.ts';
import { Timeline } from '../support/timeline.ts';

/** Calm after ten minutes, whatever the loop. */
const calmSeconds = 600;

interface Cast {
  readonly timeline: Timeline;
  /** Each dies `cycles` times from `from` on, in turn within each second. */
  readonly loop: (
    units: readonly string[],
    from: number,
    cycles: number,
    status?: (unit: string) => number,
  ) => number;
}

function cast(): Cast {
  const timeline = new Timeline();
  return {
    timeline,
    loop: (units, from, cycles, status = () => 1) => {
      for (let cycle = 0; cycle < cycles; cycle += 1) {
        units.forEach((unit, index) => {
          const service = timeline.service(unit);
          const at = from + cycle * 2 + index / 100;
          service.die(at, { status: status(unit) });
          service.autoRestart(at + 0.5);
        });
      }
      return from + (cycles - 1) * 2 + units.length / 100 + 0.5;
    },
  };
}

function start(timeline: Timeline, ...units: readonly string[]): void {
  for (const unit of units) timeline.service(unit).start(0);
}

const clients = Array.from({ length: 50 }, (_, index) => `client${index}.service`);
/** Each for a reason of its own, so that only the tie of systemd's dependencies is left. */
const ownStatus = (unit: string): number => 1 + (Number.parseInt(unit.slice(6), 10) % 200);

describe('fifty services that flap because of a database', () => {
  test('that loops itself are one incident, which names it', () => {
    const { timeline, loop } = cast();
    start(timeline, 'db.service', ...clients);
    for (const unit of clients) timeline.dependsOn(1, unit, ['db.service']);
    const end = loop(['db.service', ...clients], 10, 8, (unit) =>
      unit === 'db.service' ? 1 : ownStatus(unit),
    );
    expect(timeline.told).toEqual(['18.5 opened db.service']);
    const [incident, ...others] = presentIncidents(timeline.state);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ unit: 'db.service' });
    expect(incident?.groups.toSorted()).toEqual(clients.toSorted());
    expect(incident?.sentence).toContain(
      'with it client0.service, client1.service, client2.service and 47 more',
    );
    for (let at = end; at < end + calmSeconds + 20; at += 5) timeline.tick(at);
    expect(timeline.told).toHaveLength(2);
    expect(timeline.told[1]).toMatch(/closed db\.service$/);
    expect(timeline.state.open.size).toBe(0);
  });

  test('that has failed and rests are one incident, which names it', () => {
    const { timeline, loop } = cast();
    start(timeline, 'db.service', ...clients);
    for (const unit of clients) timeline.dependsOn(1, unit, ['db.service']);
    timeline.service('db.service').die(9, {}, false);
    loop(clients, 10, 8, ownStatus);
    expect(timeline.told).toEqual(['18.5 opened client0.service']);
    const [incident] = presentIncidents(timeline.state);
    expect(incident).toMatchObject({ unit: 'client0.service', root: 'db.service' });
    expect(incident?.sentence).toContain('likely because of db.service');
    expect(incident?.groups).toHaveLength(49);
  });

  test('that was stopped are one incident, which names it', () => {
    const { timeline, loop } = cast();
    start(timeline, 'db.service', ...clients.slice(0, 3));
    for (const unit of clients.slice(0, 3)) timeline.dependsOn(1, unit, [], ['db.service']);
    timeline.service('db.service').stop(9);
    loop(clients.slice(0, 3), 10, 8, ownStatus);
    expect(timeline.told).toEqual(['18.5 opened client0.service']);
    expect(presentIncidents(timeline.state)[0]?.root).toBe('db.service');
  });

  test('whose rule holds later than theirs are one incident all the same', () => {
    const { timeline, loop } = cast();
    start(timeline, 'db.service', 'client0.service', 'client1.service');
    for (const unit of ['client0.service', 'client1.service']) timeline.dependsOn(1, unit, ['db.service']);
    const db = timeline.service('db.service');
    db.die(9);
    loop(['client0.service', 'client1.service'], 10, 6, ownStatus);
    db.autoRestart(25);
    db.loop(25, 8, 1);
    expect(timeline.told).toEqual(['18.5 opened client0.service']);
    expect(timeline.incidents).toContain('29.4 grouped db.service with client0.service');
  });
});

describe('a unit that loops for its own reason is told by itself', () => {
  test('where it began before what it requires was in trouble', () => {
    const { timeline, loop } = cast();
    start(timeline, 'db.service', 'client0.service');
    timeline.dependsOn(1, 'client0.service', ['db.service']);
    loop(['client0.service'], 10, 4);
    loop(['db.service', 'client0.service'], 18, 6);
    expect(timeline.told).toEqual(['18.51 opened client0.service', '26.5 opened db.service']);
  });

  test('where what it requires is well', () => {
    const { timeline, loop } = cast();
    start(timeline, 'db.service', 'client0.service', 'client1.service');
    for (const unit of ['client0.service', 'client1.service']) timeline.dependsOn(1, unit, ['db.service']);
    loop(['client0.service', 'client1.service'], 10, 6, ownStatus);
    expect(timeline.told).toHaveLength(2);
  });

  test('where it only comes after a service that has been in trouble for long', () => {
    const { timeline, loop } = cast();
    start(timeline, 'db.service', 'client0.service');
    timeline.dependsOn(1, 'client0.service', [], ['db.service']);
    timeline.service('db.service').die(9, {}, false);
    loop(['client0.service'], 60, 6);
    expect(presentIncidents(timeline.state)[0]).not.toHaveProperty('root');
  });

  test('where it goes on after the one that led it has calmed down', () => {
    const { timeline, loop } = cast();
    start(timeline, 'db.service', 'client0.service', 'client1.service');
    for (const unit of ['client0.service', 'client1.service']) timeline.dependsOn(1, unit, ['db.service']);
    loop(['db.service', 'client0.service', 'client1.service'], 10, 6, (unit) => unit.length);
    expect(timeline.told).toEqual(['18.5 opened db.service']);
    // The database and client0 are well from here on.
    loop(['client1.service'], 22, 320);
    timeline.tick(661);
    expect(timeline.told.slice(1).map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'closed db.service',
      'opened client1.service',
    ]);
    expect(presentIncidents(timeline.state)[0]).toMatchObject({ unit: 'client1.service', groups: [] });
  });

  test('but not where it only waited for long before it came back well', () => {
    const { timeline, loop } = cast();
    start(timeline, 'db.service', 'client0.service');
    timeline.dependsOn(1, 'client0.service', ['db.service']);
    loop(['db.service', 'client0.service'], 10, 6, (unit) => unit.length);
    const client = timeline.service('client0.service');
    client.die(22, { status: 3 });
    // RestartSec= is seven minutes; the database has been well since 20.5.
    client.autoRestart(442);
    for (let at = 600; at < 1300; at += 5) timeline.tick(at);
    expect(timeline.told.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'opened db.service',
      'closed db.service',
    ]);
    expect(timeline.state.open.size).toBe(0);
  });

  test('where what would lead it is silenced', () => {
    const { timeline, loop } = cast();
    start(timeline, 'web@1.service', 'web@2.service');
    const untilWallMs = Date.UTC(2026, 0, 3);
    const silence = { unit: 'web@1.service', untilWallMs, sinceWallMs: 0, by: undefined, reason: undefined };
    timeline.take(1, { kind: 'silences', silences: [silence] });
    loop(['web@1.service', 'web@2.service'], 10, 6);
    expect(timeline.told).toEqual(['18.51 opened web@2.service']);
  });
});

describe('services that die alike', () => {
  test('are one incident where they are instances of one template', () => {
    const { timeline, loop } = cast();
    start(timeline, 'web@1.service', 'web@2.service', 'web@3.service');
    loop(['web@1.service', 'web@2.service', 'web@3.service'], 10, 6, () => 78);
    expect(timeline.told).toEqual(['18.5 opened web@1.service']);
    expect(presentIncidents(timeline.state)[0]?.groups).toEqual(['web@2.service', 'web@3.service']);
  });

  test('are not, where instances die in different ways', () => {
    const { timeline, loop } = cast();
    start(timeline, 'web@1.service', 'web@2.service');
    loop(['web@1.service', 'web@2.service'], 10, 6, (unit) => unit.charCodeAt(4));
    expect(timeline.told).toHaveLength(2);
  });

  test('are not, where they are four strangers', () => {
    const { timeline, loop } = cast();
    const units = clients.slice(0, 4);
    start(timeline, ...units);
    loop(units, 10, 6);
    expect(timeline.told).toHaveLength(4);
  });

  test('are one from the fifth stranger on, where all began at once', () => {
    const { timeline, loop } = cast();
    start(timeline, ...clients);
    loop(clients, 10, 6);
    expect(timeline.told).toHaveLength(4);
    expect(presentIncidents(timeline.state).map(({ groups }) => groups.length)).toContain(46);
  });

  test('are not, where the fifth began minutes later', () => {
    const { timeline, loop } = cast();
    const units = clients.slice(0, 5);
    start(timeline, ...units);
    loop(units.slice(0, 4), 10, 6);
    loop(units.slice(4), 100, 6);
    expect(timeline.told).toHaveLength(5);
  });
});

describe('what a unit builds on is asked', () => {
  const asked = (timeline: Timeline): readonly number[] =>
    timeline.effects.flatMap(({ at, effect }) => (effect.kind === 'ask-dependencies' ? at : []));

  test('once for each run that dies, until it is answered', () => {
    const timeline = new Timeline();
    const service = timeline.service('a.service');
    service.start(0);
    service.loop(0, 2, 1);
    expect(asked(timeline)).toEqual([1, 2.1]);
    timeline.dependsOn(2.5, 'a.service', []);
    service.loop(2.2, 3, 1);
    expect(asked(timeline)).toHaveLength(2);
  });

  test('not at a single restart by hand, but at the second one', () => {
    const timeline = new Timeline();
    const service = timeline.service('a.service');
    service.start(0);
    service.restart(5);
    expect(asked(timeline)).toEqual([]);
    service.restart(10);
    expect(asked(timeline)).toEqual([10]);
  });
});
