import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Silence } from '../src/core/silence.ts';
import { mostSilenceBytes, parseSilence, silenceFileName, silenceText } from '../src/silence-file.ts';
import {
  mostSilences,
  readSilences,
  removeSilence,
  silencesFolder,
  sweepSilences,
  writeSilence,
} from '../src/silences.ts';

const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 0, 2, 12);
const isRoot = process.getuid?.() === 0;

function silence(unit: string, more: Partial<Silence> = {}): Silence {
  return {
    unit,
    untilWallMs: nowMs + hourMs,
    sinceWallMs: nowMs,
    by: 'ann',
    reason: 'kernel upgrade',
    ...more,
  };
}

let state: string;
let folder: string;
beforeEach(() => {
  state = mkdtempSync(path.join(tmpdir(), 'flapd-silences-'));
  folder = silencesFolder(path.join(state, 'state.json'));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

const fileOf = (unit: string): string => path.join(folder, silenceFileName(unit));
/** A program of its own that silences a.service again and again, to its exit code. */
async function writeOften(into: string, by: string): Promise<number | null> {
  const built = await build({
    entryPoints: [path.join(import.meta.dirname, '../src/silences.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
  });
  const one = JSON.stringify(silence('a.service', { by }));
  const script = `${built.outputFiles[0]?.text}
    for (let at = 0; at < 50; at += 1) module.exports.writeSilence(process.argv[2], ${one});`;
  const child = spawn(process.execPath, ['-', into], { stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin.end(script);
  return new Promise((resolve) => void child.once('close', resolve));
}

/** What is ignored, and why, without where and what to do. */
const problems = (): readonly string[] =>
  readSilences(folder).warnings.map((each) =>
    each.replace(`${folder}/`, '').replace('; expected a file of "flapd silence".', ''),
  );

describe('silences', () => {
  test('are none where there is no folder', () => {
    expect(readSilences(folder)).toEqual({ silences: [], warnings: [] });
    expect(removeSilence(folder, 'a.service')).toBe(false);
    sweepSilences(folder, nowMs);
    expect(existsSync(folder)).toBe(false);
  });

  test('are read as they were written, sorted, and nothing is left beside them', () => {
    const names = [String.raw`dev\x2dsda.service`, 'web@*.service', 'web@a:b.service', '.hidden.service'];
    for (const unit of names) writeSilence(folder, silence(unit));
    writeSilence(folder, silence('bare.service', { by: undefined, reason: undefined }));
    expect(readSilences(folder)).toEqual({
      silences: [
        silence('.hidden.service'),
        silence('bare.service', { by: undefined, reason: undefined }),
        ...names.slice(0, 3).map((unit) => silence(unit)),
      ],
      warnings: [],
    });
    expect(readdirSync(folder)).toHaveLength(5);
    expect(statSync(fileOf('bare.service')).mode & 0o777).toBe(0o644);
    expect(statSync(folder).mode & 0o777).toBe(0o755);
  });

  test('one instead of the other, of the same unit; a neighbour stays', () => {
    writeSilence(folder, silence('a.service'));
    writeSilence(folder, silence('b.service'));
    writeSilence(folder, silence('a.service', { reason: 'other' }));
    expect(readSilences(folder).silences.map(({ reason }) => reason)).toEqual(['other', 'kernel upgrade']);
    expect(removeSilence(folder, 'a.service')).toBe(true);
    expect(removeSilence(folder, 'a.service')).toBe(false);
    expect(readSilences(folder).silences).toEqual([silence('b.service')]);
  });

  test('may have every name that a unit may have, the longest too', () => {
    const name = fc
      .string({
        unit: fc.constantFrom(...String.raw`a b z A Z 0 9 : _ . \ - @`.split(' ')),
        minLength: 1,
        maxLength: 247,
      })
      .filter((text) => !text.startsWith('@') && !text.endsWith('@'))
      .map((text) => `${text}.service`);
    fc.assert(
      fc.property(name, fc.string({ maxLength: 300 }), (unit, reason) => {
        const one = silence(unit, { reason: reason.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '') });
        expect(Buffer.byteLength(silenceFileName(unit))).toBeLessThanOrEqual(255);
        expect(parseSilence(silenceText(one), silenceFileName(unit))).toEqual(one);
        expect(Buffer.byteLength(silenceText(one))).toBeLessThanOrEqual(mostSilenceBytes);
      }),
    );
    const long = ['b', 'c'].map((last) => `${'a'.repeat(246)}${last}.service`);
    for (const unit of long) writeSilence(folder, silence(unit));
    expect(readSilences(folder)).toEqual({ silences: long.map((unit) => silence(unit)), warnings: [] });
  });

  test('belong to the owner of the state, where root is first', () => {
    if (!isRoot) return;
    chownSync(state, 12_345, 12_346);
    writeSilence(folder, silence('a.service'));
    expect(statSync(folder)).toMatchObject({ uid: 12_345, gid: 12_346 });
  });

  test.skipIf(!isRoot)('are read by any user, whatever umask root has', () => {
    const umask = process.umask(0o077);
    try {
      writeSilence(folder, silence('a.service'));
    } finally {
      process.umask(umask);
    }
    expect(statSync(fileOf('a.service')).mode & 0o777).toBe(0o644);
    expect(statSync(folder).mode & 0o777).toBe(0o755);
  });

  test('of two writers at once one is there, whole', async () => {
    const writers = ['x', 'y'].map((by) => writeOften(folder, by.repeat(200)));
    const ended = Promise.all(writers);
    const reads = setInterval(() => expect(readSilences(folder).warnings).toEqual([]), 2);
    expect(await ended.finally(() => clearInterval(reads))).toEqual([0, 0]);
    expect(['x', 'y'].map((by) => by.repeat(200))).toContain(readSilences(folder).silences[0]?.by);
    expect(readdirSync(folder)).toEqual(['a.service.json']);
  });
});

describe('a file that is no silence is ignored, with the reason', () => {
  const edit = (change: (json: Record<string, unknown>) => void): void => {
    const json = JSON.parse(silenceText(silence('a.service'))) as Record<string, unknown>;
    change(json);
    writeFileSync(fileOf('a.service'), JSON.stringify(json));
  };

  test.each<[what: string, change: Record<string, unknown>, why: string]>([
    ['of something else', { format: 'other' }, 'it is not a silence of flapd'],
    ['of a version to come', { version: 2 }, 'it is of version 2, and this flapd knows version 1'],
    ['about a path', { unit: '../a.service' }, 'it has an unexpected unit'],
    ['about a unit as it is typed', { unit: 'a' }, 'it has an unexpected unit'],
    ['about another unit', { unit: 'b.service' }, 'it is about b.service, and is not named so'],
    ['with text for a time', { untilWallMs: 'soon' }, 'it has an unexpected untilWallMs'],
    ['beyond all calendars', { untilWallMs: 1e300 }, 'it has an unexpected untilWallMs'],
    ['that ends as it begins', { untilWallMs: nowMs }, 'it ends before it begins'],
    ['that is for ever', { untilWallMs: nowMs + 31 * 24 * hourMs }, 'it is longer than 30 days'],
    ['that paints the terminal', { reason: '\u001b[31m' }, 'it has an unexpected reason'],
    ['of nobody', { by: 7 }, 'it has an unexpected by'],
  ])('%s', (_what, change, why) => {
    writeSilence(folder, silence('z.service'));
    edit((json) => Object.assign(json, change));
    expect(problems()).toEqual([`Ignored "a.service.json": ${why}`]);
    expect(readSilences(folder).silences).toEqual([silence('z.service')]);
  });

  test('torn at any byte', () => {
    writeSilence(folder, silence('a.service'));
    const whole = readFileSync(fileOf('a.service'));
    for (let length = 0; length < whole.length - 1; length += 1) {
      writeFileSync(fileOf('a.service'), whole.subarray(0, length));
      expect(problems()).toEqual(['Ignored "a.service.json": it is torn: not whole JSON']);
    }
  });

  test('a folder, a FIFO, a link, or beyond measure; a new silence takes the place of all but the folder', () => {
    const elsewhere = path.join(state, 'elsewhere');
    writeFileSync(elsewhere, silenceText(silence('link.service')));
    mkdirSync(folder);
    mkdirSync(fileOf('folder.service'));
    execFileSync('mkfifo', [fileOf('fifo.service')]);
    symlinkSync(elsewhere, fileOf('link.service'));
    writeFileSync(fileOf('large.service'), '');
    truncateSync(fileOf('large.service'), 2 ** 30);
    expect([...problems()].sort()).toEqual([
      'Ignored "fifo.service.json": it is no regular file',
      'Ignored "folder.service.json": it is no regular file',
      'Ignored "large.service.json": it is larger than 4096 bytes',
      'Ignored "link.service.json": it is no regular file',
    ]);
    for (const unit of ['fifo.service', 'link.service', 'large.service'])
      writeSilence(folder, silence(unit, { reason: 'new' }));
    expect(() => writeSilence(folder, silence('folder.service'))).toThrow(/directory/);
    expect(readSilences(folder).silences).toHaveLength(3);
    expect(readFileSync(elsewhere, 'utf8')).toBe(silenceText(silence('link.service')));
    expect(readdirSync(folder)).toHaveLength(4);
  });

  test('of any other name, of which the first ten are told', () => {
    mkdirSync(folder);
    for (let at = 0; at < 30; at += 1) writeFileSync(path.join(folder, `\u001b${at}`), '');
    const { warnings } = readSilences(folder);
    expect(warnings).toHaveLength(11);
    expect(warnings[0]).toMatch(/^Ignored ".*\/\?\d+": it is torn/);
    expect(warnings[10]).toBe(`Ignored 20 more files in "${folder}" that are no silences.`);
  });

  test('beyond a thousand', () => {
    mkdirSync(folder);
    for (let at = 0; at <= mostSilences; at += 1)
      writeFileSync(fileOf(`u${at}.service`), silenceText(silence(`u${at}.service`)));
    expect(readSilences(folder).silences).toHaveLength(mostSilences);
    expect(readSilences(folder).warnings).toEqual([`Ignored what is beyond 1000 files in "${folder}".`]);
    expect(() => writeSilence(folder, silence('more.service'))).toThrow(/1000 silences already/);
    writeSilence(folder, silence('u7.service', { reason: 'again' }));
  });

  test('and a folder that is a link leads nobody elsewhere', () => {
    const elsewhere = path.join(state, 'elsewhere');
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, folder);
    expect(() => writeSilence(folder, silence('a.service'))).toThrow(/ENOTDIR|ELOOP/);
    expect(() => readSilences(folder)).toThrow(/ENOTDIR|ELOOP/);
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});

describe('a sweep', () => {
  test('takes away what is over, and what was never finished, and nothing else', () => {
    writeSilence(folder, silence('over.service', { sinceWallMs: nowMs - 2, untilWallMs: nowMs }));
    writeSilence(folder, silence('nearly.service', { untilWallMs: nowMs + 1 }));
    const [old, young] = ['.0123456789abcdef.new', '.fedcba9876543210.new'];
    for (const name of [old, young]) writeFileSync(path.join(folder, name), 'half');
    utimesSync(path.join(folder, old), nowMs / 1000 - 4000, nowMs / 1000 - 4000);
    utimesSync(path.join(folder, young), nowMs / 1000 - 3000, nowMs / 1000 - 3000);
    writeFileSync(path.join(folder, 'foreign'), '');
    sweepSilences(folder, nowMs);
    expect(readdirSync(folder).sort()).toEqual([young, 'foreign', 'nearly.service.json']);
    expect(problems()).toEqual(['Ignored "foreign": it is torn: not whole JSON']);
  });

  test('leaves what was torn for people to look at', () => {
    writeSilence(folder, silence('a.service'));
    appendFileSync(fileOf('a.service'), 'x');
    sweepSilences(folder, nowMs + 2 * hourMs);
    expect(readdirSync(folder)).toEqual(['a.service.json']);
  });
});
