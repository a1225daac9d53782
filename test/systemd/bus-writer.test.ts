import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeMessage, type Argument } from '../../src/systemd/bus-writer.ts';
import { encodeMessage } from './bus-fake-server.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((each) => !each.includes('\0'));
const argument: fc.Arbitrary<Argument> = fc.oneof(
  text,
  fc.nat(0xff_ff_ff_ff),
  fc.array(text, { maxLength: 4 }),
);
const letters = (maxLength: number) => fc.stringMatching(new RegExp(`^[a-zA-Z_]{1,${maxLength}}$`));
const dotted = fc.array(letters(9), { minLength: 2, maxLength: 4 }).map((parts) => parts.join('.'));
const path = fc.array(letters(12), { maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
const serial = fc.integer({ min: 1, max: 0xff_ff_ff_ff });

function signatureOf(body: readonly Argument[]): string {
  return body
    .map((each) => (typeof each === 'number' ? 'u' : typeof each === 'string' ? 's' : 'as'))
    .join('');
}

const call = {
  type: 1,
  serial: 1,
  destination: 'a.b',
  path: '/a',
  iface: 'a.b',
  member: 'C',
  body: [],
} as const;

describe('a message', () => {
  test('that calls has the bytes that dbus-next gives it', () => {
    const parts = fc.record({ serial, destination: dotted, path, iface: dotted, member: letters(20) });
    fc.assert(
      fc.property(parts, fc.array(argument, { maxLength: 4 }), ({ iface, ...others }, body) => {
        const theirs = encodeMessage({
          type: 1,
          ...others,
          interface: iface,
          signature: signatureOf(body),
          body,
        });
        expect(writeMessage({ type: 1, ...others, iface, body })).toEqual(theirs);
      }),
    );
  });

  test('that refuses has the bytes that dbus-next gives it', () => {
    const error = {
      type: 3,
      serial: 7,
      destination: ':1.42',
      replySerial: 9,
      errorName: 'org.example.Error.No',
      body: ['no'],
    } as const;
    expect(writeMessage(error)).toEqual(encodeMessage({ ...error, signature: 's' }));
  });

  test.each([
    ['a path without a slash', { path: 'a/b' }, 'Invalid object path: "a/b"'],
    ['a path that ends in one', { path: '/a/' }, 'Invalid object path: "/a/"'],
    ['an interface of one part', { iface: 'a' }, 'Invalid interface name: "a"'],
    ['a member with a dot', { member: 'A.b' }, 'Invalid member name: "A.b"'],
    ['an empty destination', { destination: '' }, 'Invalid bus name: ""'],
    ['a name of 256 letters', { member: 'a'.repeat(256) }, 'Invalid member name'],
    ['a string with a NUL', { body: [['a\0b']] }, 'Invalid string: "a\\u0000b" has a NUL'],
  ])('with %s is not written: a bus hangs up on whoever sends it', (_what, part, message) => {
    expect(() => writeMessage({ ...call, ...part })).toThrow(message);
  });

  test('with a name of 255 letters is written', () => {
    const member = 'a'.repeat(255);
    expect(writeMessage({ ...call, member }).includes(member)).toBe(true);
  });
});
