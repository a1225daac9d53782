import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { type DropIn, mostDropInBytes, renderDropIn } from '../../src/core/remedy/drop-in.ts';
import { DropInFiles, type Lifetime, unitFolders } from '../../src/systemd/drop-in-files.ts';

const dropIn: DropIn = {
  unit: 'web.service',
  directives: [{ name: 'RestartSec', ms: 5000 }],
  why: '5 restarts in 32s',
  incident: 'web.service@20260502T120040.000Z',
  by: 'daemon',
  writtenAtWallMs: Date.UTC(2026, 4, 2, 12),
  untilWallMs: undefined,
  version: '0.1.0',
};
const text = renderDropIn(dropIn);
const other = renderDropIn({ ...dropIn, why: 'a second time' });
const lifetimes: readonly Lifetime[] = ['runtime', 'persistent'];

let root = '';
let files: DropInFiles;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'flapd-drop-ins-'));
  for (const folder of Object.values(unitFolders)) mkdirSync(path.join(root, folder), { recursive: true });
  files = new DropInFiles({ root, owner: process.getuid?.() ?? 0 });
});
afterEach(() => rmSync(root, { recursive: true }));

const at = (...steps: readonly string[]): string => path.join(root, 'run/systemd/system', ...steps);
const place = (unit = 'web.service'): string => at(`${unit}.d`, '90-flapd.conf');
const everything = (): readonly string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(
      (name) =>
        !['etc', 'run', 'etc/systemd', 'run/systemd', 'etc/systemd/system', 'run/systemd/system'].includes(
          name,
        ),
    )
    .sort();

describe('DropInFiles', () => {
  test.each(lifetimes)('writes, finds, lists and removes a %s drop-in, and leaves no trace', (lifetime) => {
    expect(files.find('web.service', lifetime)).toEqual({ kind: 'absent' });
    expect(files.write('web.service', lifetime, text)).toEqual({ ok: true });
    expect(readFileSync(path.join(root, files.pathOf('web.service', lifetime)), 'utf8')).toBe(text);
    expect(files.find('web.service', lifetime)).toEqual({ kind: 'ours', dropIn });
    expect(files.list()).toEqual([{ unit: 'web.service', lifetime, found: { kind: 'ours', dropIn } }]);
    expect(files.remove('web.service', lifetime)).toEqual({ ok: true });
    expect(files.remove('web.service', lifetime)).toEqual({ ok: true });
    expect(everything()).toEqual([]);
  });

  it('lets everybody read what it wrote, whatever the umask', () => {
    const before = process.umask(0o077);
    files.write('web.service', 'runtime', text);
    process.umask(before);
    expect([statSync(place()).mode & 0o777, statSync(path.dirname(place())).mode & 0o777]).toEqual([
      0o644, 0o755,
    ]);
  });

  it('replaces what it wrote before, and leaves the files beside it alone', () => {
    mkdirSync(at('web.service.d'));
    writeFileSync(at('web.service.d', '50-mine.conf'), '[Service]\n');
    files.write('web.service', 'runtime', text);
    expect(files.write('web.service', 'runtime', other)).toEqual({ ok: true });
    expect(readFileSync(place(), 'utf8')).toBe(other);
    files.remove('web.service', 'runtime');
    expect(everything()).toEqual([
      'run/systemd/system/web.service.d',
      'run/systemd/system/web.service.d/50-mine.conf',
    ]);
  });

  it('on a dry run goes all the way and changes nothing', () => {
    expect(files.write('web.service', 'runtime', text, true)).toEqual({ ok: true });
    expect(everything()).toEqual([]);
    files.write('web.service', 'runtime', text);
    expect(files.write('web.service', 'runtime', other, true)).toEqual({ ok: true });
    expect(files.remove('web.service', 'runtime', true)).toEqual({ ok: true });
    expect(readFileSync(place(), 'utf8')).toBe(text);
  });

  test.each([
    '../etc',
    'a/b.service',
    'web.socket',
    'web',
    '',
    '.',
    'web.service\n',
    'web\0.service',
    'web@.timer',
  ])('makes no path of %j', (unit) => {
    expect(() => files.find(unit, 'runtime')).toThrow('is not the name of a service');
    expect(files.write(unit, 'runtime', text).ok).toBe(false);
    expect(files.remove(unit, 'runtime').ok).toBe(false);
    expect(everything()).toEqual([]);
  });
});

/** What somebody put at our place, and what flapd says of it. */
const foreign: readonly [what: string, put: () => void, says: string][] = [
  ['a file of somebody', () => writeFileSync(place(), '[Service]\n'), 'was not written by flapd'],
  ['an empty file', () => writeFileSync(place(), ''), 'was not written by flapd'],
  [
    'one of ours, edited',
    () => writeFileSync(place(), text.replace('5s', '6s')),
    'was edited since flapd wrote it',
  ],
  [
    'one of ours, of another unit',
    () => writeFileSync(place(), renderDropIn({ ...dropIn, unit: 'db.service' })),
    'was written for db.service',
  ],
  [
    'a link to one of ours',
    () => {
      writeFileSync(at('x'), text);
      symlinkSync(at('x'), place());
    },
    'is a link',
  ],
  ['a link to nothing', () => symlinkSync('/nowhere', place()), 'is a link'],
  ['a mask', () => symlinkSync('/dev/null', place()), 'is a link'],
  [
    'one of ours with a second name',
    () => {
      writeFileSync(at('x'), text);
      linkSync(at('x'), place());
    },
    'has another name too',
  ],
  ['a folder', () => mkdirSync(place()), 'is no regular file'],
  [
    'a large file',
    () => writeFileSync(place(), text.padEnd(mostDropInBytes + 1)),
    'was not written by flapd',
  ],
  [
    'one of ours that others may write',
    () => {
      writeFileSync(place(), text);
      chmodSync(place(), 0o666);
    },
    'is writable by others',
  ],
];

describe('what is not its own', () => {
  test.each(foreign)('%s is left alone and said', (_, put, says) => {
    mkdirSync(at('web.service.d'));
    put();
    const before = everything();
    const reason = `${unitFolders.runtime}/web.service.d/90-flapd.conf ${says}`;
    const found = files.find('web.service', 'runtime');
    expect(found.kind === 'not-ours' ? found.reason.replace(root, '') : found).toBe(reason);
    for (const deed of [
      files.write('web.service', 'runtime', text),
      files.write('web.service', 'runtime', text, true),
      files.remove('web.service', 'runtime'),
    ])
      expect(deed.ok ? deed : deed.reason.replace(root, '')).toBe(reason);
    expect(everything()).toEqual(before);
  });

  it('a folder that is a link, or that others may write, is not gone into', () => {
    mkdirSync(path.join(root, 'elsewhere'));
    symlinkSync(path.join(root, 'elsewhere'), at('web.service.d'));
    mkdirSync(at('db.service.d'));
    chmodSync(at('db.service.d'), 0o775);
    writeFileSync(at('log.service.d'), '');
    const reasons = ['web', 'db', 'log'].map((name) => {
      const deed = files.write(
        `${name}.service`,
        'runtime',
        renderDropIn({ ...dropIn, unit: `${name}.service` }),
      );
      return deed.ok ? deed : deed.reason.replace(root, '');
    });
    expect(reasons).toEqual([
      '/run/systemd/system/web.service.d is a link, or no folder',
      '/run/systemd/system/db.service.d is writable by others',
      '/run/systemd/system/log.service.d is a link, or no folder',
    ]);
    expect(readdirSync(path.join(root, 'elsewhere'))).toEqual([]);
  });

  it('nor is a path on which a folder is a link or may be written by others', () => {
    chmodSync(path.join(root, 'run/systemd'), 0o777);
    expect(files.write('web.service', 'runtime', text)).toEqual({
      ok: false,
      reason: `${root}/run/systemd is writable by others`,
    });
    rmSync(path.join(root, 'etc/systemd'), { recursive: true });
    symlinkSync(path.join(root, 'run/systemd'), path.join(root, 'etc/systemd'));
    expect(files.write('web.service', 'persistent', text)).toEqual({
      ok: false,
      reason: `${root}/etc/systemd is a link, or no folder`,
    });
    expect(existsSync(place())).toBe(false);
  });

  it('nor a folder of another user', () => {
    const strict = new DropInFiles({ root, owner: 4242 });
    expect(strict.write('web.service', 'runtime', text)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('not to user 4242'),
    });
    expect(everything()).toEqual([]);
  });
});
