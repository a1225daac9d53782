import { PastSteps } from '../../src/core/past-steps.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { builtInPolicy, type Policy } from '../../src/core/policy.ts';
import { presentIncidents, presentUnit } from '../../src/core/present.ts';
import { newState } from '../../src/core/state.ts';
import { verdictOf } from '../../src/core/verdict.ts';
import { instant, Timeline } from '../support/timeline.ts';

const unit = 'loop.service';

function recordOf(timeline: Timeline, name = unit) {
  const record = timeline.state.units.get(name);
  if (record === undefined) throw new Error(`${name} is not known`);
  return record;
}

const verdictAt = (timeline: Timeline, at: number, name = unit) =>
  verdictOf(recordOf(timeline, name), instant(at).monotonicMs);

describe('step() on a loop', () => {
  test('opens one incident at the fifth automatic restart within two minutes', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.loop(0, 12, 8);
    expect(timeline.incidents).toEqual(['40.5 opened loop.service']);
    expect(recordOf(timeline)).toMatchObject({ automatic: 12, external: 0, inferred: 0 });
  });

  test('opens none at four restarts within two minutes', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.loop(0, 4, 8);
    timeline.tick(3600);
    expect(timeline.incidents).toEqual([]);
  });

  test('leaves the neighbour of a looping unit alone', () => {
    const timeline = new Timeline();
    timeline.service('neighbour.service').start(0);
    const service = timeline.service(unit);
    service.start(0);
    service.loop(0, 12, 2);
    expect(timeline.incidents).toEqual(['10.5 opened loop.service']);
    expect(verdictAt(timeline, 30, 'neighbour.service')).toBe('calm');
  });

  test('sees a slow loop that systemd itself never would: ten restarts within an hour', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.loop(0, 10, 300);
    expect(timeline.incidents).toEqual(['3001 opened loop.service']);
    expect(presentIncidents(timeline.state)[0]).toMatchObject({ rule: { restarts: 10, within: '1h' } });
  });

  test('sees one crash an hour for a day', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.loop(0, 24, 3500);
    expect(timeline.incidents).toEqual(['84002.4 opened loop.service']);
  });

  test('closes it after ten minutes of stable uptime, and not before', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.loop(0, 6, 8);
    timeline.tick(48.6 + 599.9);
    expect(timeline.incidents).toHaveLength(1);
    timeline.tick(48.6 + 600.1);
    expect(timeline.incidents[1]).toBe('648.6 closed loop.service stable');
  });

  test('waits twice the period of a slow loop before it calls it calm', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    const last = service.loop(0, 24, 3000, 0);
    timeline.tick(last + 5999);
    expect(timeline.incidents).toHaveLength(1);
    timeline.tick(last + 6001);
    expect(timeline.incidents[1]).toBe(`${last + 6000} closed loop.service stable`);
  });

  test('takes a loop that goes on for a day for one incident', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.loop(0, 5000, 17);
    expect(timeline.incidents).toHaveLength(1);
    expect(presentIncidents(timeline.state)[0]?.restarts).toBe(5000);
    expect(recordOf(timeline).window.restarts).toHaveLength(1024);
  });

  test('opens a second incident only for a second loop: the restarts of the first count no more', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    const last = service.loop(0, 9, 8);
    timeline.tick(last + 601);
    expect(timeline.incidents).toHaveLength(2);
    const once = service.loop(last + 700, 1, 8);
    expect(timeline.incidents).toHaveLength(2);
    service.loop(once, 4, 8);
    expect(timeline.incidents).toHaveLength(3);
  });

  test('does not close while the unit waits for its restart, however long RestartSec is', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    const last = service.loop(0, 5, 8);
    service.die(last + 8);
    timeline.tick(last + 4000);
    expect(timeline.incidents).toHaveLength(1);
  });

  test('closes as stopped when somebody stops the unit, as failed when it rests in failed, as gone when it is unloaded', () => {
    const stopped = new Timeline();
    stopped.service(unit).start(0);
    stopped.service(unit).stop(stopped.service(unit).loop(0, 5, 8) + 1);
    stopped.tick(1000);
    expect(stopped.incidents[1]).toBe('641.5 closed loop.service stopped');

    const failed = new Timeline();
    failed.service(unit).start(0);
    failed.service(unit).die(failed.service(unit).loop(0, 5, 8) + 1, {}, false);
    failed.tick(1000);
    expect(failed.incidents[1]).toBe('641.5 closed loop.service failed');

    const gone = new Timeline();
    gone.service(unit).start(0);
    gone.service(unit).stop(gone.service(unit).loop(0, 5, 8) + 1);
    gone.take(42, { kind: 'unit-removed', unit });
    gone.tick(1000);
    expect(gone.incidents[1]).toBe('641.5 closed loop.service gone');
  });

  test('goes from calm over suspect and looping to recovering and back to calm', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    expect(verdictAt(timeline, 1)).toBe('calm');
    let last = service.loop(0, 2, 8);
    expect(verdictAt(timeline, last)).toBe('calm');
    last = service.loop(last, 1, 8);
    expect(verdictAt(timeline, last)).toBe('suspect');
    last = service.loop(last, 2, 8);
    expect(verdictAt(timeline, last)).toBe('looping');
    expect(verdictAt(timeline, last + 16)).toBe('looping');
    expect(verdictAt(timeline, last + 17)).toBe('recovering');
    timeline.tick(last + 601);
    expect(verdictAt(timeline, last + 601)).toBe('calm');
  });
});

describe('step() on brakes', () => {
  test('worsens the incident when systemd gives up, and keeps it open while the unit is down', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    const last = service.loop(0, 4, 0.1);
    service.die(last + 0.1);
    service.queueRestart(last + 0.2);
    service.refuse(last + 0.2);
    timeline.tick(86_000);
    expect(timeline.incidents).toEqual(['1 opened loop.service', '1 worsened loop.service']);
    expect(verdictAt(timeline, 2)).toBe('braked');
    expect(timeline.state.incidentsTotal).toEqual({ loop: 1, braked: 1 });
  });

  test('opens one as braked where systemd gives up before any rule holds', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.die(1);
    service.queueRestart(2);
    service.refuse(2);
    expect(timeline.incidents).toEqual(['2 opened loop.service']);
    expect(presentIncidents(timeline.state)[0]).toMatchObject({ kind: 'braked', restarts: 1 });
    expect(presentIncidents(timeline.state)[0]).not.toHaveProperty('rule');
  });

  test('opens none for a unit that fails without Restart=', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.die(1, {}, false);
    expect(timeline.incidents).toEqual([]);
  });

  test('passes through inactive/dead on the way to failed, as systemd 252 does', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.die(1);
    service.show(2, { jobId: 7, nRestarts: 1 });
    service.show(2, { activeState: 'inactive', subState: 'dead' });
    expect(timeline.incidents).toEqual([]);
    service.refuse(2);
    expect(timeline.incidents).toEqual(['2 opened loop.service']);
  });

  test('is no brake while the failure is one before the next restart, even if the counter was raised for this run', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.die(1);
    service.queueRestart(2);
    service.show(2, { activeState: 'failed', subState: 'failed-before-auto-restart' });
    expect(timeline.incidents).toEqual([]);
  });

  test('is over when the unit is started again and stays up', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.die(1);
    service.queueRestart(2);
    service.refuse(2);
    service.show(100, { activeState: 'inactive', subState: 'dead', result: 'success', nRestarts: 0 });
    service.start(110);
    timeline.tick(711);
    expect(timeline.incidents.at(-1)).toBe('710 closed loop.service stable');
  });
});

describe('step() on units that come and go', () => {
  test('keeps the past of a unit that systemd unloads between two runs', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.loop(0, 3, 1);
    service.stop(10);
    timeline.take(10, { kind: 'unit-removed', unit });
    timeline.take(11, { kind: 'unit-new', unit });
    expect(recordOf(timeline)).toMatchObject({ automatic: 3, loaded: true, nRestarts: 0 });
  });

  test('forgets a unit that did nothing, and after a day one whose past no rule looks at', () => {
    const timeline = new Timeline();
    timeline.take(0, { kind: 'unit-new', unit: 'quiet.service' });
    timeline.take(1, { kind: 'unit-removed', unit: 'quiet.service' });
    expect(timeline.state.units.has('quiet.service')).toBe(false);
    const service = timeline.service(unit);
    service.start(0);
    service.die(1, {}, false);
    timeline.take(2, { kind: 'unit-removed', unit });
    timeline.tick(86_000);
    expect(timeline.state.units.has(unit)).toBe(true);
    timeline.tick(86_402);
    expect(timeline.state.units.has(unit)).toBe(false);
  });

  test('keeps at most a thousand units that are gone, the latest', () => {
    const timeline = new Timeline();
    for (let index = 0; index < 1500; index += 1) {
      const name = `run-${index}.service`;
      timeline.service(name).start(index);
      timeline.service(name).die(index, {}, false);
      timeline.take(index, { kind: 'unit-removed', unit: name });
    }
    expect(timeline.state.units.size).toBe(1000);
    expect(timeline.state.units.has('run-1499.service')).toBe(true);
  });

  test('judges units anew when the policies change', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.loop(0, 3, 1);
    const strict: Policy = {
      ...builtInPolicy,
      name: 'strict',
      match: [unit],
      loop: [{ restarts: 3, withinMs: 60_000 }],
    };
    timeline.take(5, { kind: 'policies', policies: [strict, builtInPolicy] });
    expect(timeline.incidents).toEqual(['5 opened loop.service']);
    expect(presentUnit(recordOf(timeline), instant(5), []).policy).toBe('strict');
  });
});

describe('step() as a replay', () => {
  const action = fc.constantFrom('crash', 'external', 'stop', 'wait', 'brake', 'heal');

  test('gives the same incidents from the same log of inputs, also through JSON', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(action, fc.integer({ min: 1, max: 400 })), { maxLength: 60 }),
        (script) => {
          const timeline = new Timeline();
          play(timeline, script);
          const inputs = JSON.parse(JSON.stringify(timeline.inputs)) as Timeline['inputs'];
          const replayed = newState([builtInPolicy]);
          const steps = new PastSteps(replayed);
          for (const { at, input } of inputs) steps.take(input, at);
          expect(presentIncidents(replayed)).toEqual(presentIncidents(timeline.state));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('never has two incidents open for a unit, and closes none before it opened', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(action, fc.integer({ min: 1, max: 400 })), { maxLength: 80 }),
        (script) => {
          const timeline = new Timeline();
          play(timeline, script);
          const kinds = timeline.incidents
            .map((line) => line.split(' ')[1])
            .filter((word) => word !== 'worsened');
          expect(kinds.every((word, index) => word === (index % 2 === 0 ? 'opened' : 'closed'))).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});

function play(timeline: Timeline, script: readonly (readonly [string, number])[]): void {
  const service = timeline.service(unit);
  service.start(0);
  let at = 0;
  for (const [what, gap] of script) {
    at += gap;
    const runs = service.snapshot.activeState === 'active';
    if (!runs) service.start(at);
    else if (what === 'crash') service.loop(at, 1, 0.5, 0.5);
    else if (what === 'external') service.restart(at);
    else if (what === 'stop') service.stop(at);
    else if (what === 'brake') {
      service.die(at);
      service.queueRestart(at);
      service.refuse(at);
    } else if (what === 'heal') timeline.tick((at += 2000));
  }
}
