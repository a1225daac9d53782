const newline = 0x0a;

/**
 * The lines of a byte stream. A line longer than `mostBytes` is passed over whole: it is nobody's record, and holding it
 * would be somebody's way to fill the memory.
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>, mostBytes: number): AsyncGenerator<string> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const fits = heldBytes + end - from <= mostBytes;
      if (fits) yield textOf(held, chunk.subarray(from, end));
      held = [];
      heldBytes = 0;
      from = end + 1;
    }
    heldBytes += chunk.length - from;
    if (heldBytes > mostBytes) held = [];
    else if (from < chunk.length) held.push(chunk.subarray(from));
  }
  if (heldBytes > 0 && heldBytes <= mostBytes) yield textOf(held, Buffer.alloc(0));
}

/** Bytes that are no UTF-8 become U+FFFD. */
function textOf(held: readonly Buffer[], last: Buffer): string {
  return held.length === 0 ? last.toString('utf8') : Buffer.concat([...held, last]).toString('utf8');
}
