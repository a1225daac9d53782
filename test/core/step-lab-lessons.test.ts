import { describe, expect, test } from 'vitest';
import { presentIncidents } from '../../src/core/present.ts';
import { builtInPolicy } from '../../src/core/policy.ts';
import { Timeline } from '../support/timeline.ts';

/** What only a real systemd taught: see test/scenarios. */
const unit = 'loop.service';
const refused = { activeState: 'failed', subState: 'failed', result: 'start-limit-hit', jobId: 0 };
const reset = { activeState: 'inactive', subState: 'dead', result: 'success', nRestarts: 0 };

/** By a script or a hand, where nothing else refers to the unit. */
function stopAndStart(times: number): Timeline {
  const timeline = new Timeline();
  const service = timeline.service(unit);
  service.start(0);
  for (let time = 1; time <= times; time += 1) {
    service.stop(time * 10);
    timeline.take(time * 10, { kind: 'unit-removed', unit });
    timeline.take(time * 10, { kind: 'unit-new', unit });
    service.start(time * 10);
  }
  return timeline;
}

function gaveUp(): Timeline {
  const timeline = new Timeline([{ ...builtInPolicy, calmAfterMs: 60_000 }]);
  const service = timeline.service(unit);
  service.start(0);
  service.die(1);
  service.queueRestart(2);
  service.refuse(2);
  return timeline;
}

describe('step() on a unit that systemd unloads at every stop', () => {
  test('opens one incident for a script that stops and starts it over and over', () => {
    const timeline = stopAndStart(8);
    expect(timeline.incidents).toEqual(['50 opened loop.service']);
    expect(timeline.state.units.get(unit)).toMatchObject({ automatic: 0, external: 8 });
  });

  test('opens none where a hand does so twice', () => {
    const timeline = stopAndStart(2);
    expect(timeline.incidents).toEqual([]);
    expect(timeline.state.units.get(unit)).toMatchObject({ external: 2 });
  });

  test('forgets it after a day, and one that ended by itself at once', () => {
    const timeline = new Timeline();
    timeline.service(unit).start(0);
    timeline.service(unit).stop(1);
    timeline.take(1, { kind: 'unit-removed', unit });
    timeline.service('job.service').start(0);
    timeline.service('job.service').die(1, { status: 0, result: 'success' }, false);
    timeline.take(1, { kind: 'unit-removed', unit: 'job.service' });
    expect([...timeline.state.units.keys()]).toEqual([unit]);
    timeline.tick(86_402);
    expect(timeline.state.units.size).toBe(0);
  });
});

describe('step() on a start that is refused at the start limit', () => {
  test('opens none for a job that was never restarted, only started too often by its timer', () => {
    const timeline = new Timeline();
    const job = timeline.service('tidy.service');
    for (let at = 0; at < 5; at += 1) {
      job.start(at, { triggered: true });
      job.die(at, { status: 0, result: 'success' }, false);
    }
    job.show(5, refused);
    expect(timeline.incidents).toEqual([]);
  });

  test('opens one where a script restarted it up to the limit, before any rule holds', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    for (let at = 1; at <= 4; at += 1) service.restart(at);
    service.stop(5);
    service.show(5, refused);
    expect(timeline.incidents).toEqual(['5 opened loop.service']);
    expect(presentIncidents(timeline.state)[0]).toMatchObject({ kind: 'braked', restarts: 4 });
  });
});

describe('step() on a unit that is reset after systemd gave up on it', () => {
  test('takes none of the time it was down for calm, and closes it as stable once it stays up', () => {
    const timeline = gaveUp();
    timeline.service(unit).show(3600, reset);
    expect(timeline.incidents).toEqual(['2 opened loop.service']);
    timeline.service(unit).start(3610);
    timeline.tick(3671);
    expect(timeline.incidents.at(-1)).toBe('3670 closed loop.service stable');
    expect(presentIncidents(timeline.state)[0]?.sentence).toMatch(
      /is calm again: up without a restart for 1min;/,
    );
  });

  test('closes it as stopped where nobody starts it again', () => {
    const timeline = gaveUp();
    timeline.service(unit).show(3600, reset);
    timeline.tick(3659);
    expect(timeline.incidents).toHaveLength(1);
    timeline.tick(3661);
    expect(timeline.incidents.at(-1)).toBe('3660 closed loop.service stopped');
  });

  test('closes it as gone where systemd unloads it, but not before it was calm', () => {
    const timeline = gaveUp();
    timeline.take(3600, { kind: 'unit-removed', unit });
    timeline.tick(3659);
    expect(timeline.incidents).toHaveLength(1);
    timeline.tick(3661);
    expect(timeline.incidents.at(-1)).toBe('3660 closed loop.service gone');
  });
});
