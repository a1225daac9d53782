import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundle, filesBeside } from './bundle.ts';
import { inCheckout, manifest, textOf } from './checkout.ts';
import { documentation, payload } from './payload.ts';
import { filesIn, gzipped, type Tree, writeTree } from './tree.ts';

const install = `# flapd for any distribution with systemd and Node ${manifest.engines.node}

    cp -R usr etc /
    systemd-sysusers flapd.conf
    # systemd 254 and later:
    install -D -t /etc/systemd/system/flapd.service.d /usr/share/flapd/systemd/10-v254.conf
    systemctl daemon-reload
    systemctl enable --now flapd.service

To remove it: \`systemctl disable --now flapd.service\`, then the files that \`tar -tf\` lists, /var/lib/flapd, and the user flapd.
`;

/** What the packages hold, for other distributions: flapd-VERSION.tar.gz. */
export function buildTarball(folder: string, onNode: Tree, licences: string, seconds: number): string {
  const name = `flapd-${manifest.version}`;
  const doc = 'usr/share/doc/flapd';
  const tree: Tree = {
    ...payload(),
    ...onNode,
    ...documentation(doc),
    [`${doc}/copyright`]: { content: licences },
    [`${doc}/CHANGELOG.md`]: { content: textOf('CHANGELOG.md') },
    'INSTALL.md': { content: install },
  };
  const root = path.join(folder, name);
  rmSync(root, { recursive: true, force: true });
  writeTree(root, tree, seconds);
  const plain = path.join(folder, `${name}.tar`);
  const order = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', `--mtime=@${seconds}`];
  execFileSync('tar', [...order, '--format=ustar', '-cf', plain, '-C', folder, name]);
  writeFileSync(`${plain}.gz`, gzipped(readFileSync(plain)));
  rmSync(plain);
  rmSync(root, { recursive: true });
  return `${name}.tar.gz`;
}

/** For `npx flapd`: the program and nothing to install beside it. npm gives all files one age of its own. */
export function buildNpmPackage(folder: string, licences: string, seconds: number): string {
  const { version, description, license, engines } = manifest;
  const npm = {
    name: 'flapd',
    version,
    description,
    license,
    engines,
    os: ['linux'],
    bin: { flapd: 'flapd.cjs' },
    man: ['man/flapd.8', 'man/flapd.yaml.5', 'man/flapd-policies.5'],
  };
  const tree: Tree = {
    'package.json': { content: `${JSON.stringify(npm, undefined, 2)}\n` },
    'flapd.cjs': { content: bundle('flapd.cjs'), mode: 0o755 },
    ...filesBeside(''),
    ...filesIn(inCheckout('man'), 'man'),
    ...filesIn(inCheckout('schema'), 'schema'),
    'README.md': { content: textOf('README.md') },
    'CHANGELOG.md': { content: textOf('CHANGELOG.md') },
    LICENSE: { content: licences },
  };
  const root = path.join(folder, 'npm');
  rmSync(root, { recursive: true, force: true });
  writeTree(root, tree, seconds);
  execFileSync('npm', ['pack', root, '--pack-destination', folder, '--loglevel=error'], { stdio: 'ignore' });
  rmSync(root, { recursive: true });
  return `flapd-${version}.tgz`;
}
