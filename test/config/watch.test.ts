import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ConfigWatching, watchConfig } from '../../src/config/watch.ts';
import { planWatches } from '../../src/config/watch-plan.ts';

const settleMs = 500;
const minuteMs = 60_000;
/** Taken before the timers are replaced. */
const immediate = setImmediate;

let root: string;
let dir: string;
let calls: number;
let troubles: string[];
let watching: ConfigWatching | undefined;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'flapd-config-watch-')));
  dir = path.join(root, 'flapd');
  calls = 0;
  troubles = [];
});
afterEach(() => {
  watching?.close();
  watching = undefined;
  vi.useRealTimers();
  rmSync(root, { recursive: true, force: true });
});

function start(of = dir): void {
  watching = watchConfig(
    of,
    () => (calls += 1),
    (sentence) => troubles.push(sentence),
    settleMs,
  );
}

/** The kernel has queued the events before a write returns; they are read in the loop's next turns. */
async function delivered(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => immediate(resolve));
}

/** How often it was called for what the test has done until now. */
async function callsFor(change: () => void): Promise<number> {
  const before = calls;
  change();
  await delivered();
  expect(calls).toBe(before);
  vi.advanceTimersByTime(settleMs);
  const told = calls - before;
  await delivered();
  vi.advanceTimersByTime(10 * minuteMs);
  await delivered();
  expect({ told: calls - before, troubles }).toEqual({ told, troubles: [] });
  return told;
}

const put = (name: string, text = 'x'): void => {
  mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
  writeFileSync(path.join(dir, name), text);
};
const remove = (name: string): void => rmSync(path.join(dir, name), { recursive: true });

describe('the configuration is read again, once', () => {
  beforeEach(() => {
    put('flapd.yaml');
    put('policies.d/10-a.yaml');
    start();
  });

  test.each<[what: string, change: () => void]>([
    ['a file is written', () => put('flapd.yaml', 'y')],
    ['a policy is written', () => put('policies.d/10-a.yaml', 'y')],
    ['a line is added', () => appendFileSync(path.join(dir, 'policies.d/10-a.yaml'), 'y')],
    ['a file is touched', () => utimesSync(path.join(dir, 'flapd.yaml'), 1, 1)],
    [
      'an editor writes beside and renames, as sed -i and vim do',
      () => {
        put('.flapd.yaml.swp');
        put('4913');
        remove('4913');
        renameSync(path.join(dir, 'flapd.yaml'), path.join(dir, 'flapd.yaml~'));
        put('flapd.yaml', 'y');
        remove('flapd.yaml~');
        remove('.flapd.yaml.swp');
      },
    ],
    ['a policy is added', () => put('policies.d/20-b.yaml')],
    ['causes.d comes, with a file', () => put('causes.d/10-a.yaml')],
    ['a policy is removed', () => remove('policies.d/10-a.yaml')],
    [
      'a policy is renamed away',
      () =>
        renameSync(path.join(dir, 'policies.d/10-a.yaml'), path.join(dir, 'policies.d/10-a.yaml.disabled')),
    ],
    ['flapd.yaml is removed', () => remove('flapd.yaml')],
    ['policies.d is removed', () => remove('policies.d')],
    ['the directory is removed', () => rmSync(dir, { recursive: true })],
    ['all is removed, its parent too', () => rmSync(root, { recursive: true })],
    [
      'ten files are written at once',
      () => {
        for (let at = 0; at < 10; at += 1) put(`policies.d/${at}.yaml`);
      },
    ],
    [
      'the directory is replaced by another',
      () => {
        mkdirSync(path.join(root, 'new'));
        writeFileSync(path.join(root, 'new/flapd.yaml'), 'new');
        renameSync(dir, path.join(root, 'old'));
        renameSync(path.join(root, 'new'), dir);
      },
    ],
  ])('when %s; and what comes after that is noticed too', async (_what, change) => {
    expect(await callsFor(change)).toBe(1);
    expect(await callsFor(() => put('flapd.yaml', 'after'))).toBe(1);
    expect(await callsFor(() => put('policies.d/50-after.yaml'))).toBe(1);
    expect(await callsFor(() => put('policies.d/50-after.yaml', 'once more'))).toBe(1);
  });

  test('when a file in causes.d is written, changed and removed', async () => {
    expect(await callsFor(() => put('causes.d/10-a.yaml'))).toBe(1);
    expect(await callsFor(() => put('causes.d/10-a.yaml', 'y'))).toBe(1);
    expect(await callsFor(() => put('causes.d/.10-a.yaml.swp'))).toBe(0);
    expect(await callsFor(() => remove('causes.d/10-a.yaml'))).toBe(1);
  });

  test('when policies.d is removed and made anew, with files that come later', async () => {
    const change = async (): Promise<void> => {
      remove('policies.d');
      await delivered();
      mkdirSync(path.join(dir, 'policies.d'));
      await delivered();
      for (let at = 0; at < 3; at += 1) {
        vi.advanceTimersByTime(settleMs - 1);
        put(`policies.d/${at}.yaml`);
        await delivered();
      }
    };
    await change();
    expect(calls).toBe(0);
    expect(await callsFor(() => undefined)).toBe(1);
  });

  test('after ten settlings, when it never rests', async () => {
    for (let at = 0; at < 25; at += 1) {
      put('flapd.yaml', String(at));
      await delivered();
      vi.advanceTimersByTime(settleMs - 100);
      expect(calls).toBe(Math.floor(((at + 1) * (settleMs - 100)) / (10 * settleMs + 1)));
    }
    expect(await callsFor(() => undefined)).toBe(1);
  });
});

describe('nothing is read again', () => {
  test.each<[what: string, change: () => void]>([
    ['nothing happens', () => undefined],
    ['an editor keeps files of its own', () => put('.flapd.yaml.swp')],
    ['a backup is left', () => put('policies.d/10-a.yaml~')],
    ['a hidden file is written', () => put('policies.d/.10-a.yaml')],
    ['a lock is taken', () => symlinkSync('ann@host.1', path.join(dir, 'policies.d/.#10-a.yaml'))],
    ['something else lies there', () => put('README')],
    ['a file of secrets is changed', () => put('ops.headers')],
    ['a YAML lies beside flapd.yaml', () => put('other.yaml')],
    ['a folder is made', () => mkdirSync(path.join(dir, 'examples'))],
    ['a neighbour of the directory is made', () => writeFileSync(path.join(root, 'flapd.yaml'), 'x')],
  ])('when %s', async (_what, change) => {
    put('flapd.yaml');
    put('policies.d/10-a.yaml');
    start();
    expect(await callsFor(change)).toBe(0);
  });

  test('once it is closed', async () => {
    put('flapd.yaml');
    start();
    put('flapd.yaml', 'y');
    await delivered();
    watching?.close();
    put('flapd.yaml', 'z');
    await delivered();
    vi.advanceTimersByTime(minuteMs);
    expect({ calls, timers: vi.getTimerCount() }).toEqual({ calls: 0, timers: 0 });
  });
});

describe('a directory that comes later', () => {
  test('is noticed, whole', async () => {
    start();
    expect(await callsFor(() => put('flapd.yaml'))).toBe(1);
    expect(await callsFor(() => put('policies.d/1.yaml'))).toBe(1);
    expect(await callsFor(() => put('policies.d/1.yaml', 'y'))).toBe(1);
  });

  test('is noticed step by step, below parents that come later too', async () => {
    dir = path.join(root, 'a/b/flapd');
    start();
    for (const folder of ['a', 'a/b', 'a/b/flapd', 'a/b/flapd/policies.d']) {
      mkdirSync(path.join(root, folder));
      await delivered();
    }
    put('policies.d/1.yaml');
    expect(await callsFor(() => undefined)).toBe(1);
    expect(await callsFor(() => put('policies.d/1.yaml', 'y'))).toBe(1);
  });

  test('may take the place of a file', async () => {
    writeFileSync(dir, 'no folder');
    start();
    expect(
      await callsFor(() => {
        rmSync(dir);
        put('flapd.yaml');
      }),
    ).toBe(1);
    expect(await callsFor(() => put('flapd.yaml', 'y'))).toBe(1);
  });
});

describe('behind links', () => {
  /** As `ln -sfn` swaps them: one name, at once. */
  function link(target: string, name: string): void {
    symlinkSync(target, `${name}.tmp`);
    renameSync(`${name}.tmp`, name);
  }
  const made = (folder: string, files: readonly string[]): void => {
    for (const file of files) {
      mkdirSync(path.dirname(path.join(root, folder, file)), { recursive: true });
      writeFileSync(path.join(root, folder, file), folder);
    }
  };

  test('the directory is a link, which is pointed elsewhere', async () => {
    made('v1', ['flapd.yaml', 'policies.d/1.yaml']);
    made('v2', ['flapd.yaml', 'policies.d/1.yaml']);
    link('v1', dir);
    start();
    const other = (): void => writeFileSync(path.join(root, 'v2/policies.d/1.yaml'), 'y');
    expect(await callsFor(other)).toBe(0);
    expect(await callsFor(() => link(path.join(root, 'v2'), dir))).toBe(1);
    expect(await callsFor(other)).toBe(1);
    expect(await callsFor(() => rmSync(path.join(root, 'v1'), { recursive: true }))).toBe(0);
  });

  test('Kubernetes swaps ..data, and takes the old folder away', async () => {
    made('flapd/..1', ['flapd.yaml']);
    made('flapd/policies.d/..1', ['a.yaml', 'b.yaml']);
    for (const folder of [dir, path.join(dir, 'policies.d')]) {
      link('..1', path.join(folder, '..data'));
      for (const name of readdirSync(path.join(folder, '..1')))
        link(`..data/${name}`, path.join(folder, name));
    }
    start();
    const swap = (from: string, to: string): void => {
      made(`flapd/policies.d/${to}`, ['a.yaml', 'b.yaml']);
      link(to, path.join(dir, 'policies.d/..data'));
      rmSync(path.join(dir, 'policies.d', from), { recursive: true });
    };
    expect(await callsFor(() => swap('..1', '..2'))).toBe(1);
    expect(await callsFor(() => swap('..2', '..3'))).toBe(1);
    const inPlace = path.join(dir, 'policies.d/..3/b.yaml');
    expect(await callsFor(() => writeFileSync(inPlace, 'y'))).toBe(1);
  });

  test('a file is a link to another place, whose neighbours are nothing to it', async () => {
    made('repo', ['mine.yaml', 'other.yaml']);
    made('flapd', ['flapd.yaml']);
    mkdirSync(path.join(dir, 'policies.d'));
    link('../../repo/mine.yaml', path.join(dir, 'policies.d/1.yaml'));
    start();
    expect(await callsFor(() => made('repo', ['other.yaml']))).toBe(0);
    expect(await callsFor(() => made('repo', ['mine.yaml']))).toBe(1);
    expect(await callsFor(() => rmSync(path.join(root, 'repo'), { recursive: true }))).toBe(1);
    expect(await callsFor(() => made('repo', ['mine.yaml']))).toBe(1);
  });

  test('a file becomes a link', async () => {
    made('flapd', ['flapd.yaml']);
    made('repo', ['flapd.yaml']);
    start();
    expect(await callsFor(() => link('../repo/flapd.yaml', path.join(dir, 'flapd.yaml')))).toBe(1);
    expect(await callsFor(() => made('repo', ['flapd.yaml']))).toBe(1);
  });

  test('that lead in a circle, or nowhere, end', async () => {
    link('circle', path.join(root, 'circle'));
    link('circle', dir);
    start();
    rmSync(dir);
    expect(await callsFor(() => put('flapd.yaml'))).toBe(1);
    link('/nonexistent/flapd.yaml', path.join(dir, 'flapd.yaml'));
    expect([...planWatches(dir).keys()].sort()).toEqual(['/', dir]);
  });

  test('to too many places are watched in part, which is said once, and looked at each minute', async () => {
    for (let at = 0; at < 80; at += 1) {
      made(`repo${at}`, ['1.yaml']);
      mkdirSync(path.join(dir, 'policies.d'), { recursive: true });
      link(`../../repo${at}/1.yaml`, path.join(dir, `policies.d/${at}.yaml`));
    }
    start();
    vi.advanceTimersByTime(3 * (minuteMs + settleMs));
    expect(calls).toBe(3);
    expect(troubles).toEqual([
      `Cannot watch "${dir}" for changes of the configuration: its links lead to more than 64 folders; ` +
        'a reload (SIGHUP) reads them.',
    ]);
  });
});

test('the plan passes over what no watch is needed for', () => {
  put('flapd.yaml');
  put('policies.d/1.yaml');
  expect([...planWatches(dir).keys()]).toEqual([dir, path.join(dir, 'policies.d')]);
  expect([...planWatches(path.join(root, 'none/at/all')).entries()]).toEqual([
    [root, { turns: new Set(['none']), files: new Set(), hasPolicies: false }],
  ]);
  expect(existsSync(path.join(root, 'none'))).toBe(false);
});
