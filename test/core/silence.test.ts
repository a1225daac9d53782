import { describe, expect, test } from 'vitest';
import { isInForce, silencedUntil, silenceTarget, type Silence } from '../../src/core/silence.ts';

const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 0, 2, 12);

function silence(unit: string, untilMs: number, sinceMs = nowMs - hourMs): Silence {
  return { unit, untilWallMs: untilMs, sinceWallMs: sinceMs, by: undefined, reason: undefined };
}

describe('a unit is silenced', () => {
  const silences = [
    silence('web@*.service', nowMs + hourMs),
    silence('web@1.service', nowMs + 2 * hourMs),
    silence(String.raw`dev\x2dsda.service`, nowMs + hourMs),
    silence('over.service', nowMs),
  ];

  test.each([
    ['web@2.service', nowMs + hourMs],
    ['web@1.service', nowMs + 2 * hourMs],
    [String.raw`dev\x2dsda.service`, nowMs + hourMs],
    ['over.service', undefined],
    ['web.service', undefined],
    ['dev-sda.service', undefined],
  ])('%s until the latest end of what fits it: %s', (unit, untilMs) => {
    expect(silencedUntil(silences, unit, nowMs)).toBe(untilMs);
  });

  test('to the last millisecond, and not at its end', () => {
    const one = [silence('a.service', nowMs + 1)];
    expect(silencedUntil(one, 'a.service', nowMs)).toBe(nowMs + 1);
    expect(silencedUntil(one, 'a.service', nowMs + 1)).toBeUndefined();
  });

  test('not by a silence that was made while the clock was years ahead', () => {
    const dayMs = 24 * hourMs;
    expect(isInForce(silence('a.service', nowMs + 2 * dayMs, nowMs + dayMs), nowMs)).toBe(true);
    expect(isInForce(silence('a.service', nowMs + 2 * dayMs, nowMs + dayMs + 1), nowMs)).toBe(false);
  });
});

describe('what a person types', () => {
  test.each([
    ['web', 'web.service', false],
    ['web.service', 'web.service', false],
    ['web@1', 'web@1.service', false],
    [String.raw`dev\x2dsda`, String.raw`dev\x2dsda.service`, false],
    ['web@*', 'web@*.service', true],
    ['web@[0-9].service', 'web@[0-9].service', true],
    ['web.*', 'web.*', true],
    ['*', '*.service', true],
    ['[!a]?', '[!a]?.service', true],
  ])('%s is %s', (text, unit, isPattern) => {
    expect(silenceTarget(text)).toEqual({ ok: true, unit, isPattern });
    expect(silenceTarget(unit)).toEqual({ ok: true, unit, isPattern });
  });

  test.each([
    ['', 'it is not a unit name'],
    ['a b', 'it is not a unit name'],
    ['../web', 'it is not a unit name'],
    ['dbus.socket', 'it is not a service'],
    ['web@', 'it is a template, of which nothing runs'],
    ['*.timer', 'only services are watched'],
    ['web@[0-9', 'its "[" is never closed'],
    ['../*', 'no unit name holds "/"'],
    ['web[/]', 'no unit name holds "/"'],
    ['web[\u001b]', String.raw`no unit name holds "\u001b"`],
    [`${'a'.repeat(255)}*`, 'it is longer than 255 characters'],
  ])('%j is refused: %s', (text, found) => {
    expect(silenceTarget(text)).toEqual({ ok: false, found });
  });
});
