import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loopingJournal } from '../cli/looping-journal.ts';
import { checkout } from '../lab/keeper.ts';
import { buildFolder, packages, whyNotBuilt } from './built.ts';

const manifest = JSON.parse(readFileSync(path.join(checkout, 'package.json'), 'utf8')) as {
  version: string;
  engines: { node: string };
};

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const built = (file: string): string => path.join(buildFolder, file);

/** The C and C++ libraries of arm64, as Debian has them for cross-compiling: all that the program may ask for there. */
const librariesThere = '/usr/aarch64-linux-gnu';
const whyNotEmulated =
  process.arch === 'x64' && has('qemu-aarch64') && existsSync(`${librariesThere}/lib/libstdc++.so.6`)
    ? undefined
    : ' (skipped: needs amd64 and the packages qemu-user and libstdc++6-arm64-cross)';

/** A describe of these packages; where they are not built it says so. */
function describeBuilt(title: string, files: readonly string[], define: () => void): void {
  const why = whyNotBuilt(...files);
  describe.skipIf(why !== undefined)(`${title}${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
    define();
  });
}

const debs = [packages.nodejs, packages.selfContained];

describeBuilt('the Debian packages', debs, () => {
  const field = (file: string, name: string): string =>
    execFileSync('dpkg-deb', ['--field', built(file), name], { encoding: 'utf8' }).trim();

  test.skipIf(!has('lintian')).each(debs)(
    'lintian finds nothing in %s (needs the package lintian)',
    { timeout: 120_000 },
    (file) => {
      const argv = ['--fail-on', 'error,warning', '--tag-display-limit', '0', built(file)];
      const { status, stdout } = spawnSync('lintian', argv, { encoding: 'utf8' });
      expect(stdout).toBe('');
      expect(status).toBe(0);
    },
  );

  test('do not go together, and ask for what they run on', () => {
    const [nodejs = '', selfContained = ''] = debs;
    expect(field(nodejs, 'Conflicts')).toBe('flapd');
    expect(field(selfContained, 'Conflicts')).toBe('flapd-nodejs');
    expect(field(nodejs, 'Depends')).toContain(`nodejs (${manifest.engines.node.replace('>=', '>= ')})`);
    expect(field(selfContained, 'Depends')).not.toContain('nodejs');
  });

  test('hold no tree of modules, and mark what an administrator edits', () => {
    for (const file of debs) {
      const listed = execFileSync('dpkg-deb', ['--contents', built(file)], { encoding: 'utf8' });
      expect(listed).not.toContain('node_modules');
      for (const each of ['flapd', 'flapd-apply', 'flapd-mail.cjs', 'flapd-re2.cjs'])
        expect(listed).toContain(` ./usr/lib/flapd/${each}`);
      expect(listed).not.toMatch(/^\S+ (?!root\/root)/m);
      const conffiles = execFileSync('dpkg-deb', ['--info', built(file), 'conffiles'], { encoding: 'utf8' });
      expect(conffiles).toBe('/etc/flapd/flapd.yaml\n');
    }
  });
});

describeBuilt('the package for the other machine', [packages.otherMachine], () => {
  test('is for that one', () => {
    const file = packages.otherMachine;
    const unpack = `dpkg-deb --fsys-tarfile "$1" | tar -xO ./usr/lib/flapd/flapd`;
    const program = execFileSync('sh', ['-c', unpack, 'sh', built(file)], { maxBuffer: 2 ** 28 });
    // Of elf(5): e_machine.
    const machines = { 62: 'amd64', 183: 'arm64' } as Readonly<Record<number, string>>;
    expect(file).toContain(`_${machines[program.readUInt16LE(18)]}.deb`);
    expect(program.includes('NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1')).toBe(true);
  });

  test.skipIf(whyNotEmulated !== undefined)(
    `runs there, and answers as it does here${whyNotEmulated ?? ''}`,
    { timeout: 120_000 },
    () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'flapd-emulated-'));
      try {
        execFileSync('dpkg-deb', ['--extract', built(packages.otherMachine), folder]);
        writeFileSync(path.join(folder, 'journal.json'), loopingJournal('loop.service', 10));
        const there = ['qemu-aarch64', '-L', librariesThere, 'usr/lib/flapd/flapd'];
        const here = [process.execPath, path.join(checkout, 'dist/flapd.cjs')];
        for (const argv of [['--version'], ['check', 'etc/flapd'], ['replay', '--json', 'journal.json']]) {
          const [emulated, own] = [there, here].map(([program = '', ...before]) => {
            const { status, stdout, stderr } = spawnSync(program, [...before, ...argv], {
              cwd: folder,
              encoding: 'utf8',
            });
            return { status, stdout, stderr };
          });
          expect(own?.stdout).not.toBe('');
          expect(emulated).toEqual(own);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

describeBuilt('the packages for other systems', [packages.npm, packages.tarball], () => {
  test('npm installs a program that runs, and nothing beside it', { timeout: 60_000 }, () => {
    const prefix = mkdtempSync(path.join(tmpdir(), 'flapd-npm-'));
    try {
      const argv = ['install', '--global', '--offline', '--no-audit', '--no-fund', '--prefix', prefix];
      execFileSync('npm', [...argv, built(packages.npm)], { stdio: 'ignore' });
      expect(readdirSync(path.join(prefix, 'lib/node_modules'))).toEqual(['flapd']);
      const flapd = path.join(prefix, 'bin/flapd');
      expect(execFileSync(flapd, ['--version'], { encoding: 'utf8' })).toBe(`flapd ${manifest.version}\n`);
    } finally {
      rmSync(prefix, { recursive: true });
    }
  });

  test('the tarball says how it is installed, and has all that this takes', () => {
    const name = `flapd-${manifest.version}`;
    const list = execFileSync('tar', ['-tf', built(packages.tarball)], { encoding: 'utf8' }).split('\n');
    const read = ['-xOf', built(packages.tarball), `${name}/INSTALL.md`];
    const install = execFileSync('tar', read, { encoding: 'utf8' });
    for (const file of install.match(/(?<= )\/usr\/share\/\S+/g) ?? [])
      expect(list).toContain(`${name}${file}`);
    for (const file of [
      'usr/bin/flapd',
      'usr/lib/systemd/system/flapd.service',
      'usr/lib/sysusers.d/flapd.conf',
    ])
      expect(list).toContain(`${name}/${file}`);
  });
});

const man = path.join(checkout, 'man');

test.skipIf(!has('man')).each(readdirSync(man))(
  'man has no warning about %s (needs the package man-db)',
  (page) => {
    const argv = ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', path.join(man, page)];
    const { status, stderr } = spawnSync('man', argv, {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8', MANROFFSEQ: '', MANWIDTH: '80' },
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  },
);
