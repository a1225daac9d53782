import { isUtf8 } from 'node:buffer';
import { constants, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { coerceError } from '../kit/errors.ts';
import { type Problem, problemAt, problemOf } from './problem.ts';

export type TextReading =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: Problem };

export const maxFileBytes = 2 ** 20;

/** A text file of bounded size, or why it is none. Never waits: a FIFO or device is refused before it is opened. */
export async function readTextFile(file: string): Promise<TextReading> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) return refuse(file, `${kindOf(stats)}; expected a file`);
    const bytes = await readBytes(file);
    if (bytes.length > maxFileBytes) return refuse(file, `larger than ${maxFileBytes / 2 ** 20} MiB`);
    return decode(file, bytes);
  } catch (thrown) {
    return refuse(file, `cannot be read: ${systemReason(thrown)}`);
  }
}

/** `ENOENT: no such file or directory, open '/x'` without its code and call. */
export function systemReason(thrown: unknown): string {
  const { message } = coerceError(thrown);
  return /^[A-Z\d]+: ([^,]+)/.exec(message)?.[1] ?? message;
}

/** At most one byte more than is allowed, whatever `stat` said. */
async function readBytes(file: string): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.allocUnsafe(maxFileBytes + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length);
    }
  } finally {
    await handle.close();
  }
}

function decode(file: string, bytes: Buffer): TextReading {
  if (!isUtf8(bytes)) {
    const text = bytes.toString('utf8');
    return { ok: false, problem: problemAt(file, text, invalidAt(bytes, text), 'not UTF-8 text') };
  }
  const text = new TextDecoder().decode(bytes);
  // what YAML 1.2 calls not printable (5.1)
  const control = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]/.exec(text); // eslint-disable-line no-control-regex
  if (!control) return { ok: true, text };
  const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return {
    ok: false,
    problem: problemAt(file, text, control.index, `the control character U+${code}; expected text`),
  };
}

/** Where the lossy text first differs from the bytes it was made of. */
function invalidAt(bytes: Buffer, lossy: string): number {
  const encoded = Buffer.from(lossy);
  const different = bytes.findIndex((byte, index) => byte !== encoded[index]);
  return bytes.subarray(0, different).toString('utf8').length;
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isSocket() ? 'a socket' : 'a device';
}

function refuse(file: string, message: string): TextReading {
  return { ok: false, problem: problemOf(file, message) };
}
