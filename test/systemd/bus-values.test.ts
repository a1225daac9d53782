import { Variant } from 'dbus-next';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeySet } from '../../src/systemd/bus-keys.ts';
import { readValues, wireBytes } from '../../src/systemd/bus-values.ts';
import { encodeMessage } from './bus-fake-server.ts';
import { uint32s } from './bus-junk.ts';

const LITTLE_ENDIAN = 0x6c;

/** The bytes of a body, written by dbus-next. */
function bodyOf(signature: string, body: readonly unknown[]): Buffer {
  const message = encodeMessage({
    type: 4,
    serial: 1,
    path: '/a',
    interface: 'a.b',
    member: 'C',
    signature,
    body,
  });
  return message.subarray(message.length - message.readUInt32LE(4));
}

function valuesOf(bytes: Buffer, signature: string, keys?: KeySet): unknown[] {
  const stretch = { start: 0, end: bytes.length };
  return readValues(wireBytes(bytes), stretch, { signature, byteOrder: LITTLE_ENDIAN }, keys);
}

const text = fc.string({ maxLength: 12 });
const uint32 = fc.nat(0xff_ff_ff_ff);

/** Types that systemd's properties have, of each shape of the wire format, and values for them. */
const variant = fc.oneof(
  text.map((value) => new Variant('s', value)),
  fc.nat(255).map((value) => new Variant('y', value)),
  fc.nat(0xff_ff).map((value) => new Variant('q', value)),
  uint32.map((value) => new Variant('u', value)),
  fc.boolean().map((value) => new Variant('b', value)),
  fc.bigInt({ min: 0n, max: 2n ** 53n }).map((value) => new Variant('t', value)),
  fc.constant(new Variant('g', 'a{sv}')),
  fc.array(text, { maxLength: 3 }).map((value) => new Variant('as', value)),
  fc.array(fc.nat(255), { maxLength: 5 }).map((value) => new Variant('ay', Buffer.from(value))),
  fc.tuple(uint32, fc.constant('/x/y')).map((value) => new Variant('(uo)', value)),
  fc
    .array(fc.tuple(text, fc.array(text, { maxLength: 2 }), fc.boolean(), fc.bigInt(0n, 9n)), {
      maxLength: 2,
    })
    .map((value) => new Variant('a(sasbt)', value)),
  text.map((value) => new Variant('v', new Variant('s', value))),
);

describe('keys', () => {
  test('leave of a dict what reading all of it and then picking would leave', () => {
    const name = fc.constantFrom('Result', 'result', 'Results', 'NRestarts', 'MainPID', 'Id', 'Names', '');
    const dict = fc.dictionary(name, variant, { maxKeys: 8, noNullPrototype: true });
    fc.assert(
      fc.property(dict, fc.uniqueArray(name.map(String)), (written, wanted) => {
        const bytes = bodyOf('sa{sv}as', ['iface', written, ['tail']]);
        const [iface, all, tail] = valuesOf(bytes, 'sa{sv}as');
        expect(tail).toEqual(['tail']);
        const picked = Object.entries(all ?? {}).filter(([key]) => wanted.includes(key));
        expect(valuesOf(bytes, 'sa{sv}as', new KeySet(wanted))).toEqual([iface, Object.fromEntries(picked)]);
      }),
    );
  });

  test('are not looked for where a dict goes by numbers', () => {
    const bytes = Buffer.concat([uint32s(14, 0, 7, 5), Buffer.from('seven\0')]);
    expect(valuesOf(bytes, 'a{us}', new KeySet(['x']))).toEqual([{ 7: 'seven' }]);
  });

  test('leave out what stands behind the dict, but not that it must be there', () => {
    const bytes = bodyOf('a{sv}asu', [{}, ['behind'], 7]);
    expect(valuesOf(bytes, 'a{sv}asu', new KeySet(['x']))).toEqual([{}]);
    expect(() => valuesOf(bytes.subarray(0, -1), 'a{sv}asu', new KeySet(['x']))).toThrow(/end/u);
    expect(() => valuesOf(Buffer.concat([bytes, bytes]), 'a{sv}asu', new KeySet(['x']))).toThrow(/end/u);
  });

  test('pass over nothing that reaches past the end', () => {
    const bytes = bodyOf('a{sv}', [{ Long: new Variant('as', ['a', 'b']) }]);
    const changed = Buffer.from(bytes);
    // The length of the array in it, which is aligned: 4 more than there is.
    const at = changed.indexOf('as\0') + 6;
    changed.writeUInt32LE(changed.readUInt32LE(at) + 4, at);
    expect(() => valuesOf(changed, 'a{sv}', new KeySet(['Other']))).toThrow(/end/u);
  });
});
