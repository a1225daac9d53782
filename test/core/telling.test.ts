import { describe, expect, test } from 'vitest';
import { builtInPolicy, type Policy } from '../../src/core/policy.ts';
import { presentIncidents } from '../../src/core/present.ts';
import type { Silence } from '../../src/core/silence.ts';
import { instant, Timeline } from '../support/timeline.ts';

const unit = 'a.service';
const hour = 3600;

function looping(policy: Partial<Policy> = {}): { timeline: Timeline; last: number } {
  const timeline = new Timeline([{ ...builtInPolicy, ...policy }]);
  const service = timeline.service(unit);
  service.start(0);
  return { timeline, last: service.loop(0, 6, 8) };
}

function goesOn(timeline: Timeline, from: number, until: number, everySeconds = 8): number {
  const cycles = Math.floor((until - from) / (everySeconds + 0.1));
  return timeline.service(unit).loop(from, cycles, everySeconds);
}

function silence(untilSeconds: number, pattern = unit): readonly Silence[] {
  const untilWallMs = instant(untilSeconds).wallMs;
  return [{ unit: pattern, untilWallMs, sinceWallMs: instant(0).wallMs, by: 'root', reason: undefined }];
}

const events = (lines: readonly string[]): readonly string[] => lines.map((line) => line.split(' ')[1] ?? '');

describe('a loop that goes on', () => {
  test('is told again as often as its policy says', () => {
    const { timeline, last } = looping({ remindEveryMs: hour * 1000 });
    goesOn(timeline, last, 3 * hour);
    expect(events(timeline.told)).toEqual(['opened', 'reminder', 'reminder']);
    // At the first news of the unit after it was due, an hour after 40.5.
    expect(timeline.told[1]).toBe('3644.9 reminder a.service');
  });

  test('is told once where it says 0', () => {
    const { timeline, last } = looping({ remindEveryMs: 0 });
    goesOn(timeline, last, 3 * hour);
    expect(events(timeline.told)).toEqual(['opened']);
  });

  test('is told again when it is twice as fast, once for each doubling', () => {
    const { timeline, last } = looping({ remindEveryMs: 0 });
    const faster = timeline.service(unit).loop(last, 20, 3.9);
    timeline.service(unit).loop(faster, 40, 1.8);
    expect(timeline.incidents.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'opened a.service',
      'worsened a.service faster',
      'worsened a.service faster',
    ]);
    expect(presentIncidents(timeline.state)[0]?.kind).toBe('loop');
  });

  test('is not, when it is a little faster, or twice as fast for a moment', () => {
    const { timeline, last } = looping({ remindEveryMs: 0 });
    const blip = timeline.service(unit).loop(last, 2, 3);
    const back = timeline.service(unit).loop(blip, 10, 8);
    timeline.service(unit).loop(back, 30, 5);
    expect(events(timeline.incidents)).toEqual(['opened']);
  });
});

describe('of a silenced unit', () => {
  test('the log is told, and nobody else', () => {
    const timeline = new Timeline();
    timeline.take(0, { kind: 'silences', silences: silence(hour) });
    const service = timeline.service(unit);
    service.start(1);
    service.loop(1, 6, 8);
    timeline.tick(700);
    expect(events(timeline.incidents)).toEqual(['opened', 'closed']);
    expect(timeline.told).toEqual([]);
  });

  test('what is still true is told when the silence is over', () => {
    const timeline = new Timeline();
    timeline.take(0, { kind: 'silences', silences: silence(100, 'a*') });
    const service = timeline.service(unit);
    service.start(1);
    const last = service.loop(1, 6, 8);
    goesOn(timeline, last, 120);
    timeline.tick(1000);
    expect(events(timeline.told)).toEqual(['announced', 'closed']);
    expect(events(timeline.incidents)).toEqual(['opened', 'announced', 'closed']);
  });

  test('the end is told to who was told the beginning', () => {
    const { timeline, last } = looping();
    timeline.take(last + 1, { kind: 'silences', silences: silence(hour) });
    timeline.tick(last + 700);
    expect(events(timeline.told)).toEqual(['opened', 'closed']);
  });

  test('no reminder and no worsening is told', () => {
    const { timeline, last } = looping({ remindEveryMs: 60_000 });
    timeline.take(last, { kind: 'silences', silences: silence(hour) });
    timeline.service(unit).loop(last, 100, 2);
    expect(events(timeline.told)).toEqual(['opened']);
    expect(events(timeline.incidents)).toEqual(['opened', 'worsened']);
  });

  test('a neighbour is told as ever', () => {
    const { timeline } = looping();
    timeline.take(60, { kind: 'silences', silences: silence(hour, 'b.service') });
    expect(events(timeline.told)).toEqual(['opened']);
  });
});

test('only the sinks that the policy names are told, and an empty list is nobody', () => {
  const to = (notify: Policy['notify']) =>
    looping({ notify }).timeline.effects.flatMap(({ effect }) => ('to' in effect ? [effect.to] : []));
  expect(to(['ops'])).toEqual([['ops']]);
  expect(to([])).toEqual([[]]);
  expect(to(undefined)).toEqual(['all']);
});

describe('other policies, while a loop runs,', () => {
  const edited = (change: Partial<Policy>): readonly Policy[] => [{ ...builtInPolicy, ...change }];

  test('that change its mode open and close nothing', () => {
    const { timeline, last } = looping();
    timeline.take(last + 1, { kind: 'policies', policies: edited({ mode: 'apply', name: 'mine' }) });
    goesOn(timeline, last + 1, 300);
    expect(events(timeline.incidents)).toEqual(['opened']);
    expect(presentIncidents(timeline.state)[0]).toMatchObject({ policy: 'mine', restarts: 36 });
  });

  test('whose rules hold too leave the incident open, under its id and the rule that holds now', () => {
    const { timeline, last } = looping();
    const [before] = presentIncidents(timeline.state);
    const loop = [{ restarts: 3, withinMs: 60_000 }];
    timeline.take(last + 1, { kind: 'policies', policies: edited({ loop }) });
    const [after] = presentIncidents(timeline.state);
    expect(after?.id).toBe(before?.id);
    expect(after?.rule).toEqual({ restarts: 3, within: '1min' });
    expect(events(timeline.incidents)).toEqual(['opened']);
  });

  test('whose rules do not hold close it, and what happened counts towards them', () => {
    const { timeline, last } = looping();
    const loop = [{ restarts: 12, withinMs: hour * 1000 }];
    timeline.take(last + 1, { kind: 'policies', policies: edited({ loop }) });
    expect(timeline.incidents[1]).toBe('49.6 closed a.service policy');
    timeline.service(unit).loop(last + 1, 6, 8);
    expect(events(timeline.incidents)).toEqual(['opened', 'closed', 'opened']);
  });

  test('under which a calm unit loops open an incident', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.loop(0, 3, 8);
    timeline.take(30, { kind: 'policies', policies: edited({ loop: [{ restarts: 3, withinMs: 60_000 }] }) });
    expect(timeline.incidents).toEqual(['30 opened a.service']);
  });
});
