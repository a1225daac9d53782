import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lint } from '../../../src/core/lint/lint.ts';
import { limitThatTrips } from '../../../src/core/lint/start-limit.ts';
import { simulate } from '../../../src/core/systemd/simulate.ts';
import { parseTimeSpan } from '../../../src/core/time-span.ts';
import { exited, settingsOf } from '../systemd/ending-cases.ts';
import { planted } from './planted.ts';
import { subjectOf } from './subject-of.ts';

describe('lint', () => {
  it('finds all that is planted in a unit file, and nothing else', () => {
    let faulty = 0;
    fc.assert(
      fc.property(planted(257), ({ text, dropIns, given, ids }) => {
        const found = lint(subjectOf(text, { ...given, dropIns })).map(({ id }) => id);
        expect([...found].sort()).toEqual(ids);
        if (ids.length > 0) faulty += 1;
      }),
      { numRuns: 300 },
    );
    expect(faulty).toBeGreaterThan(100);
  });

  it('points at the line that it is about', () => {
    fc.assert(
      fc.property(planted(257), ({ text, given }) => {
        const lines = text.split('\n');
        for (const { file, line, column, source } of lint(subjectOf(text, given))) {
          expect(file).toBe('/etc/systemd/system/a.service');
          expect(lines[line - 1]?.slice(column - 1)).toBe(source);
        }
      }),
    );
  });
});

describe('limitThatTrips', () => {
  it('makes a limit that stops a loop of which each run takes almost as long as the delay', () => {
    const given = fc.record({
      restartSecMs: fc.integer({ min: 0, max: 600_000 }),
      startLimitBurst: fc.integer({ min: 0, max: 30 }),
      restartSteps: fc.integer({ min: 0, max: 5 }),
      restartMaxDelayMs: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 3_600_000 })),
    });
    fc.assert(
      fc.property(given, fc.double({ min: 0, max: 0.9, noNaN: true }), (change, share) => {
        const settings = settingsOf(change);
        const lines = Object.fromEntries(limitThatTrips(settings).map((line) => line.split('=')));
        const span = parseTimeSpan(lines['StartLimitIntervalSec'] ?? '');
        expect(span.ok).toBe(true);
        const fixed = {
          ...settings,
          startLimitIntervalMs: span.ok ? span.ms : 0,
          startLimitBurst: Number(lines['StartLimitBurst'] ?? settings.startLimitBurst),
        };
        const uptimeMs = share * Math.min(settings.restartSecMs, settings.restartMaxDelayMs);
        const { endedBecause } = simulate([{ uptimeMs, exit: exited(1) }], fixed, 30 * 86_400_000);
        expect(endedBecause).toBe('start-limit');
      }),
    );
  });

  it.each([
    [8100, 'StartLimitIntervalSec=2min'],
    [60_000, 'StartLimitIntervalSec=10min'],
  ])('leaves room above the pace that was seen: %i ms', (periodMs, line) => {
    expect(limitThatTrips(settingsOf(), periodMs)).toEqual([line]);
  });
});
