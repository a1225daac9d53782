import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { AppError } from '../../src/kit/errors.ts';
import { createLog, logStyle, type Log, type LogOptions } from '../../src/kit/log.ts';
import { inZone } from '../support/zone.ts';

const folder = mkdtempSync(join(tmpdir(), 'flapd-log-'));
let files = 0;

function path(): string {
  files += 1;
  return join(folder, String(files));
}

const now = (): number => Date.UTC(2026, 10, 23, 17, 51, 25);

/** What `use` logs, as it stands in the file. */
function written(options: Partial<LogOptions>, use: (log: Log) => void): string {
  const file = path();
  const fd = openSync(file, 'w');
  use(createLog({ stream: { fd }, terminal: false, level: 'info', color: false, now, ...options }));
  closeSync(fd);
  return readFileSync(file, 'utf8');
}

function records(text: string): readonly Record<string, unknown>[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line.replace(/^<\d>/u, '')));
}

function pipe(): { readonly reader: number; readonly writer: number } {
  const file = path();
  execFileSync('mkfifo', [file]);
  const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(file, constants.O_WRONLY | constants.O_NONBLOCK) };
}

function readAll(fd: number): string {
  const bytes = Buffer.alloc(1 << 20);
  return bytes.subarray(0, readSync(fd, bytes)).toString();
}

inZone('Asia/Kolkata');
afterAll(() => rmSync(folder, { recursive: true }));

describe('for the journal', () => {
  test('a line is its priority and one JSON object, without pid and hostname', () => {
    const text = written({}, (log) =>
      log.warn({ unit: 'web.service', restarts: 5, window: '2min' }, 'It loops'),
    );
    // The sentence is what shows where a line is cut.
    expect(text).toMatch(/^<4>\{"message":"It loops",.*\}\n$/u);
    expect(records(text)).toEqual([
      {
        time: '2026-11-23T17:51:25.000Z',
        level: 'warn',
        unit: 'web.service',
        restarts: 5,
        window: '2min',
        message: 'It loops',
      },
    ]);
  });

  test('each level has its priority of syslog', () => {
    const text = written({ level: 'debug' }, (log) => {
      log.debug({}, 'a');
      log.info({}, 'b');
      log.warn({}, 'c');
      log.error({}, 'd');
    });
    expect(text.match(/^<\d>/gmu)).toEqual(['<7>', '<6>', '<4>', '<3>']);
  });

  test('what is below the level is not written, what is at it is', () => {
    const text = written({ level: 'warn' }, (log) => {
      log.info({}, 'below');
      log.warn({}, 'at');
    });
    expect(records(text).map(({ message }) => message)).toEqual(['at']);
  });

  test('an AppError is its message, hint and cause; a bug keeps its stack; a string stays one', () => {
    const cause = new Error('EADDRINUSE');
    const text = written({}, (log) => {
      log.error({ error: new AppError('Cannot x', { exitCode: 1, hint: 'do y', cause }) }, 'a');
      log.error({ error: new TypeError('bug') }, 'b');
      log.error({ error: 'words' }, 'c');
    });
    const [known, bug, words] = records(text);
    expect(known?.['error']).toEqual({ message: 'Cannot x', hint: 'do y', cause: 'EADDRINUSE' });
    expect(bug?.['error']).toMatchObject({ message: 'bug', stack: expect.stringContaining('log.test.ts') });
    expect(words?.['error']).toBe('words');
  });

  test('percent signs in a sentence stay as they are', () => {
    const text = written({}, (log) => log.info({}, 'used 94% of %s %o %%'));
    expect(records(text)[0]?.['message']).toBe('used 94% of %s %o %%');
  });

  test('no value can start a second line, not even for readers that split at U+0085 or U+2028', () => {
    const evil = 'a\n<0>{"message":"forged"}\r\u0085\u2028\u2029\u0000\u001b[2J\u202e';
    const text = written({}, (log) => log.info({ unit: evil, [evil]: { deep: evil } }, evil));
    expect(text.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu)).toEqual(['\n']);
    expect(records(text)[0]).toMatchObject({ unit: evil, message: evil, [evil]: { deep: evil } });
  });

  test('what JSON can not hold does no harm', () => {
    const circle: Record<string, unknown> = { big: 12n };
    circle['self'] = circle;
    const text = written({}, (log) => log.info({ circle, nothing: undefined, no: Number.NaN }, 'x'));
    expect(records(text)[0]).toMatchObject({ message: 'x', no: null });
  });

  test('a line of 16 KiB stays whole', () => {
    const bare = written({}, (log) => log.info({ a: '' }, 'x')).length;
    const text = written({}, (log) => log.info({ a: 'a'.repeat(16 * 1024 - bare) }, 'x'));
    expect(text).toHaveLength(16 * 1024);
    expect(records(text)[0]).not.toHaveProperty('cut');
  });

  test('a longer line is cut to it, is still JSON, and says that it was cut', () => {
    const bare = written({}, (log) => log.info({ a: '' }, 'x')).length;
    const text = written({}, (log) => log.info({ a: 'a'.repeat(16 * 1024 - bare + 1), more: 1 }, 'x'));
    expect(text.length).toBeLessThan(16 * 1024);
    expect(records(text)[0]).toMatchObject({ message: 'x', more: 1, cut: true });
    expect(records(text)[0]?.['a']).toMatch(/^a{2048}…$/u);
  });

  test('megabytes in every field and in the sentence leave one line of at most 16 KiB', () => {
    const huge = '\u0001😀'.repeat(50_000);
    const fields = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`f${at}`, [huge]]));
    const text = written({}, (log) => log.error(fields, huge));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(16 * 1024);
    expect(records(text)).toHaveLength(1);
    expect(records(text)[0]?.['message']).toContain('\u0001😀');
  });
});

describe('on a terminal', () => {
  const terminal = { terminal: true } as const;

  test('a line is local time, level, sentence and a few fields', () => {
    const text = written(terminal, (log) =>
      log.warn({ unit: 'web.service', restarts: 5, why: 'two words' }, 'It loops'),
    );
    expect(text).toBe('23:21:25 warn  It loops  unit=web.service restarts=5 why="two words"\n');
  });

  test('without fields nothing trails, and without colour no escape is written', () => {
    expect(written(terminal, (log) => log.info({}, 'Ready'))).toBe('23:21:25 info  Ready\n');
  });

  test('colour marks the level and dims the fields', () => {
    const text = written({ terminal: true, color: true }, (log) => log.error({ a: 1 }, 'Broken'));
    expect(text).toBe('23:21:25 \u001b[31merror\u001b[0m Broken  \u001b[2ma=1\u001b[0m\n');
  });

  test('an error is shown by its message', () => {
    const error = new AppError('Cannot x', { exitCode: 1, hint: 'do y' });
    expect(written(terminal, (log) => log.error({ error }, 'Failed'))).toBe(
      '23:21:25 error Failed  error="Cannot x"\n',
    );
  });

  test('no value can forge a line, move the cursor or turn the writing round', () => {
    const evil = 'a\n12:00:00 info  forged\u001b[2J\u009b2J\u202e\r';
    const text = written(terminal, (log) => log.info({ unit: evil, [evil]: 1 }, evil));
    expect(text.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu)).toEqual(['\n']);
  });

  test('megabytes are cut to a line that can be read', () => {
    const huge = '😀'.repeat(100_000);
    const fields = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`f${at}`, huge]));
    const text = written(terminal, (log) => log.info(fields, huge));
    expect(Buffer.byteLength(text)).toBeLessThan(16 * 1024);
    expect(text).not.toContain('\uFFFD');
  });
});

describe('logStyle()', () => {
  test('a terminal is readable and coloured', () => {
    expect(logStyle({}, { isTTY: true })).toEqual({ terminal: true, color: true });
  });

  test('NO_COLOR and TERM=dumb take the colour, an empty NO_COLOR does not', () => {
    expect(logStyle({ NO_COLOR: '1' }, { isTTY: true }).color).toBe(false);
    expect(logStyle({ TERM: 'dumb' }, { isTTY: true }).color).toBe(false);
    expect(logStyle({ NO_COLOR: '' }, { isTTY: true }).color).toBe(true);
  });

  test('a pipe, a file or the journal is not a terminal and never coloured', () => {
    expect(logStyle({}, {})).toEqual({ terminal: false, color: false });
    expect(logStyle({ JOURNAL_STREAM: '8:1234' }, { isTTY: false }).terminal).toBe(false);
  });
});

describe('writing that fails', () => {
  const plain = { terminal: false, level: 'info', color: false } as const;

  test('a disk that is full, a reader that is gone and a closed descriptor throw nothing', () => {
    const full = openSync('/dev/full', 'w');
    const { reader, writer } = pipe();
    closeSync(reader);
    for (const fd of [full, writer, 1_000_000]) {
      const log = createLog({ stream: { fd }, ...plain });
      expect(() => log.error({}, 'a')).not.toThrow();
      expect(() => log.error({}, 'b')).not.toThrow();
    }
    closeSync(full);
    closeSync(writer);
  });

  test('a full pipe keeps the line it has begun, counts the next ones, and goes on whole when it is read', () => {
    const { reader, writer } = pipe();
    const log = createLog({ stream: { fd: writer }, ...plain });
    // A pipe takes 64 KiB; what is not a whole page of room left splits the line.
    writeSync(writer, Buffer.alloc(15 * 4096));
    for (const message of ['torn', 'second', 'third']) log.info({ pad: 'x'.repeat(9000) }, message);
    const first = readAll(reader);
    log.info({}, 'after');
    const text = (first + readAll(reader)).replaceAll('\0', '');
    expect(records(text).map(({ message, lost }) => [message, lost])).toEqual([
      ['torn', undefined],
      [expect.stringContaining('lost: 2'), 2],
      ['after', undefined],
    ]);
    closeSync(reader);
    closeSync(writer);
  });

  test('a pipe that is read in time loses nothing', () => {
    const { reader, writer } = pipe();
    const log = createLog({ stream: { fd: writer }, ...plain });
    let text = '';
    for (let line = 0; line < 100; line += 1) {
      log.info({ pad: 'x'.repeat(9000), line }, 'x');
      text += readAll(reader);
    }
    expect(records(text).map(({ line }) => line)).toEqual([...Array(100).keys()]);
    closeSync(reader);
    closeSync(writer);
  });
});
