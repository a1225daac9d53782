import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { builtInPolicy } from '../src/core/policy.ts';
import { newState } from '../src/core/state.ts';
import { Engine } from '../src/engine.ts';
import { instant, Timeline } from './support/timeline.ts';

const calmSeconds = builtInPolicy.calmAfterMs / 1000;

let startMs = 0;
let engine: Engine;
const told: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  startMs = Date.now();
  told.length = 0;
  engine = new Engine(newState([builtInPolicy]), { now: () => instant(secondsNow()) }, (effects) => {
    for (const { kind } of effects)
      if (kind.startsWith('incident-')) told.push(`${Math.floor(secondsNow())} ${kind}`);
  });
});

afterEach(() => {
  engine.stop();
  vi.useRealTimers();
});

function secondsNow(): number {
  return (Date.now() - startMs) / 1000;
}

/** Lets the engine live through a timeline, at the times it tells. */
function live(write: (timeline: Timeline) => void): void {
  const timeline = new Timeline();
  write(timeline);
  for (const { at, input } of timeline.inputs) {
    vi.advanceTimersByTime(Math.max(0, at.monotonicMs - engine.now().monotonicMs));
    engine.take(input);
  }
}

/** Five restarts, the last at `from` + 5 s, and it stays up from then on. */
function loops(timeline: Timeline, from: number): void {
  const service = timeline.service('loop.service');
  service.start(from);
  service.loop(from, 5, 1);
}

/** It restarted, so it is kept when systemd unloads it. */
function isUnloaded(timeline: Timeline, from: number): void {
  const service = timeline.service('gone.service');
  service.start(from);
  service.loop(from, 1, 1);
  timeline.take(from + 2, { kind: 'unit-removed', unit: 'gone.service' });
}

describe('the timer of the engine', () => {
  test('closes an incident when it is due, without any input', () => {
    live((timeline) => loops(timeline, 0));
    expect(told).toHaveLength(1);
    const openedAt = secondsNow();
    vi.advanceTimersByTime((calmSeconds - 10) * 1000);
    expect(told).toHaveLength(1);
    vi.advanceTimersByTime(20_000);
    expect(told[1]).toMatch(/ incident-closed$/);
    expect(Number.parseInt(told[1] ?? '', 10)).toBeLessThanOrEqual(openedAt + calmSeconds + 5);
  });

  test('does so too where it slept long when the incident opened, over a unit that is gone', () => {
    live((timeline) => {
      isUnloaded(timeline, 0);
      loops(timeline, 60);
    });
    expect(told).toHaveLength(1);
    const openedAt = secondsNow();
    vi.advanceTimersByTime((calmSeconds + 10) * 1000);
    expect(told[1]).toMatch(/ incident-closed$/);
    expect(Number.parseInt(told[1] ?? '', 10)).toBeLessThanOrEqual(openedAt + calmSeconds + 5);
  });

  test('is not set while nothing is open, and nothing is to be forgotten', () => {
    live((timeline) => timeline.service('a.service').start(0));
    expect(vi.getTimerCount()).toBe(0);
  });

  test('forgets a unit that is gone once no rule looks that far back', () => {
    live((timeline) => isUnloaded(timeline, 0));
    expect(vi.getTimerCount()).toBe(1);
    expect(engine.state.units.has('gone.service')).toBe(true);
    vi.advanceTimersByTime(26 * 3_600_000);
    expect(engine.state.units.has('gone.service')).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is one, however much happens', () => {
    live((timeline) => {
      isUnloaded(timeline, 0);
      loops(timeline, 10);
      loops(timeline, 30);
    });
    expect(vi.getTimerCount()).toBe(1);
    engine.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
