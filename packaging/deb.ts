import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { manifest, textOf } from './checkout.ts';
import { startedUnits } from './payload.ts';
import { gzipped, type Tree, writeTree } from './tree.ts';

export interface Package {
  readonly name: string;
  readonly architecture: 'all' | 'amd64' | 'arm64';
  readonly depends: readonly string[];
  /** The other flavour. */
  readonly conflicts: string;
  readonly provides?: string;
  /** What it is, after what flapd is. */
  readonly flavour: string;
  readonly tree: Tree;
  /** Each with its reason. */
  readonly lintianOverrides?: string;
}

const maintainer = 'flapd maintainers <maintainers@flapd.example>';

/** Builds NAME_VERSION_ARCH.deb in `folder`; the same content at the same `seconds` gives the same bytes. */
export function buildDeb(folder: string, deb: Package, seconds: number): string {
  const root = path.join(folder, `${deb.name}_${deb.architecture}`);
  const file = `${deb.name}_${manifest.version}_${deb.architecture}.deb`;
  const doc = `usr/share/doc/${deb.name}`;
  const tree: Tree = {
    ...deb.tree,
    [`${doc}/changelog.gz`]: { content: gzipped(changelog(deb.name, seconds)) },
    ...(deb.lintianOverrides !== undefined && {
      [`usr/share/lintian/overrides/${deb.name}`]: { content: deb.lintianOverrides },
    }),
  };
  const control: Tree = {
    'DEBIAN/control': { content: controlOf(deb, tree) },
    'DEBIAN/conffiles': { content: conffilesOf(tree) },
    'DEBIAN/md5sums': { content: sumsOf(tree) },
    'DEBIAN/triggers': { content: textOf('packaging/debian/triggers') },
    ...Object.fromEntries(
      ['postinst', 'prerm', 'postrm'].map((name) => [
        `DEBIAN/${name}`,
        {
          content: textOf('packaging/debian', name).replaceAll('@UNITS@', startedUnits().join(' ')),
          mode: 0o755,
        },
      ]),
    ),
  };
  rmSync(root, { recursive: true, force: true });
  writeTree(root, { ...tree, ...control }, seconds);
  // Whether there is one thread or several shows in what xz writes; how many does not.
  execFileSync(
    'dpkg-deb',
    ['--root-owner-group', '--threads-max=2', '-Zxz', '--build', root, path.join(folder, file)],
    {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(seconds), TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  rmSync(root, { recursive: true });
  return file;
}

function controlOf(
  { name, architecture, depends, conflicts, provides, flavour }: Package,
  tree: Tree,
): string {
  const bytes = contentsOf(tree).reduce((sum, [, content]) => sum + Math.ceil(content.length / 1024), 0);
  return [
    `Package: ${name}`,
    `Version: ${manifest.version}`,
    `Architecture: ${architecture}`,
    `Maintainer: ${maintainer}`,
    `Installed-Size: ${bytes}`,
    `Depends: ${depends.join(', ')}`,
    `Conflicts: ${conflicts}`,
    `Replaces: ${conflicts}`,
    ...(provides === undefined ? [] : [`Provides: ${provides}`]),
    'Section: admin',
    'Priority: optional',
    'Description: monitor of restart loops of systemd services',
    ' flapd notices when a service is caught in a restart loop, also a slow one that',
    " systemd's own start limit can never see, and says so once, with its numbers: in",
    ' the log, by webhook, Alertmanager, mail or command. It serves metrics for',
    ' Prometheus and a status page.',
    ' .',
    ...flavour.split('\n').map((line) => ` ${line}`),
    '',
  ].join('\n');
}

/** Debian's format (deb-changelog(5)), from the lines of CHANGELOG.md below the version. */
function changelog(name: string, seconds: number): string {
  const [, entry = ''] = textOf('CHANGELOG.md').split(`## ${manifest.version}\n`);
  const lines = (entry.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('- '));
  const date = new Date(seconds * 1000).toUTCString().replace('GMT', '+0000');
  return [
    `${name} (${manifest.version}) stable; urgency=medium`,
    '',
    ...lines.map((line) => `  * ${folded(line.slice(2))}`),
    '',
    ` -- ${maintainer}  ${date}`,
    '',
  ].join('\n');
}

function folded(text: string): string {
  return text.replaceAll(/(.{1,74})(?: |$)/g, '$1\n    ').trimEnd();
}

function conffilesOf(tree: Tree): string {
  const files = contentsOf(tree).map(([file]) => file);
  return files
    .filter((file) => file.startsWith('etc/'))
    .map((file) => `/${file}\n`)
    .join('');
}

function sumsOf(tree: Tree): string {
  const sums = contentsOf(tree).filter(([file]) => !file.startsWith('etc/'));
  return sums
    .map(([file, content]) => `${createHash('md5').update(content).digest('hex')}  ${file}\n`)
    .join('');
}

function contentsOf(tree: Tree): readonly (readonly [file: string, content: string | Uint8Array])[] {
  return Object.entries(tree).flatMap(([file, entry]) =>
    entry !== 'folder' && 'content' in entry ? [[file, entry.content] as const] : [],
  );
}
