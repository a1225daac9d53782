import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/core/lint/finding.ts';
import { joinByPlace } from '../../../src/core/lint/join-by-place.ts';
import { lint } from '../../../src/core/lint/lint.ts';
import { subjectOf } from './subject-of.ts';

const shared: Finding = {
  id: 'start-limit-off',
  severity: 'info',
  unit: 'a.service',
  file: '/etc/systemd/system/service.d/limit.conf',
  line: 2,
  column: 1,
  message: 'nothing ever stops a loop',
  fix: '[Unit]\nStartLimitIntervalSec=1min\n',
  see: 'https://example.org/manual',
};
const b = { ...shared, unit: 'b.service' };

describe('findings at one place', () => {
  test('are one, of the template, which names the instances', () => {
    const text = '[Service]\nExecStart=a\nStartLimitIntervalSec=5\n';
    const findings = ['a@1.service', 'a@.service', 'a@2.service'].flatMap((unit) =>
      lint(subjectOf(text, { unit })).map((found) => ({ ...found, file: '/etc/systemd/system/a@.service' })),
    );
    expect(joinByPlace(findings)).toEqual([
      { ...findings[1], units: ['a@.service', 'a@1.service', 'a@2.service'], unitsTotal: 3 },
    ]);
  });

  test('are one, in the words of the one that has it worst', () => {
    const worst: Finding = { ...b, severity: 'warning', message: 'nothing stopped its loop' };
    expect(joinByPlace([{ ...shared, unit: 'a@.service' }, shared, worst])).toEqual([
      { ...worst, units: ['b.service', 'a@.service', 'a.service'], unitsTotal: 3 },
    ]);
  });

  test('are one, of the first, where the file is none of theirs', () => {
    const template = { ...b, unit: 'b@.service' };
    expect(joinByPlace([shared, template])).toEqual([
      { ...shared, units: ['a.service', 'b@.service'], unitsTotal: 2 },
    ]);
  });

  test('name a hundred units at most, and count all', () => {
    const findings = Array.from({ length: 250 }, (_, index) => ({ ...shared, unit: `${index}.service` }));
    const [finding] = joinByPlace(findings);
    expect(finding?.units).toHaveLength(100);
    expect(finding?.unitsTotal).toBe(250);
  });

  test.each<readonly [what: string, other: Finding]>([
    ['by another rule', { ...b, id: 'wrong-section' }],
    ['in another line', { ...b, line: 3 }],
    ['in another column', { ...b, column: 7 }],
    ['in another file', { ...b, file: '/etc/systemd/system/b.service' }],
    ['of the same unit', { ...shared, message: 'it says something else, too' }],
  ])('stay two where one is %s', (_, other) => {
    expect(joinByPlace([shared, other])).toEqual([shared, other]);
  });
});
