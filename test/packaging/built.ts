import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { checkout } from '../lab/keeper.ts';

const { version } = JSON.parse(readFileSync(path.join(checkout, 'package.json'), 'utf8')) as {
  version: string;
};

export const buildFolder = path.join(checkout, 'build');
const machine = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** The packages by what they are, as file names in the folder `build/`. */
export const packages = {
  nodejs: `flapd-nodejs_${version}_all.deb`,
  selfContained: `flapd_${version}_${machine}.deb`,
  otherMachine: `flapd_${version}_${machine === 'amd64' ? 'arm64' : 'amd64'}.deb`,
  tarball: `flapd-${version}.tar.gz`,
  npm: `flapd-${version}.tgz`,
} as const;

/** Why these can't be tested: one that is older than the program would be a test of the past. */
export function whyNotBuilt(...files: readonly string[]): string | undefined {
  const programMs = statSync(path.join(checkout, 'dist/flapd.cjs'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  for (const file of files) {
    const built = path.join(buildFolder, file);
    if (!existsSync(built)) return `there is no build/${file}: npm run package`;
    if (statSync(built).mtimeMs < programMs) return `build/${file} is older than dist/: npm run package`;
  }
  return undefined;
}
