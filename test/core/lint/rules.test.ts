import { describe, expect, it } from 'vitest';
import { lint } from '../../../src/core/lint/lint.ts';
import { lintRules } from '../../../src/core/lint/rules.ts';
import { followCases } from './follow-cases.ts';
import { limitCases } from './limit-cases.ts';
import { otherCases } from './other-cases.ts';
import { subjectOf } from './subject-of.ts';

const cases = { ...limitCases, ...otherCases, ...followCases };

it('every rule is tried', () => {
  expect(Object.keys(cases)).toEqual(lintRules.map(({ id }) => id));
});

describe.each(Object.entries(cases))('%s', (id, tried) => {
  it.each(tried)('$because', ({ text, given, found }) => {
    const findings = lint(subjectOf(text, given)).filter((each) => each.id === id);
    if (found === undefined) return expect(findings).toEqual([]);
    const [line, severity, message, fix = /./] = found;
    expect(findings).toEqual([
      expect.objectContaining({ line, severity, unit: given?.unit ?? 'a.service', column: 1 }),
    ]);
    expect(findings[0]?.message).toMatch(message);
    if (typeof fix === 'string') expect(findings[0]?.fix).toBe(fix);
    else expect(findings[0]?.fix).toMatch(fix);
    expect(findings[0]?.see).toMatch(
      /^https:\/\/www\.freedesktop\.org\/.*\/systemd\.(unit|service|syntax)\.html#/,
    );
  });
});
