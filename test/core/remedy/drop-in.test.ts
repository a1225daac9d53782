import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Directive } from '../../../src/core/remedy/directive.ts';
import { dropInSections, readSections } from '../../../src/core/remedy/drop-in-sections.ts';
import {
  commentText,
  type DropIn,
  mostDropInBytes,
  readDropIn,
  renderDropIn,
} from '../../../src/core/remedy/drop-in.ts';

const logstash: DropIn = {
  unit: 'logstash.service',
  directives: [
    { name: 'RestartPreventExitStatus', exits: { statuses: [1, 78], signals: [11] } },
    { name: 'StartLimitIntervalSec', ms: 125_000 },
    { name: 'StartLimitBurst', count: 5 },
  ],
  why: 'the main process exited with status 1/FAILURE in 5 of 5 runs, about every 8.1s, at 94 % CPU',
  incident: 'logstash.service@20260502T120040.000Z',
  by: 'daemon',
  writtenAtWallMs: Date.UTC(2026, 4, 2, 12, 0, 41),
  untilWallMs: Date.UTC(2026, 4, 3, 12, 0, 41),
  version: '0.1.0',
};

const written = `# Written by flapd 0.1.0. Edited by hand, it is left alone, and yours to remove.
# Unit: logstash.service
# Why: the main process exited with status 1/FAILURE in 5 of 5 runs, about every 8.1s, at 94 percent CPU
# Incident: logstash.service@20260502T120040.000Z
# Applied by: daemon
# Since: 2026-05-02T12:00:41.000Z
# Until: 2026-05-03T12:00:41.000Z
# Undo: flapd revert logstash.service
# Checksum: 9791cd34ae81352c

[Unit]
StartLimitIntervalSec=2min 5s
StartLimitBurst=5

[Service]
RestartPreventExitStatus=1 78 SIGSEGV
`;

const times = fc.constantFrom('RestartSec', 'RestartMaxDelaySec', 'StartLimitIntervalSec');
const counts = fc.constantFrom('RestartSteps', 'StartLimitBurst');
const directive: fc.Arbitrary<Directive> = fc.oneof(
  fc.record({ name: times, ms: fc.integer({ min: 1000, max: 86_400_000 }) }),
  fc.record({ name: counts, count: fc.integer({ min: 2, max: 100 }) }),
  fc.uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 64 }).map((statuses) => ({
    name: 'RestartPreventExitStatus' as const,
    exits: { statuses: statuses.toSorted((a, b) => a - b), signals: [] },
  })),
);
const directives = fc.uniqueArray(directive, { minLength: 1, selector: ({ name }) => name });
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 2000 }),
  fc.string({ unit: fc.constantFrom('\n', '\r', '\\', '%', 'n', '[', ']', '=', '\u2028', '\ud800', ' ') }),
);
const dropIn: fc.Arbitrary<DropIn> = fc.record({
  unit: fc.constantFrom('a.service', 'web@8.service', '-.service', 'dev-\\x2d.service'),
  directives,
  why: anyText,
  incident: fc.option(anyText, { nil: undefined }),
  by: fc.constantFrom('hand', 'daemon'),
  writtenAtWallMs: fc.integer({ min: 0, max: 4e12 }),
  untilWallMs: fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined }),
  version: anyText,
});

describe('renderDropIn', () => {
  it('says who wrote it, when, why, for which incident, until when, and how to undo it', () => {
    expect(renderDropIn(logstash)).toBe(written);
  });

  it('says that it is kept, where it is', () => {
    const text = renderDropIn({ ...logstash, untilWallMs: undefined, incident: undefined });
    expect(text).toContain('# Until: it is reverted by hand\n');
    expect(text).toContain('# Incident: none\n');
  });

  test.each([
    ['web@8.service', 'web@8.service'],
    ['-.service', '-- -.service'],
    ['dev-\\x2d.service', String.raw`'dev-\x2d.service'`],
  ])('the command that undoes it can be pasted: %s', (unit, words) => {
    expect(renderDropIn({ ...logstash, unit })).toContain(`# Undo: flapd revert ${words}\n`);
  });

  it('writes comments, two sections and allowed directives, whatever the texts hold', () => {
    fc.assert(
      fc.property(dropIn, (any) => {
        const text = renderDropIn(any);
        expect(text).not.toMatch(/[%\r\0\u2028\u2029]/);
        const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('# '));
        const settings = lines.filter((line) => line !== '[Unit]' && line !== '[Service]');
        expect(settings).toHaveLength(any.directives.length);
        for (const line of settings) {
          expect(line).toMatch(
            /^(RestartPreventExitStatus|RestartSec|RestartSteps|RestartMaxDelaySec|StartLimitIntervalSec|StartLimitBurst)=[\dA-Za-z+. ]+$/,
          );
        }
        expect(Buffer.byteLength(text)).toBeLessThan(mostDropInBytes);
      }),
    );
  });
});

describe('readDropIn', () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(dropIn, (any) => {
        const reading = readDropIn(renderDropIn(any));
        if (reading.kind !== 'ours') throw new Error(reading.kind);
        const { why, incident, version, directives: read, ...rest } = reading.dropIn;
        const { why: _why, incident: _incident, version: _version, directives: given, ...same } = any;
        expect(rest).toEqual(same);
        expect(why).toBe(commentText(any.why));
        expect(version).toBe(commentText(any.version));
        if (any.incident === undefined) expect(incident).toBeUndefined();
        expect(dropInSections(read)).toBe(dropInSections(given));
      }),
    );
  });

  it('notices every change of a character', () => {
    const change = fc.record({
      at: fc.nat(written.length - 1),
      cut: fc.nat(3),
      put: fc.string({ unit: 'grapheme-ascii', maxLength: 3 }),
    });
    fc.assert(
      fc.property(change, ({ at, cut, put }) => {
        const edited = written.slice(0, at) + put + written.slice(at + cut);
        fc.pre(edited !== written);
        expect(readDropIn(edited).kind).not.toBe('ours');
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a directive more', `${written}ExecStart=/bin/sh\n`],
    ['a value', written.replace('Burst=5', 'Burst=50')],
    ['a time', written.replace('2026-05-03', '2027-05-03')],
    ['the unit', written.replace('# Unit: logstash', '# Unit: ssh')],
    ['no checksum', written.replace(/# Checksum.*\n/, '')],
    ['Windows line ends', written.replaceAll('\n', '\r\n')],
    ['the first line alone', written.split('\n')[0] ?? ''],
  ])('calls one of ours edited that has %s changed', (_, text) => {
    expect(readDropIn(text)).toEqual({ kind: 'edited' });
  });

  test.each(['', '[Service]\nRestartSec=5s\n', `\n${written}`, '# written by flapd\n'])(
    'calls %j foreign',
    (text) => {
      expect(readDropIn(text)).toEqual({ kind: 'foreign' });
    },
  );

  it('does not throw on any text', () => {
    fc.assert(fc.property(anyText, (text) => void readDropIn(`# Written by flapd ${text}`)));
  });
});

test.each([
  '[Service]\nRestartSec=5\n',
  '[Unit]\nRestartSec=5s\n',
  '[Service]\nRestartSec=5s\nRestartSec=5s\n',
  '[Service]\nRestartSec=5s\n\n[Unit]\nStartLimitBurst=5\n',
  '[Service]\nExecStart=/bin/sh\n',
  '[Service]\nRestartSec=5s\n# a comment\n',
])('readSections() refuses %j, which dropInSections() does not write', (text) => {
  expect(readSections(text)).toBeUndefined();
});
