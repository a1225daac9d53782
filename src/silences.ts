import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  opendirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { Silence } from './core/silence.ts';
import { codeOf, coerceError } from './kit/errors.ts';
import { mostSilenceBytes, parseSilence, silenceFileName, silenceText } from './silence-file.ts';

/*
 * HTTP is read-only, so a silence is a file. Root writes it, and the daemon, which runs as nobody much, owns the folder:
 * nothing in there is trusted, and no link in it is followed.
 */

export const mostSilences = 1000;
const mostWarnings = 10;

/** What a writer that was killed has left behind is older. */
const longestWriteMs = 60 * 60 * 1000;
const isBeside = (name: string): boolean => /^\.[0-9a-f]{16}\.new$/.test(name);

export interface SilencesRead {
  readonly silences: readonly Silence[];
  /** A sentence for each file that is none. */
  readonly warnings: readonly string[];
}

/** Beside the state file. */
export function silencesFolder(stateFile: string): string {
  return path.join(path.dirname(stateFile), 'silences');
}

/** All that lie there, those that are over included. An absent folder has none; throws where it can't be listed. */
export function readSilences(folder: string): SilencesRead {
  const silences: Silence[] = [];
  const problems: string[] = [];
  within(folder, (inside) => {
    for (const name of namesIn(inside)) {
      if (isBeside(name)) continue;
      if (silences.length >= mostSilences) {
        problems.push(`Ignored what is beyond ${mostSilences} files in "${folder}".`);
        break;
      }
      const found = readSilence(path.join(inside, name), name);
      if (typeof found === 'object') silences.push(found);
      else if (found !== undefined)
        problems.push(
          `Ignored "${path.join(folder, printable(name))}": ${found}; expected a file of "flapd silence".`,
        );
    }
  });
  const left = problems.length - mostWarnings;
  const more = left > 0 ? [`Ignored ${left} more files in "${folder}" that are no silences.`] : [];
  return { silences: silences.sort(byUnit), warnings: [...problems.slice(0, mostWarnings), ...more] };
}

/** Instead of the one that this unit may have. A reader, or a crash at any point, finds the old file or the new one. */
export function writeSilence(folder: string, silence: Silence): void {
  makeSilencesFolder(folder);
  const wasThere = within(folder, (inside, fd) => {
    const target = path.join(inside, silenceFileName(silence.unit));
    if (lstatSync(target, { throwIfNoEntry: false }) === undefined && isFull(inside))
      throw new Error(`there are ${mostSilences} silences already`);
    const beside = besideIn(inside);
    try {
      writeAnew(beside, silenceText(silence));
      renameSync(beside, target);
      fsyncSync(fd);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    }
  });
  if (!wasThere) throw new Error('the folder has been taken away meanwhile');
}

/** Whether there was one. */
export function removeSilence(folder: string, unit: string): boolean {
  let removed = false;
  within(folder, (inside) => {
    try {
      unlinkSync(path.join(inside, silenceFileName(unit)));
      removed = true;
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  });
  return removed;
}

/** Silences that are over, and what was never finished. */
export function sweepSilences(folder: string, nowWallMs: number): void {
  within(folder, (inside) => {
    for (const name of namesIn(inside)) {
      const file = path.join(inside, name);
      if (isBeside(name)) {
        const writtenMs = lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? nowWallMs;
        if (nowWallMs - writtenMs > longestWriteMs) rmSync(file, { force: true });
      } else if (isOver(readSilence(file, name), nowWallMs)) {
        removeIfOver(inside, name, nowWallMs);
      }
    }
  });
}

/** Made for the user that the state belongs to: root may be first, before the daemon has ever run. */
export function makeSilencesFolder(folder: string): void {
  mkdirSync(path.dirname(folder), { recursive: true, mode: 0o750 });
  try {
    mkdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    throw error;
  }
  const { uid, gid } = statSync(path.dirname(folder));
  within(folder, (_, fd) => {
    fchmodSync(fd, 0o755);
    if (process.getuid?.() === 0) fchownSync(fd, uid, gid);
  });
}

export function isAbsent(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/**
 * `inside` names the folder that was opened, whatever is put in its place meanwhile: its owner can't lead root elsewhere.
 * An absent one is passed over, and false is the answer.
 */
function within(folder: string, work: (inside: string, fd: number) => void): boolean {
  let fd: number;
  try {
    fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
  try {
    work(`/proc/self/fd/${fd}`, fd);
    return true;
  } finally {
    closeSync(fd);
  }
}

/** One by one: whoever fills the folder does not fill the memory. */
function* namesIn(folder: string): Generator<string> {
  const entries = opendirSync(folder);
  try {
    for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) yield entry.name;
  } finally {
    entries.closeSync();
  }
}

/** Undefined where it has gone meanwhile; the text says what is wrong with it. */
function readSilence(file: string, name: string): Silence | string | undefined {
  try {
    // Looked at first: opening a device may do something. O_NONBLOCK: a FIFO would wait for a writer.
    if (!lstatSync(file).isFile()) return 'it is no regular file';
    const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (!fstatSync(fd).isFile()) return 'it is no regular file';
      const bytes = Buffer.alloc(mostSilenceBytes + 1);
      const length = readSync(fd, bytes);
      if (length > mostSilenceBytes) return `it is larger than ${mostSilenceBytes} bytes`;
      return parseSilence(bytes.toString('utf8', 0, length), name);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return isAbsent(error) ? undefined : coerceError(error).message.split(',', 1)[0];
  }
}

/** Never one that a writer has put there since it was read: what is taken away is looked at, and put back. */
function removeIfOver(inside: string, name: string, nowWallMs: number): void {
  const aside = besideIn(inside);
  const file = path.join(inside, name);
  try {
    renameSync(file, aside);
    if (!isOver(readSilence(aside, name), nowWallMs)) linkSync(aside, file);
  } catch (error) {
    // It has gone, or a newer one stands there already.
    if (!isAbsent(error) && codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function isOver(found: Silence | string | undefined, nowWallMs: number): boolean {
  return typeof found === 'object' && found.untilWallMs <= nowWallMs;
}

function isFull(inside: string): boolean {
  let count = 0;
  for (const name of namesIn(inside)) {
    if (!isBeside(name)) count += 1;
    if (count >= mostSilences) return true;
  }
  return false;
}

/** A name of its own for each writer: two never write into one file. */
function besideIn(inside: string): string {
  return path.join(inside, `.${randomBytes(8).toString('hex')}.new`);
}

function writeAnew(file: string, text: string): void {
  const fd = openSync(file, 'wx', 0o600);
  try {
    // The daemon is another user than root, whose umask may be 077.
    fchmodSync(fd, 0o644);
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function printable(name: string): string {
  return name.replaceAll(/[^\x20-\x7e]/g, '?');
}

function byUnit(a: Silence, b: Silence): number {
  return a.unit < b.unit ? -1 : 1;
}
