import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesUnit, patternProblem } from '../../src/core/unit-pattern.ts';

describe('matchesUnit', () => {
  it.each([
    ['logstash.service', 'logstash.service'],
    ['logstash', 'logstash.service'],
    ['logstash@*', 'logstash@a.service'],
    ['logstash@*.service', 'logstash@a.service'],
    ['logstash@*', 'logstash@.service'],
    ['*', 'anything.service'],
    ['**', 'anything.service'],
    ['*.timer', 'backup.timer'],
    ['backup.*', 'backup.timer'],
    ['backup.*', 'backup.service'],
    ['php8.*', 'php8.2-fpm.service'],
    ['php8.?-fpm', 'php8.2-fpm.service'],
    ['node[0-9]', 'node7.service'],
    ['node[!0-9]', 'nodex.service'],
    ['node[^0-9]', 'nodex.service'],
    ['node[a-]', 'node-.service'],
    ['node[-a]', 'node-.service'],
    ['node[0-9a-f][xyz]', 'nodecz.service'],
    ['node[[:digit:]]', 'node7.service'],
    ['node[[:alpha:]_]', 'node_.service'],
    ['node[![:punct:]]', 'node7.service'],
    ['dev-disk-by\\x2duuid', 'dev-disk-by\\x2duuid.service'],
    ['dev[\\]x2d', 'dev\\x2d.service'],
    ['*a*b*', 'xxaxxbxx.service'],
    ['a*.service.service', 'ab.service.service'],
  ])('%s fits %s', (pattern, name) => {
    expect(matchesUnit(pattern, name)).toBe(true);
  });

  it.each([
    ['logstash', 'logstash2.service'],
    ['logstash', 'my-logstash.service'],
    ['logstash', 'logstash.timer'],
    ['logstash', 'logstash'],
    ['logstash', 'logstash@a.service'],
    ['logstash@*', 'logstash.service'],
    ['logstash@*', 'logstash@a.timer'],
    ['*', 'backup.timer'],
    ['*ice', 'sshd.service'],
    ['s?', 'sshd.service'],
    ['backup.timer', 'backup.timer.service'],
    ['backup.*', 'backups.timer'],
    ['node[0-9]', 'node.service'],
    ['node[0-9]', 'node12.service'],
    ['node[!0-9]', 'node7.service'],
    ['node[a-]', 'nodeb.service'],
    ['node[]a]', 'nodeb.service'],
    ['node[z-a]', 'nodeb.service'],
    ['node[a', 'nodea.service'],
    ['node[[:digit:]]', 'nodea.service'],
    ['node[[:bogus:]]', 'nodex.service'],
    ['\\*', 'a.service'],
    ['Logstash', 'logstash.service'],
    ['', 'a.service'],
    ['?', '.service'],
  ])('%s leaves %s alone', (pattern, name) => {
    expect(matchesUnit(pattern, name)).toBe(false);
  });

  it('is done at once with what makes a backtracking matcher hang', () => {
    const name = `${'a'.repeat(247)}.service`;
    const before = process.cpuUsage().user;
    expect(matchesUnit('*a*a*a*a*b', name)).toBe(false);
    expect(matchesUnit(`${'*a'.repeat(100)}*b`, name)).toBe(false);
    expect(matchesUnit(`${'*[a-z]'.repeat(100)}*b`, name)).toBe(false);
    expect(matchesUnit('*'.repeat(1000), name)).toBe(true);
    expect(process.cpuUsage().user - before).toBeLessThan(1_000_000);
  });

  it('agrees with a regular expression made of the same pieces', () => {
    const pieces: readonly (readonly [glob: string, regex: string])[] = [
      ['a', 'a'],
      ['b', 'b'],
      ['-', '-'],
      ['.', '\\.'],
      ['\\', '\\\\'],
      ['?', '.'],
      ['*', '.*'],
      ['[ab]', '[ab]'],
      ['[!a]', '[^a]'],
      ['[a-c]', '[a-c]'],
    ];
    const stem = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-', '.', '\\'), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), stem, (parts, text) => {
        const glob = `${parts.map(([piece]) => piece).join('')}.service`;
        const regex = new RegExp(`^${parts.map(([, piece]) => piece).join('')}\\.service$`);
        expect(matchesUnit(glob, `${text}.service`)).toBe(regex.test(`${text}.service`));
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws, whatever pattern and name', () => {
    const text = fc.string({
      unit: fc.constantFrom('[', ']', '!', '^', '-', ':', '*', '?', '\\', 'a', '[:alpha:]'),
    });
    fc.assert(
      fc.property(text, text, (pattern, name) => {
        expect(typeof matchesUnit(pattern, name)).toBe('boolean');
        expect(['string', 'undefined']).toContain(typeof patternProblem(pattern));
      }),
    );
  });
});

describe('patternProblem', () => {
  it.each([
    ['', 'nothing to match'],
    ['node[0-9', 'its "[" is never closed'],
    ['node[]', 'its "[" is never closed'],
    ['node[z-a]', 'its range "z-a" is empty'],
    ['node]', 'no unit name holds "]"'],
    ['a b', 'no unit name holds " "'],
    ['a,b', 'no unit name holds ","'],
    ['{a,b}', 'no unit name holds "{"'],
    ['/usr/bin/a', 'no unit name holds "/"'],
    ['backup.timer', 'only services are watched'],
    ['*.socket', 'only services are watched'],
    ['a'.repeat(1021), 'longer than 1020 characters'],
  ])('says of %s: %s', (pattern, problem) => {
    expect(patternProblem(pattern)).toBe(problem);
  });

  it.each([
    '*',
    'logstash',
    'logstash@*.service',
    'node[0-9]',
    'node[!]a]',
    'a\\x2db',
    'backup.*',
    'a.timers',
  ])('has nothing against %s', (pattern) => {
    expect(patternProblem(pattern)).toBeUndefined();
  });

  it('has nothing against the name of any service', () => {
    const stem = fc.string({ unit: fc.constantFrom(...'aZ09:-_.\\'.split('')), minLength: 1 });
    fc.assert(
      fc.property(stem, (text) => {
        expect(patternProblem(`${text}.service`)).toBeUndefined();
        expect(matchesUnit(`${text}.service`, `${text}.service`)).toBe(true);
      }),
    );
  });
});
