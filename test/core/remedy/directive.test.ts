import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  directiveNames,
  directiveValue,
  readDirective,
  sectionOf,
} from '../../../src/core/remedy/directive.ts';

describe('readDirective', () => {
  test.each([
    ['RestartPreventExitStatus', '1', '1'],
    ['RestartPreventExitStatus', ' 78  CONFIG 1 SIGSEGV 255 ', '1 78 255 SIGSEGV'],
    ['RestartPreventExitStatus', 'EXEC SIGRTMIN+2', '203 SIGRTMIN+2'],
    ['RestartSec', '100ms', '100ms'],
    ['RestartSec', '90', '1min 30s'],
    ['RestartSec', '1d', '1d'],
    ['RestartMaxDelaySec', '5min', '5min'],
    ['RestartSteps', '1', '1'],
    ['RestartSteps', '100', '100'],
    ['StartLimitIntervalSec', '7d', '1w'],
    ['StartLimitIntervalSec', '1s', '1s'],
    ['StartLimitBurst', '2', '2'],
    ['StartLimitBurst', '01000', '1000'],
  ])('reads %s=%s as %s', (name, text, value) => {
    const reading = readDirective(name, text);
    expect(reading.ok ? directiveValue(reading.directive) : reading).toBe(value);
  });

  test.each([
    ['RestartPreventExitStatus', ''],
    ['RestartPreventExitStatus', '0'],
    ['RestartPreventExitStatus', '256'],
    ['RestartPreventExitStatus', '-1'],
    ['RestartPreventExitStatus', '1-5'],
    ['RestartPreventExitStatus', 'SIGTERM'],
    ['RestartPreventExitStatus', '1 SIGABRT'],
    ['RestartPreventExitStatus', 'SIGKILL'],
    ['RestartPreventExitStatus', 'SEGV'],
    ['RestartPreventExitStatus', 'config'],
    ['RestartPreventExitStatus', '1\n2'],
    ['RestartPreventExitStatus', '%i'],
    ['RestartPreventExitStatus', Array.from({ length: 65 }, (_, index) => index + 1).join(' ')],
    ['RestartSec', '99ms'],
    ['RestartSec', '0'],
    ['RestartSec', '86401'],
    ['RestartSec', 'infinity'],
    ['RestartSec', '5s\n[Service]'],
    ['RestartSec', '%h'],
    ['RestartMaxDelaySec', '25h'],
    ['RestartSteps', '0'],
    ['RestartSteps', '101'],
    ['RestartSteps', '1.5'],
    ['RestartSteps', '1e1'],
    ['StartLimitIntervalSec', '0'],
    ['StartLimitIntervalSec', '999ms'],
    ['StartLimitIntervalSec', '8d'],
    ['StartLimitBurst', '1'],
    ['StartLimitBurst', '1001'],
    ['ExecStart', '/bin/sh'],
    ['Restart', 'no'],
    ['restartsec', '5s'],
    ['RestartSec ', '5s'],
    ['RestartSec=1\nExecStart', '5s'],
    ['__proto__', '5s'],
    ['constructor', '5s'],
  ])('refuses %j=%j', (name, text) => {
    expect(readDirective(name, text).ok).toBe(false);
  });

  it('makes of any text nothing but numbers, which read back as themselves', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...Array.from('0123456789 .smhdSIGSEV%\n\\-')) }),
      fc.array(fc.integer({ min: -1, max: 300 })).map((numbers) => numbers.join(' ')),
      fc.nat(700_000).map((count) => `${count}s`),
    );
    fc.assert(
      fc.property(fc.constantFrom(...directiveNames), texts, (name, text) => {
        const reading = readDirective(name, text);
        if (!reading.ok) return;
        const value = directiveValue(reading.directive);
        expect(value).toMatch(/^[\dA-Za-z+. ]+$/);
        expect(readDirective(name, value)).toEqual(reading);
      }),
      { numRuns: 2000 },
    );
  });
});

test('start limits stand in [Unit], the rest in [Service]', () => {
  expect(directiveNames.filter((name) => sectionOf(name) === 'Unit')).toEqual([
    'StartLimitIntervalSec',
    'StartLimitBurst',
  ]);
});
