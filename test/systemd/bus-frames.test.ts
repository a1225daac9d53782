import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameReader } from '../../src/systemd/bus-frames.ts';
import type { BusHeader, Wanted } from '../../src/systemd/bus-message.ts';
import { encodeMessage } from './bus-fake-server.ts';
import { junk, signalWith, uint32s } from './bus-junk.ts';

const MIB = 1024 * 1024;

function readAll(chunks: Iterable<Buffer>, wanted: (header: BusHeader) => Wanted = () => 'all'): unknown[][] {
  const bodies: unknown[][] = [];
  const frames = new FrameReader({ header: wanted, message: (_header, body) => bodies.push([...body]) });
  for (const chunk of chunks) {
    // As the socket's one buffer does it: what was read is gone.
    const passing = Buffer.from(chunk);
    frames.push(passing);
    passing.fill(0xee);
  }
  return bodies;
}

function signal(member: string, body: readonly string[]): Buffer {
  const fields = { type: 4, serial: 3, sender: ':1.2', path: '/a', interface: 'a.b', member } as const;
  return encodeMessage({ ...fields, signature: 's'.repeat(body.length), body });
}

/** Throws only what isn't an Error. */
function readOrRefuse(chunks: Iterable<Buffer>): void {
  try {
    readAll(chunks);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}

function* cut(stream: Buffer, sizes: readonly number[]): Generator<Buffer> {
  let at = 0;
  for (let index = 0; at < stream.length; index += 1) {
    const size = sizes[index % sizes.length] ?? stream.length;
    yield stream.subarray(at, at + size);
    at += size;
  }
}

describe('the byte stream', () => {
  test('gives the same messages however it is cut into reads', () => {
    const bodies = fc.array(fc.array(fc.string({ maxLength: 40 }), { maxLength: 4 }), {
      minLength: 1,
      maxLength: 6,
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(bodies, sizes, (expected, chunkSizes) => {
        const stream = Buffer.concat(expected.map((body) => signal('Some', body)));
        expect(readAll(cut(stream, chunkSizes))).toEqual(expected);
      }),
    );
  });

  test('passes over what is not wanted, however it is cut into reads', () => {
    const stream = Buffer.concat([
      signal('Yes', ['1']),
      signal('No', ['x'.repeat(500)]),
      signal('Yes', ['2']),
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 }), (sizes) => {
        expect(readAll(cut(stream, sizes), ({ member }) => (member === 'Yes' ? 'all' : 'nothing'))).toEqual([
          ['1'],
          ['2'],
        ]);
      }),
    );
  });

  test('keeps nothing of an unwanted message of 128 MiB, the most there may be', () => {
    const message = signalWith('s', Buffer.alloc(0));
    const bodyBytes = 128 * MIB - message.length;
    message.writeUInt32LE(bodyBytes, 4);
    const chunk = Buffer.alloc(64 * 1024, 0x61);
    const seen: string[] = [];
    const header = ({ member }: BusHeader): Wanted => {
      seen.push(member);
      return 'nothing';
    };
    const frames = new FrameReader({ header, message: () => {} });
    const before = process.memoryUsage().arrayBuffers;
    frames.push(message);
    for (let left = bodyBytes; left > 0; left -= chunk.length) frames.push(chunk.subarray(0, left));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * MIB);
    frames.push(signal('Next', []));
    expect(seen).toEqual(['C', 'Next']);
  });

  test('passes over a message whose header has over 64 KiB', () => {
    const path = `/${'a'.repeat(70_000)}`;
    const huge = encodeMessage({
      type: 4,
      serial: 3,
      path,
      interface: 'a.b',
      member: 'Big',
      signature: 's',
      body: ['x'],
    });
    expect(readAll(cut(Buffer.concat([huge, signal('Next', ['y'])]), [1000]))).toEqual([['y']]);
  });
});

test('each signal has its own header, also where many were alike', () => {
  const senders = Array.from({ length: 600 }, (_, index) => `:1.${index}`);
  const written = [...senders, ...senders.toReversed()];
  const fields = { type: 4, path: '/a', interface: 'a.b', member: 'C' } as const;
  const stream = Buffer.concat(
    written.map((sender, index) => encodeMessage({ ...fields, sender, serial: index + 1 })),
  );
  const seen: (readonly [string, number])[] = [];
  readAll([stream], ({ sender, serial }) => {
    seen.push([sender, serial]);
    return 'nothing';
  });
  expect(seen).toEqual(written.map((sender, index) => [sender, index + 1]));
});

describe('values', () => {
  test('written big-endian are read as such, both halves of 64 bits too', () => {
    const fields = Buffer.concat([
      Buffer.from([1, 1, 0x6f, 0, 0, 0, 0, 2, 0x2f, 0x61, 0, 0, 0, 0, 0, 0]), // path /a
      Buffer.from([2, 1, 0x73, 0, 0, 0, 0, 3, 0x61, 0x2e, 0x62, 0, 0, 0, 0, 0]), // interface a.b
      Buffer.from([3, 1, 0x73, 0, 0, 0, 0, 1, 0x43, 0, 0, 0, 0, 0, 0, 0]), // member C
      Buffer.from([8, 1, 0x67, 0, 4, 0x74, 0x78, 0x71, 0x69, 0]), // signature txqi
    ]);
    const body = Buffer.alloc(24);
    body.writeBigUInt64BE(2n ** 40n + 5n, 0);
    body.writeBigInt64BE(-(2n ** 40n) - 5n, 8);
    body.writeUInt16BE(0x1234, 16);
    body.writeInt32BE(-2, 20);
    const fixed = Buffer.from([0x42, 4, 0, 1, 0, 0, 0, body.length, 0, 0, 0, 9, 0, 0, 0, fields.length]);
    const padding = Buffer.alloc(Math.ceil(fields.length / 8) * 8 - fields.length);
    const message = Buffer.concat([fixed, fields, padding, body]);
    expect(readAll([message])).toEqual([[2 ** 40 + 5, -(2 ** 40) - 5, 0x1234, -2]]);
  });

  test('of a dict keep an entry called __proto__ as an entry', () => {
    const entry = Buffer.concat([uint32s(9), Buffer.from('__proto__\0'), Buffer.alloc(2), uint32s(7)]);
    const [[values] = []] = readAll([signalWith('a{su}', Buffer.concat([uint32s(entry.length, 0), entry]))]);
    expect(Object.entries(values ?? {})).toEqual([['__proto__', 7]]);
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
  });

  test('of bytes are a copy', () => {
    const [[bytes] = []] = readAll([signalWith('ay', Buffer.concat([uint32s(3), Buffer.from([1, 2, 3])]))]);
    expect(bytes).toEqual(Buffer.from([1, 2, 3]));
  });
});

describe('junk', () => {
  test.each(Object.entries(junk))('is refused: %s', (_what, bytes) => {
    expect(() => readAll([bytes])).toThrow(Error);
  });

  test('made of a valid message with bytes changed is read or refused, in little time and memory', () => {
    const valid = signalWith(
      'a{sv}',
      Buffer.concat([uint32s(16, 0, 1), Buffer.from('a\0\x01u\0\0\0\0'), uint32s(7)]),
    );
    const change = fc.tuple(fc.integer({ min: 0, max: valid.length - 1 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const changed = Buffer.from(valid);
        for (const [at, byte] of changes) changed[at] = byte;
        expect(() => readOrRefuse([changed, valid])).not.toThrow();
      }),
      { numRuns: 3000 },
    );
  });
});
