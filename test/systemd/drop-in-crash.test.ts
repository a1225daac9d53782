import * as realFs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type DropIn, renderDropIn } from '../../src/core/remedy/drop-in.ts';
import { DropInFiles, unitFolders } from '../../src/systemd/drop-in-files.ts';

/**
 * A file system that dies at its n-th change or sync: nothing after that is done, as after kill -9. After a power cut, what was
 * not synced is undone too, and files that were not synced are empty.
 */
const disk = vi.hoisted(() => {
  interface Change {
    readonly folders: string[];
    readonly undo: () => void;
  }
  const state = {
    changesLeft: Infinity,
    changes: 0,
    unsynced: new Array<Change>(),
    names: new Map<number, string>(),
  };
  return state;
});

class Died extends Error {}

vi.mock('node:fs', async (original) => {
  const fs: typeof realFs = await original();
  const real = (file: realFs.PathLike): string => {
    const text = String(file);
    return path.join(fs.realpathSync(path.dirname(text)), path.basename(text));
  };
  const change = (folders: string[], undo: () => void): void => {
    if (disk.changesLeft <= 0) throw new Died();
    disk.changesLeft -= 1;
    disk.changes += 1;
    disk.unsynced.push({ folders, undo });
  };
  return {
    ...fs,
    mkdirSync: (file: string, mode: number) => {
      const target = real(file);
      if (!fs.existsSync(target))
        change([path.dirname(target)], () => fs.rmSync(target, { recursive: true }));
      fs.mkdirSync(file, mode);
    },
    rmdirSync: (file: string) => {
      const target = real(file);
      if (fs.existsSync(target) && fs.readdirSync(target).length === 0)
        change([path.dirname(target)], () => fs.mkdirSync(target));
      fs.rmdirSync(file);
    },
    rmSync: (file: string, options: realFs.RmOptions) => {
      const target = real(file);
      const content = fs.readFileSync(target);
      change([path.dirname(target)], () => fs.writeFileSync(target, content));
      fs.rmSync(file, options);
    },
    renameSync: (from: string, to: string) => {
      const [source, target] = [real(from), real(to)];
      const before = fs.existsSync(target) ? fs.readFileSync(target) : undefined;
      change([path.dirname(target)], () => {
        fs.renameSync(target, source);
        if (before !== undefined) fs.writeFileSync(target, before);
      });
      fs.renameSync(from, to);
    },
    openSync: (file: string, flags: number, mode?: number) => {
      const makes = (flags & fs.constants.O_CREAT) !== 0;
      const target = real(file);
      if (makes) change([path.dirname(target)], () => fs.rmSync(target, { force: true }));
      const fd = fs.openSync(file, flags, mode);
      disk.names.set(fd, target);
      return fd;
    },
    writeFileSync: (fd: number, text: string) => {
      const target = disk.names.get(fd) ?? '';
      change([`content of ${target}`], () => void (fs.existsSync(target) && fs.truncateSync(target)));
      fs.writeFileSync(fd, text);
    },
    fsyncSync: (fd: number) => {
      if (disk.changesLeft <= 0) throw new Died();
      disk.changesLeft -= 1;
      disk.changes += 1;
      const target = fs.realpathSync(`/proc/self/fd/${fd}`);
      disk.unsynced = disk.unsynced.filter(
        ({ folders }) => !folders.some((each) => each === target || each === `content of ${target}`),
      );
      fs.fsyncSync(fd);
    },
  };
});

const dropIn: DropIn = {
  unit: 'web.service',
  directives: [{ name: 'RestartSec', ms: 5000 }],
  why: '5 restarts in 32s',
  incident: undefined,
  by: 'daemon',
  writtenAtWallMs: Date.UTC(2026, 4, 2, 12),
  untilWallMs: undefined,
  version: '0.1.0',
};
const text = renderDropIn(dropIn);
const next = renderDropIn({ ...dropIn, why: 'a second time' });

let root = '';
let files: DropInFiles;

function live(changes: number): void {
  disk.changesLeft = changes;
  disk.changes = 0;
  disk.unsynced = [];
}

beforeEach(() => {
  live(Infinity);
  root = realFs.mkdtempSync(path.join(tmpdir(), 'flapd-crash-'));
  live(Infinity);
  files = new DropInFiles({ root, owner: process.getuid?.() ?? 0 });
});
afterEach(async () => {
  live(Infinity);
  const fs = await vi.importActual<typeof realFs>('node:fs');
  fs.rmSync(root, { recursive: true });
});

const folder = (): string => path.join(root, unitFolders.persistent);
const target = (): string => path.join(folder(), 'web.service.d/90-flapd.conf');

/** The tree before the deed: empty, with a file of ours, or with one and another of somebody's. */
async function prepare(before: string | undefined, neighbour: boolean): Promise<void> {
  const fs = await vi.importActual<typeof realFs>('node:fs');
  fs.rmSync(folder(), { recursive: true, force: true });
  fs.mkdirSync(path.dirname(target()), { recursive: true });
  if (before !== undefined) fs.writeFileSync(target(), before);
  if (neighbour) fs.writeFileSync(path.join(path.dirname(target()), '50-mine.conf'), '[Service]\n');
  if (before === undefined && !neighbour) fs.rmdirSync(path.dirname(target()));
}

async function afterCrash(
  powerCut: boolean,
): Promise<{ content: string | undefined; names: readonly string[] }> {
  const fs = await vi.importActual<typeof realFs>('node:fs');
  if (powerCut) for (const { undo } of disk.unsynced.toReversed()) undo();
  live(Infinity);
  files.sweep();
  return {
    content: fs.existsSync(target()) ? fs.readFileSync(target(), 'utf8') : undefined,
    names: fs.readdirSync(folder(), { recursive: true, encoding: 'utf8' }).sort(),
  };
}

const deeds: readonly [what: string, before: string | undefined, after: string | undefined][] = [
  ['writing the first', undefined, text],
  ['writing another over it', text, next],
  ['removing it', text, undefined],
];
const cases = deeds.flatMap(([what, before, after]) =>
  [false, true].flatMap((powerCut) =>
    [false, true].map((neighbour) => ({ what, before, after, powerCut, neighbour })),
  ),
);

describe('a crash at every step', () => {
  test.each(cases)(
    '$what: power cut $powerCut, another file there $neighbour: the old file or the new one, and nothing else',
    async ({ before, after, powerCut, neighbour }) => {
      const deed = (): unknown =>
        after === undefined
          ? files.remove('web.service', 'persistent')
          : files.write('web.service', 'persistent', after);
      await prepare(before, neighbour);
      live(Infinity);
      expect(deed()).toEqual({ ok: true });
      const steps = disk.changes;
      expect(steps).toBeGreaterThanOrEqual(3);
      const seen = new Set<string | undefined>();
      for (let died = 0; died <= steps; died += 1) {
        await prepare(before, neighbour);
        live(died);
        deed();
        const { content, names } = await afterCrash(powerCut);
        expect([before, after]).toContain(content);
        seen.add(content);
        const mine = neighbour ? ['web.service.d/50-mine.conf'] : [];
        const ours = content === undefined ? [] : ['web.service.d/90-flapd.conf'];
        const folders = mine.length + ours.length > 0 ? ['web.service.d'] : [];
        expect(names).toEqual([...folders, ...mine, ...ours]);
      }
      expect(seen.size).toBe(2);
    },
  );

  test('once it is said to be done, no power cut undoes it', async () => {
    for (const [, before, after] of deeds) {
      await prepare(before, false);
      live(Infinity);
      if (after === undefined) files.remove('web.service', 'persistent');
      else files.write('web.service', 'persistent', after);
      expect((await afterCrash(true)).content).toBe(after);
    }
  });
});
