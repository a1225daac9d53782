import { describe, expect, test } from 'vitest';
import { presentIncidents, presentUnit } from '../../src/core/present.ts';
import { verdictOf } from '../../src/core/verdict.ts';
import { instant, Timeline } from '../support/timeline.ts';

const unit = 'loop.service';

function looping(cycles: number, cpuMs: number): { timeline: Timeline; last: number } {
  const timeline = new Timeline();
  const service = timeline.service(unit);
  service.start(0);
  let at = 0;
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const { invocationId } = service.snapshot;
    service.die(at + 8);
    timeline.take(at + 8, { kind: 'cpu', unit, invocationId, cpuMs });
    at += 8.1;
    service.autoRestart(at);
  }
  return { timeline, last: at };
}

const sentenceOf = (timeline: Timeline): string | undefined => presentIncidents(timeline.state)[0]?.sentence;

describe('the sentence of an incident', () => {
  test('has the rule, the numbers, the exit and the CPU', () => {
    expect(sentenceOf(looping(5, 300).timeline)).toBe(
      'loop.service is in a restart loop: 5 restarts in 32.4s (rule: 5 within 2min), about every 8.1s; ' +
        'the main process exited with status 1/FAILURE after 8s; 1.5s of CPU burned.',
    );
  });

  test('leaves out CPU below a second', () => {
    expect(sentenceOf(looping(5, 3).timeline)).not.toContain('CPU');
  });

  test('still names the death of the loop after somebody has stopped the unit', () => {
    const { timeline, last } = looping(6, 0);
    timeline.service(unit).stop(last + 2);
    expect(sentenceOf(timeline)).toContain('; last, the main process exited with status 1/FAILURE after 8s');
    const record = timeline.state.units.get(unit);
    expect(record && presentUnit(record, instant(last + 2), []).lastExit?.summary).toBe(
      'it was stopped on request',
    );
  });

  test('says of a loop from outside that somebody asked for it', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    for (let at = 10; at <= 50; at += 10) service.restart(at);
    expect(sentenceOf(timeline)).toBe(
      'loop.service is in a restart loop: 5 restarts in 40s (rule: 5 within 2min), about every 10s; ' +
        'it was stopped on request after 10s; started from outside each time, not by Restart=.',
    );
  });

  test('names how many restarts were not seen', () => {
    const timeline = new Timeline();
    const service = timeline.service(unit);
    service.start(0);
    service.loop(0, 1, 10, 0);
    service.show(60, { nRestarts: 6, invocationId: 'later' }, 'resync');
    expect(sentenceOf(timeline)).toContain('; 5 of them read off the restart counter.');
  });
});

describe('the verdict on a unit that rests', () => {
  test('a looper that was stopped, or rests in failed, is recovering once two periods have passed', () => {
    const { timeline, last } = looping(6, 0);
    timeline.service(unit).stop(last + 2);
    const verdictAt = (at: number): string | undefined => {
      const record = timeline.state.units.get(unit);
      return record && verdictOf(record, instant(at).monotonicMs);
    };
    expect(verdictAt(last + 17)).toBe('looping');
    expect(verdictAt(last + 19)).toBe('recovering');
  });

  test('one that waits for its restart is looping, however long it waits', () => {
    const { timeline, last } = looping(6, 0);
    timeline.service(unit).die(last + 8);
    const record = timeline.state.units.get(unit);
    expect(record && verdictOf(record, instant(last + 4000).monotonicMs)).toBe('looping');
  });
});
