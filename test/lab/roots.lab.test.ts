import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, utimesSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { describeLabs } from './describe-lab.ts';
import { ensureRoot, labRoot } from './roots.ts';

describeLabs('the cache of roots', () => {
  let folder: string;
  let cache: string;

  /** A mmdebstrap that writes down its calls and makes an empty root, or not. */
  async function fakeBuilder(ending: string): Promise<void> {
    const script = `#!/bin/sh\nfor last; do :; done\necho call >>${folder}/calls\nsleep 0.1\nmkdir "$last"\n${ending}\n`;
    await writeFile(path.join(folder, 'bin/mmdebstrap'), script, { mode: 0o755 });
  }
  const calls = () => readFileSync(path.join(folder, 'calls'), 'utf8').split('\n').length - 1;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flapd-roots-'));
    cache = path.join(folder, 'cache');
    mkdirSync(path.join(folder, 'bin'));
    vi.stubEnv('FLAPD_LAB_CACHE', cache);
    vi.stubEnv('PATH', `${folder}/bin:${process.env['PATH']}`);
    await fakeBuilder('echo built >"$last/file"');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  it('builds a root once for all who ask at the same time', async () => {
    const roots = await Promise.all([ensureRoot('trixie'), ensureRoot('trixie'), ensureRoot('trixie')]);
    expect(roots).toEqual(Array(3).fill(path.join(cache, 'trixie')));
    expect(readFileSync(path.join(cache, 'trixie/file'), 'utf8')).toBe('built\n');
    expect(calls()).toBe(1);
    await ensureRoot('trixie');
    expect(calls()).toBe(1);
  });

  it('never shows a root whose build failed, and builds it the next time', async () => {
    await fakeBuilder('echo no mirror >&2; exit 1');
    await expect(ensureRoot('forky')).rejects.toThrow(
      /^Cannot build the root of forky: mmdebstrap ended with 1\nno mirror/,
    );
    expect(existsSync(path.join(cache, 'forky'))).toBe(false);
    await fakeBuilder('');
    expect(readdirSync(await ensureRoot('forky'))).toEqual([]);
  });

  it('renews a root that is older than two weeks, and makes do with it where that fails', async () => {
    const root = await ensureRoot('forky');
    const age = (days: number) => utimesSync(root, new Date(), new Date(Date.now() - days * 86_400_000));
    age(13);
    await ensureRoot('forky');
    expect(calls()).toBe(1);
    age(15);
    await ensureRoot('forky');
    expect(calls()).toBe(2);
    age(15);
    await fakeBuilder('exit 1');
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await ensureRoot('forky')).toBe(root);
    expect(said).toHaveBeenCalledWith(expect.stringMatching(/^The root of forky is 15 days old: mmdebstrap/));
    said.mockRestore();
    expect(calls()).toBe(3);
    expect(existsSync(path.join(root, 'file'))).toBe(true);
  });

  it('is chosen from by FLAPD_LAB_ROOT', async () => {
    for (const [wanted, root] of [
      ['host', '/'],
      ['bookworm', '/'],
      ['trixie', path.join(cache, 'trixie')],
    ] as const) {
      vi.stubEnv('FLAPD_LAB_ROOT', wanted);
      expect(await labRoot()).toBe(root);
    }
    vi.stubEnv('FLAPD_LAB_ROOT', 'sid');
    await expect(labRoot()).rejects.toThrow(
      'Cannot use FLAPD_LAB_ROOT "sid": expected host, trixie or forky',
    );
  });
});
