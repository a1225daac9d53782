import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  expandUnitName,
  hasUnitSuffix,
  isServiceName,
  isUnitName,
  splitUnitName,
  unitNameOfPath,
  unitPath,
} from '../../src/core/unit-name.ts';

const base = '/org/freedesktop/systemd1/unit/';
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const legal = `${letters}0123456789:-_.\\`.split('');
const stem = fc.string({ unit: fc.constantFrom(...legal), minLength: 1, maxLength: 100 });
const instance = fc.option(fc.string({ unit: fc.constantFrom(...legal, '@'), maxLength: 100 }), {
  nil: undefined,
});
const unitName = fc
  .tuple(stem, instance, fc.constantFrom('.service', '.socket', '.scope'))
  .map(([prefix, name, suffix]) => prefix + (name === undefined ? '' : `@${name}`) + suffix);

describe('isUnitName', () => {
  it.each([
    'a.service',
    'getty@tty1.service',
    'getty@.service',
    'a@b@c.service',
    '-.mount',
    'dev-disk-by\\x2duuid-1.swap',
    'with.dots:and_all-of.timer',
    '.hidden.service',
    '.service.service',
    'x.automount',
    `${'a'.repeat(247)}.service`,
  ])('takes %s', (name) => {
    expect(isUnitName(name)).toBe(true);
  });

  it.each([
    '',
    'a',
    '.service',
    '@a.service',
    'a.conf',
    'a.servic',
    'a.service.',
    'a b.service',
    'a/b.service',
    'a*.service',
    'caf\u00e9.service',
    'a.service\n',
    'a.SERVICE',
    'a.constructor',
    `${'a'.repeat(248)}.service`,
  ])('refuses %j', (name) => {
    expect(isUnitName(name)).toBe(false);
  });

  it('takes every name made of legal characters', () => {
    fc.assert(
      fc.property(unitName, (name) => {
        expect(isUnitName(name)).toBe(true);
      }),
    );
  });
});

describe('isServiceName', () => {
  it.each([
    ['a.service', true],
    ['a@b.service', true],
    ['a.timer', false],
    ['a.service.timer', false],
    ['.service', false],
  ])('says of %s: %s', (name, expected) => {
    expect(isServiceName(name)).toBe(expected);
  });
});

describe('hasUnitSuffix', () => {
  it.each([
    ['*.service', true],
    ['a.timer', true],
    ['a', false],
    ['service', false],
    ['', false],
    ['a.*', false],
  ])('says of %s: %s', (text, expected) => {
    expect(hasUnitSuffix(text)).toBe(expected);
  });
});

describe('splitUnitName', () => {
  it.each([
    ['a.b.service', { prefix: 'a.b', suffix: '.service' }],
    ['getty@tty1.service', { prefix: 'getty', instance: 'tty1', suffix: '.service' }],
    ['getty@.service', { prefix: 'getty', instance: '', suffix: '.service' }],
    ['a@b@c.d.service', { prefix: 'a', instance: 'b@c.d', suffix: '.service' }],
    ['nothing', undefined],
  ])('splits %s', (name, parts) => {
    expect(splitUnitName(name)).toEqual(parts);
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(unitName, (name) => {
        const parts = splitUnitName(name);
        const middle = parts?.instance === undefined ? '' : `@${parts.instance}`;
        expect(`${parts?.prefix}${middle}${parts?.suffix}`).toBe(name);
      }),
    );
  });
});

describe('expandUnitName', () => {
  it.each([
    ['logstash', 'logstash.service'],
    ['logstash.service', 'logstash.service'],
    ['logstash@a', 'logstash@a.service'],
    ['logstash.timer', 'logstash.timer'],
    ['logstash.conf', 'logstash.conf.service'],
    ['', undefined],
    ['log stash', undefined],
    ['/dev/sda', undefined],
    ['log*', undefined],
    ['a'.repeat(248), undefined],
  ])('makes %s into %s', (text, name) => {
    expect(expandUnitName(text)).toBe(name);
  });
});

describe('unitPath', () => {
  it.each([
    ['t-exit1.service', 't_2dexit1_2eservice'],
    ['dbus.service', 'dbus_2eservice'],
    ['-.mount', '_2d_2emount'],
    ['9p.service', '_39p_2eservice'],
    ['a_b@c:d\\x2de.service', 'a_5fb_40c_3ad_5cx2de_2eservice'],
  ])('writes %s as systemd does, and back', (name, label) => {
    expect(unitPath(name)).toBe(base + label);
    expect(unitNameOfPath(base + label)).toBe(name);
  });

  it.each([
    ['', '_'],
    ['\u00e9', '_c3_a9'],
    ['\u{1f600}', '_f0_9f_98_80'],
    ['\n', '_0a'],
  ])('escapes %j byte by byte, unit name or not', (text, label) => {
    expect(unitPath(text)).toBe(base + label);
  });

  it('is undone by unitNameOfPath for every unit name, and holds only what D-Bus allows', () => {
    fc.assert(
      fc.property(unitName, (name) => {
        expect(unitPath(name)).toMatch(/^\/org\/freedesktop\/systemd1\/unit\/[A-Za-z_][A-Za-z0-9_]*$/);
        expect(unitNameOfPath(unitPath(name))).toBe(name);
      }),
    );
  });
});

describe('unitNameOfPath', () => {
  it.each([
    ['/org/freedesktop/systemd1', 'another object'],
    ['/org/freedesktop/systemd1/job/a_2eservice', 'a job'],
    [`${base}self`, "systemd's own alias"],
    [`${base}_`, 'the empty name'],
    [`${base}a_2Eservice`, 'capital digits'],
    [`${base}_61_2eservice`, 'a letter escaped without need'],
    [`${base}9_2eservice`, 'a bare leading digit'],
    [`${base}a_2`, 'a cut escape'],
    [`${base}a.service`, 'an unescaped dot'],
    [`${base}a_20b_2eservice`, 'a name that no unit has'],
  ])('refuses %s: %s', (path) => {
    expect(unitNameOfPath(path)).toBeUndefined();
  });

  it('gives nothing that unitPath would not turn back', () => {
    const label = fc.string({ unit: fc.constantFrom('a', '9', '_', '_2e', '_61', '_2eservice', '_40') });
    fc.assert(
      fc.property(label, (text) => {
        const name = unitNameOfPath(base + text);
        expect(name === undefined || unitPath(name) === base + text).toBe(true);
      }),
    );
  });
});
