import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { coerceError } from '../kit/errors.ts';

/** What a file holds, or why it can't be used: the sentence names the file, never what stands in it. */
export type Secret<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly why: string };

const mostBytes = 64 * 1024;

/** The text of a file that an administrator keeps for flapd. Neither a pipe nor a device that never ends is waited for. */
export async function readSecret(file: string): Promise<Secret<string>> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile()) return cannotRead(file, 'it is not a file');
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(mostBytes + 1));
      if (bytesRead > mostBytes) return cannotRead(file, `it is larger than ${mostBytes / 1024} KiB`);
      return { ok: true, value: buffer.toString('utf8', 0, bytesRead) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return cannotRead(file, reason(error));
  }
}

/** The first line: editors end a file with a newline, and no password has one. */
export async function readPassword(file: string): Promise<Secret<string>> {
  const read = await readSecret(file);
  if (!read.ok) return read;
  const [password = ''] = read.value.split(/\r?\n/u, 1);
  return password === ''
    ? { ok: false, why: `Cannot use "${file}": its first line is empty; expected a password` }
    : { ok: true, value: password };
}

function cannotRead(file: string, found: string): Secret<never> {
  return { ok: false, why: `Cannot read "${file}": ${found}; expected a file that flapd may read` };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  ENOTDIR: 'there is no such directory',
};

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons[code] ?? coerceError(error).message;
}
