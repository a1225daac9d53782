import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linesOf } from '../../src/kit/lines.ts';

async function* chunksOf(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  let from = 0;
  for (const cut of [...cuts, bytes.length].toSorted((a, b) => a - b)) {
    if (cut > from && cut <= bytes.length) yield bytes.subarray(from, cut);
    from = Math.max(from, Math.min(cut, bytes.length));
  }
}

async function read(bytes: Buffer, cuts: readonly number[], mostBytes = 1000): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(chunksOf(bytes, cuts), mostBytes)) lines.push(line);
  return lines;
}

describe('linesOf()', () => {
  test('gives the same lines however the bytes are cut, characters included', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary', maxLength: 10 }), { maxLength: 8 }),
        fc.array(fc.nat(100), { maxLength: 8 }),
        fc.boolean(),
        async (texts, cuts, ended) => {
          const wanted = texts.map((text) => text.replaceAll('\n', '↵'));
          const bytes = Buffer.from(wanted.join('\n') + (ended && wanted.length > 0 ? '\n' : ''));
          const lines = await read(bytes, cuts);
          const last = ended
            ? wanted
            : wanted.filter((text, index) => text !== '' || index < wanted.length - 1);
          expect(lines).toEqual(last.map((text) => Buffer.from(text).toString()));
        },
      ),
    );
  });

  test('passes over a line that is too long, whole, and goes on after it', async () => {
    const bytes = Buffer.from(`short\n${'x'.repeat(5000)}\nafter\n${'y'.repeat(1001)}`);
    for (const cuts of [[], [100, 2000, 4000], Array.from({ length: 6000 }, (_, index) => index)])
      expect(await read(bytes, cuts)).toEqual(['short', 'after']);
  });

  test('takes a line that is as long as may be', async () => {
    const line = 'x'.repeat(1000);
    expect(await read(Buffer.from(`${line}\n${line}`), [500, 1500])).toEqual([line, line]);
  });
});
