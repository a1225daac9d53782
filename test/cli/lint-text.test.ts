import { expect, test } from 'vitest';
import { renderFindings } from '../../src/cli/lint-text.ts';
import type { Finding } from '../../src/core/lint/finding.ts';

const dead: Finding = {
  id: 'start-limit-off',
  severity: 'warning',
  unit: 'a.service',
  file: '/etc/systemd/system/a.service',
  line: 2,
  column: 3,
  message: 'nothing ever stops a loop',
  fix: '[Unit]\nStartLimitIntervalSec=1min\n\n[Service]\nRestartSec=5s\n',
  see: 'https://example.org/manual',
  source: 'StartLimitIntervalSec=0',
};

test('a finding has its place, what is wrong, the line, the drop-in and the manual', () => {
  expect(renderFindings([dead], 12, false))
    .toBe(`/etc/systemd/system/a.service:2:3: warning: a.service: nothing ever stops a loop [start-limit-off]
    StartLimitIntervalSec=0
  fix, as a drop-in:
      [Unit]
      StartLimitIntervalSec=1min

      [Service]
      RestartSec=5s
  see: https://example.org/manual

1 warning in 12 services.
`);
});

test.each([
  [2, '  also holds for: b.service\n'],
  [6, '  also holds for: b.service, c.service, d.service, e.service, f.service\n'],
  [250, '  also holds for: b.service, c.service, d.service, e.service, f.service and 244 more\n'],
])('a finding that holds for %d units names some', (unitsTotal, line) => {
  const units = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].slice(0, unitsTotal).map((each) => `${each}.service`);
  const text = renderFindings([{ ...dead, units, unitsTotal }], 300, false);
  expect(text).toContain(`\n    StartLimitIntervalSec=0\n${line}  fix, as a drop-in:\n`);
});

test.each<readonly [findings: readonly Finding[], summary: string]>([
  [[], 'Nothing found in 3 services.'],
  [[{ ...dead, severity: 'info' }], '1 info in 3 services.'],
  [[dead, { ...dead, severity: 'error' }, dead], '1 error and 2 warnings in 3 services.'],
  [
    [dead, { ...dead, severity: 'error' }, { ...dead, severity: 'info' }, { ...dead, severity: 'error' }],
    '2 errors, 1 warning and 1 info in 3 services.',
  ],
])('the last line counts', (findings, summary) => {
  expect(renderFindings(findings, 3, false).trimEnd().split('\n').at(-1)).toBe(summary);
});

test('no file writes to the terminal that shows it', () => {
  const evil = '\u001b[2J\u202e';
  const text = renderFindings(
    [{ ...dead, file: `/etc/${evil}`, message: evil, fix: `[Unit]\n# ${evil}\n`, source: evil }],
    1,
    false,
  );
  expect(text).not.toMatch(/[\u001b\u202e]/); // eslint-disable-line no-control-regex
  expect(renderFindings([dead], 1, true)).toContain('\u001b[33mwarning:\u001b[0m');
});
