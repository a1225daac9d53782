import { codeOf } from '../kit/errors.ts';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { type DropIn, dropInName, mostDropInBytes, readDropIn } from '../core/remedy/drop-in.ts';
import { type HeldFolder, within } from '../kit/held-folder.ts';

/** What is at the place of a drop-in of flapd. Only what is `ours` may be replaced or removed. */
export type DropInFound =
  | { readonly kind: 'absent' }
  | { readonly kind: 'ours'; readonly dropIn: DropIn }
  /** A clause about the file: `… was edited since flapd wrote it`. */
  | { readonly kind: 'not-ours'; readonly reason: string };

/** Opens what is in `UNIT.d` without following a link, and judges what it opened. */
export function lookAtDropIn(folder: HeldFolder, unit: string, owner: number): DropInFound {
  const shown = path.join(folder.path, dropInName);
  const notOurs = (what: string): DropInFound => ({ kind: 'not-ours', reason: `${shown} ${what}` });
  let fd;
  try {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    fd = openSync(within(folder, dropInName), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'absent' };
    return notOurs(codeOf(error) === 'ELOOP' ? 'is a link' : 'cannot be opened');
  }
  try {
    const { uid, mode, nlink, size } = fstatSync(fd);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) return notOurs('is no regular file');
    if (uid !== owner) return notOurs(`belongs to user ${uid}`);
    if ((mode & 0o022) !== 0) return notOurs('is writable by others');
    if (nlink !== 1) return notOurs('has another name too');
    if (size > mostDropInBytes) return notOurs('was not written by flapd');
    return judge(readText(fd), unit, notOurs);
  } finally {
    closeSync(fd);
  }
}

function judge(text: string, unit: string, notOurs: (what: string) => DropInFound): DropInFound {
  const reading = readDropIn(text);
  if (reading.kind === 'foreign') return notOurs('was not written by flapd');
  if (reading.kind === 'edited') return notOurs('was edited since flapd wrote it');
  return reading.dropIn.unit === unit
    ? { kind: 'ours', dropIn: reading.dropIn }
    : notOurs(`was written for ${reading.dropIn.unit}`);
}

function readText(fd: number): string {
  const buffer = Buffer.alloc(mostDropInBytes + 1);
  let length = 0;
  for (;;) {
    const read = readSync(fd, buffer, length, buffer.length - length, null);
    length += read;
    if (read === 0 || length === buffer.length) return buffer.subarray(0, length).toString('utf8');
  }
}
