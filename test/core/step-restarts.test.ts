import { describe, expect, test } from 'vitest';
import { instant, Timeline } from '../support/timeline.ts';

const unit = 'loop.service';

function recordOf(timeline: Timeline, name = unit) {
  const record = timeline.state.units.get(name);
  if (record === undefined) throw new Error(`${name} is not known`);
  return record;
}

describe('step() on restarts from outside', () => {
  test('opens one incident for a script that restarts a unit over and over', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    for (let at = 10; at <= 100; at += 10) service.restart(at);
    expect(timeline.incidents).toEqual(['50 opened loop.service']);
    expect(recordOf(timeline)).toMatchObject({ automatic: 0, external: 10 });
  });

  test('opens none for a deploy that restarts three times in a minute', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    for (const at of [10, 30, 50]) service.restart(at);
    timeline.tick(5000);
    expect(timeline.incidents).toEqual([]);
    expect(recordOf(timeline).external).toBe(3);
  });

  test('counts an hourly planned restart of a healthy unit, but never takes it for a loop', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    for (let hour = 1; hour <= 60; hour += 1) service.restart(hour * 3600);
    expect(timeline.incidents).toEqual([]);
    expect(recordOf(timeline).external).toBe(60);
  });

  test('takes no start for a restart where the run before ended by itself in good order', () => {
    const timeline = new Timeline();
    const service = timeline.service('job.service');
    for (let at = 0; at < 100; at += 10) {
      service.start(at);
      service.die(at + 1, { status: 0, result: 'success' }, false);
    }
    expect(recordOf(timeline, 'job.service').external).toBe(0);
  });

  test('counts the starts of a dead daemon by a script, but not those of a failed oneshot or by a timer', () => {
    const run = (name: string, change: object, serviceType: string): number => {
      const timeline = new Timeline();
      const service = timeline.service(name);
      timeline.take(0, { kind: 'service-type', unit: name, serviceType });
      for (let at = 0; at < 100; at += 10) {
        service.start(at, change);
        service.die(at + 1, {}, false);
      }
      return timeline.incidents.length;
    };
    expect(run('daemon.service', {}, 'simple')).toBe(1);
    expect(run('job.service', {}, 'oneshot')).toBe(0);
    expect(run('timed.service', { triggered: true }, 'simple')).toBe(0);
  });

  test('tells a restart by hand during auto-restart from systemd’s own', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.die(1);
    service.start(2, { nRestarts: 0 });
    expect(recordOf(timeline)).toMatchObject({ automatic: 0, external: 1 });
  });
});

describe('step() on the restart counter', () => {
  test('takes a lower value for a new baseline, not for a negative difference', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    const last = service.loop(0, 3, 1);
    service.show(last + 1, { nRestarts: 0 });
    expect(recordOf(timeline).automatic).toBe(3);
    service.loop(last + 1, 1, 1);
    expect(recordOf(timeline).automatic).toBe(4);
  });

  test('counts from zero after reset-failed, which no signal tells', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    const last = service.loop(0, 3, 1);
    service.die(last + 1);
    service.show(last + 2, { jobId: 7, nRestarts: 1 });
    expect(recordOf(timeline).automatic).toBe(4);
  });

  test('takes the counter of a unit seen for the first time as it stands', () => {
    const timeline = new Timeline();
    timeline.service(unit).start(0, { nRestarts: 1000 });
    expect(recordOf(timeline)).toMatchObject({ automatic: 0, nRestarts: 1000 });
  });

  test('without a past counts what systemd has counted, and nothing of which it knows more', () => {
    const timeline = new Timeline();
    timeline.service(unit).start(0, { nRestarts: 1000 });
    timeline.service('calm.service').start(0);
    const seen = timeline.service('seen.service');
    seen.start(0);
    seen.loop(0, 2, 5);
    timeline.take(20, { kind: 'past-unknown' });
    expect(recordOf(timeline)).toMatchObject({ automatic: 1000, inferred: 1000, nRestarts: 1000 });
    expect(recordOf(timeline, 'calm.service')).toMatchObject({ automatic: 0, inferred: 0 });
    expect(recordOf(timeline, 'seen.service')).toMatchObject({ automatic: 2, inferred: 0 });
    expect(timeline.incidents).toEqual([]);
  });

  test('reads missed restarts off the counter, marks them inferred, and spreads them over the gap', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.loop(0, 1, 10, 0);
    service.show(
      60,
      { nRestarts: 6, invocationId: 'later', execMainStartMs: instant(60).monotonicMs },
      'resync',
    );
    const record = recordOf(timeline);
    expect(record).toMatchObject({ automatic: 6, external: 0, inferred: 5 });
    expect(record.window.restarts.map(({ atMs }) => atMs - instant(0).monotonicMs)).toEqual(
      [10, 20, 30, 40, 50, 60].map((s) => s * 1000),
    );
  });

  test('asks for the whole unit when a listed one has moved on, and counts nothing twice', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.loop(0, 2, 5);
    timeline.take(20, { kind: 'listed', units: [{ unit, activeState: 'active' }] });
    expect(timeline.effects.at(-1)?.effect).toEqual({ kind: 'read-counters', unit });
    const { invocationId } = service.snapshot;
    timeline.take(20, { kind: 'counters', unit, nRestarts: 2, invocationId });
    expect(timeline.effects.at(-1)?.effect.kind).toBe('read-counters');
    timeline.take(21, { kind: 'counters', unit, nRestarts: 3, invocationId: 'other' });
    expect(timeline.effects.at(-1)?.effect).toEqual({ kind: 'read-unit', unit });
    expect(recordOf(timeline).automatic).toBe(2);
  });

  test('marks a run from outside that was not seen to start as external and inferred', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.show(60, { invocationId: 'another' }, 'resync');
    expect(recordOf(timeline)).toMatchObject({ automatic: 0, external: 1, inferred: 1 });
  });

  test('explains the run after a restart that was queued before flapd first looked', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    const waiting = {
      activeState: 'activating',
      subState: 'auto-restart',
      jobId: 9,
      nRestarts: 4,
      invocationId: 'a',
    };
    service.show(0, { ...waiting, result: 'exit-code', execMainCode: 1, execMainStatus: 1 }, 'resync');
    service.start(0.1);
    expect(recordOf(timeline)).toMatchObject({ automatic: 0, external: 0 });
  });
});
