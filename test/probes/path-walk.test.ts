import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { interpreterOf, spaceAt, walkPath } from '../../src/probes/path-walk.ts';

describe('the way to a path', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'flapd-walk-'));
    await mkdir(path.join(root, 'srv/data'), { recursive: true });
    await writeFile(path.join(root, 'srv/data/file'), 'x', { mode: 0o640 });
    await writeFile(path.join(root, 'srv/script'), '#! /srv/nowhere/python2 -u\n', { mode: 0o755 });
    // Below the prefix an absolute link is not the machine's.
    await symlink('/srv/data', path.join(root, 'link'));
    await symlink('../srv/./data/../data', path.join(root, 'srv/up'));
    await symlink('/loop', path.join(root, 'loop'));
  });
  afterAll(() => rm(root, { recursive: true }));

  test('is each folder on it, and the file', async () => {
    const walk = await walkPath('/srv/data/file', root);
    expect(walk).toMatchObject({ ok: true, realPath: '/srv/data/file', missing: undefined });
    if (!walk.ok) return;
    expect(walk.steps.map((step) => [step.path, step.type])).toEqual([
      ['/', 'directory'],
      ['/srv', 'directory'],
      ['/srv/data', 'directory'],
      ['/srv/data/file', 'file'],
    ]);
    expect(walk.steps.at(-1)).toMatchObject({ mode: 0o640, hasAcl: false });
  });

  test.each(['/link/file', '/srv/up/file', '/srv//./data/file'])('%s leads there', async (asked) => {
    expect(await walkPath(asked, root)).toMatchObject({ ok: true, realPath: '/srv/data/file' });
  });

  test.each([
    ['/srv/other/file', '/srv/other'],
    ['/link/none', '/srv/data/none'],
    ['/srv/data/file/below', '/srv/data/file/below'],
    [`/${'n'.repeat(300)}`, `/${'n'.repeat(300)}`],
  ])('of %s the first missing part is %s', async (asked, missing) => {
    expect(await walkPath(asked, root)).toMatchObject({ ok: true, missing });
  });

  test('a link to itself has an end', async () => {
    expect(await walkPath('/loop', root)).toMatchObject({ ok: false });
  });

  test('names what a script wants to be run by, and whether it is there', async () => {
    expect(await interpreterOf('/srv/script', root)).toEqual({ path: '/srv/nowhere/python2', exists: false });
    expect(await interpreterOf('/srv/data/file', root)).toBeUndefined();
    expect(await interpreterOf('/srv', root)).toBeUndefined();
  });

  test('knows how much room is left', async () => {
    expect((await spaceAt(root))?.freeBytes).toBeGreaterThan(0);
    expect(await spaceAt(path.join(root, 'none'))).toBeUndefined();
  });
});
