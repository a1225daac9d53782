import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayTimeSpan, formatTimeSpan, parseTimeSpan } from '../../src/core/time-span.ts';

const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;

/** What `systemd-analyze timespan` makes of each: microseconds and its own notation, or undefined where it refuses. */
function analyze(texts: readonly string[]): { usec: string; human: string }[] | undefined {
  const run = spawnSync('systemd-analyze', ['timespan', '--', ...texts], { encoding: 'utf8' });
  if (run.status !== 0) return undefined;
  return [...run.stdout.matchAll(/s: (\d+)\n\s*Human: (.*)/g)].map(([, usec = '', human = '']) => ({
    usec,
    human,
  }));
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const readable: readonly (readonly [text: string, ms: number])[] = [
  ['2min 5s', 2 * minute + 5 * second],
  ['1h30min', 90 * minute],
  ['1.5h', 90 * minute],
  ['90', 90 * second],
  ['1.5', 1500],
  ['.5s', 500],
  ['+5', 5 * second],
  ['010', 10 * second],
  ['0', 0],
  ['5 s 3', 8 * second],
  ['5 3', 8 * second],
  ['1 .5s', 1500],
  ['12.5s.5s', 13 * second],
  [' \t1d 2h\n3s ', 26 * hour + 3 * second],
  ['1ms500us', 1.5],
  ['5usec', 0.005],
  ['5us', 0.005],
  ['5\u00b5s', 0.005],
  ['5\u03bcs', 0.005],
  ['3msec', 3],
  ['3ms', 3],
  ['2seconds 2second 2sec 2s', 8 * second],
  ['2minutes 2minute 2min 2m', 8 * minute],
  ['2hours 2hour 2hr 2h', 8 * hour],
  ['2days 2day 2d', 6 * day],
  ['2weeks 2week 2w', 42 * day],
  ['4months 4month 4M', 12 * 30.4375 * day],
  ['1years 1year 1y', 3 * 365.25 * day],
  ['0.0000001s', 0],
  ['1.0000005h', hour + 1.8],
  ['1.00000001h', hour + 0.036],
  ['infinity', Infinity],
  [' infinity ', Infinity],
];

const unreadable: readonly (readonly [text: string, found: string])[] = [
  ['', 'no time span'],
  [' ', 'no time span'],
  ['min', 'no number at "min"'],
  ['soon', 'no number at "soon"'],
  ['5.', 'no digit after the point at "5."'],
  ['2.s', 'no digit after the point at "2.s"'],
  ['1. 5s', 'no digit after the point at "1. 5s"'],
  ['-5', 'a negative time span'],
  ['-0', 'a negative time span'],
  ['1h -5s', 'a negative time span'],
  ['1.2.3s', 'no number at ".3s"'],
  ['1e3', 'unknown unit "e"'],
  ['0x10', 'unknown unit "x"'],
  ['1_000s', 'unknown unit "_"'],
  ['5 fortnights', 'unknown unit "fortnights"'],
  ['5ss', 'unknown unit "s"'],
  ['5mins', 'unknown unit "s"'],
  ['1S', 'unknown unit "S"'],
  ['5 s,3', 'unknown unit ","'],
  ['infinitys', 'no number at "infinitys"'],
  ['+.5', 'no number at "+.5"'],
  ['100000000y', 'more than systemd can hold'],
  ['18446744073709551615us', 'more than systemd can hold'],
  ['9999999999999999999s', 'more than systemd can hold'],
  ['584000y 584000y', 'more than systemd can hold'],
];

const written: readonly (readonly [ms: number, text: string])[] = [
  [0, '0'],
  [0.005, '5us'],
  [1.5, '1.500ms'],
  [150, '150ms'],
  [1500, '1.500000s'],
  [2 * minute + 5 * second, '2min 5s'],
  [90 * second + 500, '1min 30.500000s'],
  [90 * minute, '1h 30min'],
  [hour + 1.8, '1h 1.800ms'],
  [14 * day, '2w'],
  [99 * day, '3month 1w 16h 30min'],
  [31_556_952 * second, '11month 4w 2d 10h 19min 12s'],
  [Infinity, 'infinity'],
];

describe('parseTimeSpan', () => {
  it.each(readable)('reads %j as %d ms', (text, ms) => {
    expect(parseTimeSpan(text)).toEqual({ ok: true, ms });
  });

  it.each(unreadable)('refuses %j: %s', (text, found) => {
    expect(parseTimeSpan(text)).toEqual({ ok: false, found });
  });

  it('refuses a text of megabytes at once', () => {
    expect(parseTimeSpan('9'.repeat(2 ** 20))).toEqual({ ok: false, found: 'longer than 256 characters' });
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const result = parseTimeSpan(text);
        expect(result.ok ? result.ms >= 0 : result.found.length > 0).toBe(true);
      }),
    );
  });

  it.skipIf(!hasAnalyze)('reads what systemd-analyze reads, to the microsecond', () => {
    const finite = readable.filter(([, ms]) => ms !== Infinity);
    const answers = analyze(finite.map(([text]) => text));
    expect(answers?.map(({ usec }) => Number(usec))).toEqual(finite.map(([, ms]) => Math.round(ms * 1000)));
  });

  it.skipIf(!hasAnalyze)('refuses what systemd-analyze refuses', () => {
    expect(unreadable.filter(([text]) => analyze([text]) !== undefined)).toEqual([]);
  });
});

describe('formatTimeSpan', () => {
  it.each(written)('writes %d ms as %s', (ms, text) => {
    expect(formatTimeSpan(ms)).toBe(text);
  });

  it.each([
    [8123, 100, '8.1s'],
    [8190, 100, '8.1s'],
    [8123, second, '8s'],
    [500.3, second, '500ms'],
    [hour + 5 * minute + 3 * second, minute, '1h 5min'],
    [5.25, 1, '5ms'],
  ])('cuts %d ms off at %d ms: %s', (ms, accuracyMs, text) => {
    expect(formatTimeSpan(ms, accuracyMs)).toBe(text);
  });

  it.each([-1, NaN])('writes %d as nothing', (ms) => {
    expect(formatTimeSpan(ms)).toBe('0');
  });

  it('is read back exactly', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bits) => {
        const ms = (bits % 1e15) / 1000;
        expect(parseTimeSpan(formatTimeSpan(ms))).toEqual({ ok: true, ms });
      }),
    );
  });

  it('is read back to within its accuracy', () => {
    const accuracies = [0.01, 0.1, 1, 10, 100, second, minute, hour, day];
    fc.assert(
      fc.property(fc.nat(1e12), fc.constantFrom(...accuracies), (usec, accuracyMs) => {
        const back = parseTimeSpan(formatTimeSpan(usec / 1000, accuracyMs));
        const cutMs = back.ok ? usec / 1000 - back.ms : NaN;
        expect(cutMs).toBeGreaterThanOrEqual(-1e-6);
        expect(cutMs).toBeLessThan(accuracyMs);
      }),
    );
  });

  it.skipIf(!hasAnalyze)('writes what systemd-analyze writes', () => {
    const magnitudes = fc.integer({ min: 0, max: 15 }).chain((power) => fc.nat(10 ** power));
    const usecs = [
      ...fc.sample(magnitudes, { numRuns: 500, seed: 1 }),
      ...written.slice(0, -1).map(([ms]) => ms * 1000),
    ];
    const answers = analyze(usecs.map((usec) => `${usec}us`));
    expect(usecs.map((usec) => formatTimeSpan(usec / 1000))).toEqual(answers?.map(({ human }) => human));
  });
});

describe('displayTimeSpan', () => {
  it.each([
    [0, '0'],
    [0.4, '400us'],
    [1.5, '2ms'],
    [150.4, '150ms'],
    [999.7, '1s'],
    [5000, '5s'],
    [8123, '8.1s'],
    [8190, '8.2s'],
    [59_960, '1min'],
    [125_400, '2min 5s'],
    [119_700, '2min'],
    [hour + 5 * minute + 3 * second, '1h 5min'],
    [hour + 3 * second, '1h'],
    [23 * hour + 59 * minute + 40 * second, '1d'],
    [2 * day + 3 * hour + 10 * minute, '2d 3h'],
    [99 * day, '3month 1w'],
    [400 * day, '1y 1month'],
    [Infinity, 'infinity'],
  ])('shows %d ms as %s', (ms, text) => {
    expect(displayTimeSpan(ms)).toBe(text);
  });

  it('keeps at most two units and can be read back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 14 }).chain((power) => fc.nat(10 ** power)),
        (usec) => {
          const text = displayTimeSpan(usec / 1000);
          expect(text.split(' ').length).toBeLessThanOrEqual(2);
          expect(parseTimeSpan(text).ok).toBe(true);
        },
      ),
    );
  });
});
