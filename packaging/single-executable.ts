import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inCheckout } from './checkout.ts';
import { bundle } from './bundle.ts';

export type Architecture = 'amd64' | 'arm64';

/** As npm, and as GNU, call the machines. */
const names: Readonly<Record<Architecture, { readonly npm: 'x64' | 'arm64'; readonly gnu: string }>> = {
  amd64: { npm: 'x64', gnu: 'x86_64-linux-gnu' },
  arm64: { npm: 'arm64', gnu: 'aarch64-linux-gnu' },
};

/** Of nodejs.org/api/single-executable-applications.html: the byte behind it says that there is a program. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** Node for both machines, from npm's registry as packaging/runtime/package-lock.json has it. Answers its folder. */
export function fetchRuntime(folder: string): string {
  const runtime = path.join(folder, 'runtime');
  cpSync(inCheckout('packaging/runtime'), runtime, { recursive: true });
  // --force: one of the two is for another machine than this.
  execFileSync('npm', ['ci', '--force', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: runtime,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return path.join(runtime, 'node_modules');
}

/** What is in `dist/`, and Node for that machine, in one file. */
export function buildSingleExecutable(runtime: string, architecture: Architecture, folder: string): string {
  const { npm, gnu } = names[architecture];
  const executable = path.join(folder, `flapd-${architecture}`);
  rmSync(executable, { force: true });
  copyFileSync(path.join(runtime, `node-linux-${npm}/bin/node`), executable);
  chmodSync(executable, 0o755);
  run(`${gnu}-strip`, [executable], `apt-get install binutils-${gnu.replace('_', '-')}`);
  inject(runtime, executable, blobOf(runtime, folder));
  return executable;
}

/** Both programs; by which name the executable was started says which one runs. */
function bothPrograms(): string {
  const [flapd, apply] = ['flapd.cjs', 'flapd-apply.cjs'].map(
    (file) => `(function () {\n${bundle(file).replace(/^#!.*\n/, '')}})();`,
  );
  return `if (require('node:path').basename(process.argv0) === 'flapd-apply') ${apply}\nelse ${flapd}\n`;
}

/** The same for each machine, since it holds neither compiled code nor a snapshot. */
function blobOf(runtime: string, folder: string): string {
  const settings = path.join(folder, 'sea.json');
  const main = path.join(folder, 'sea.cjs');
  const output = path.join(folder, 'sea.blob');
  writeFileSync(main, bothPrograms());
  const sea = { main: 'sea.cjs', output: 'sea.blob', disableExperimentalSEAWarning: true };
  writeFileSync(settings, JSON.stringify({ ...sea, useSnapshot: false, useCodeCache: false }));
  const own = path.join(runtime, `node-linux-${process.arch}/bin/node`);
  if (!existsSync(own)) throw new Error(`Cannot build on ${process.arch}: expected x64 or arm64`);
  execFileSync(own, ['--experimental-sea-config', settings], { cwd: folder, stdio: 'ignore' });
  return output;
}

function inject(runtime: string, executable: string, blob: string): void {
  const postject = path.join(runtime, 'postject/dist/cli.js');
  // Its warnings are about sections that strip has left without a name.
  execFileSync(process.execPath, [postject, executable, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', fuse], {
    stdio: 'ignore',
  });
}

function run(program: string, argv: readonly string[], hint: string): void {
  try {
    execFileSync(program, argv, { stdio: ['ignore', 'ignore', 'inherit'] });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new Error(`Cannot run "${program}": it is missing. Try: ${hint}`, { cause: error });
    throw error;
  }
}
