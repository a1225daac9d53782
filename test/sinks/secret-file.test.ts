import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readHeaders } from '../../src/sinks/headers-file.ts';
import { readPassword } from '../../src/sinks/secret-file.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flapd-secret-'));
  file = path.join(folder, 'secret');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a file of headers', () => {
  test('is lines of names and values', async () => {
    writeFileSync(file, '# for ops\nAuthorization: Bearer a:b\r\n\nX-Scope:1\n');
    expect(await readHeaders(file)).toEqual({
      ok: true,
      value: { Authorization: 'Bearer a:b', 'X-Scope': '1' },
    });
    expect(await readHeaders(undefined)).toEqual({ ok: true, value: {} });
  });

  test.each([
    ['hunter2', 'line 1 does not begin with the name of a header; expected "Name: value"'],
    ['A: b\nX Y: hunter2', 'line 2 does not begin with the name of a header; expected "Name: value"'],
    ['A: hunter2\u0007', 'line 1 has a character that no header may have; expected "Name: value"'],
    ['A: hunter2€', 'line 1 has a character that no header may have; expected "Name: value"'],
    [
      'content-LENGTH: 3',
      'line 1 sets a header that flapd sets itself; expected another, such as Authorization',
    ],
  ])('%j is refused without a word of what it holds', async (content, found) => {
    writeFileSync(file, content);
    expect(await readHeaders(file)).toEqual({ ok: false, why: `Cannot use "${file}": ${found}` });
  });
});

describe('a file that can not be read', () => {
  const whyOf = async (): Promise<string> => {
    const read = await readPassword(file);
    return read.ok ? '' : read.why;
  };

  test('is named, with the reason', async () => {
    expect(await whyOf()).toBe(
      `Cannot read "${file}": there is no such file; expected a file that flapd may read`,
    );
    writeFileSync(file, '\nhunter2');
    expect(await whyOf()).toBe(`Cannot use "${file}": its first line is empty; expected a password`);
    writeFileSync(file, 'x'.repeat(70_000));
    expect(await whyOf()).toContain('it is larger than 64 KiB');
  });

  test('neither a directory nor a pipe is waited for', async () => {
    file = folder;
    expect(await whyOf()).toContain('it is not a file');
    file = path.join(folder, 'pipe');
    execFileSync('mkfifo', [file]);
    expect(await whyOf()).toContain('it is not a file');
  });

  test('a password is the first line', async () => {
    writeFileSync(file, 'hunter2 \nmore\n');
    expect(await readPassword(file)).toEqual({ ok: true, value: 'hunter2 ' });
  });
});
