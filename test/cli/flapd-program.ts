import { spawn, type SpawnOptions } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';

export interface FlapdProgram {
  /** The bundle, which any user may run. */
  readonly file: string;
  readonly folder: string;
  run(argv: readonly string[], options?: SpawnOptions): Promise<Ended>;
  remove(): void;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** flapd as it is shipped, from the sources as they are: a program of its own, so that its end is nobody else's. */
export async function buildFlapd(): Promise<FlapdProgram> {
  const folder = mkdtempSync(path.join(tmpdir(), 'flapd-cli-'));
  chmodSync(folder, 0o755);
  const file = path.join(folder, 'flapd.cjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, '../../src/main.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['x11', 'usocket'],
    logLevel: 'error',
  });
  return {
    file,
    folder,
    run: (argv, options) => runProgram([process.execPath, file, ...argv], { cwd: folder, ...options }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A program to its end. It inherits nothing of what could make this test another one. */
export async function runProgram(
  [command = '', ...argv]: readonly string[],
  options: SpawnOptions = {},
): Promise<Ended> {
  const { PATH } = process.env;
  const child = spawn(command, argv, { env: { PATH }, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [stdout, stderr, code] = await Promise.all([
    child.stdout === null ? '' : text(child.stdout),
    child.stderr === null ? '' : text(child.stderr),
    ended,
  ]);
  return { code, stdout, stderr };
}
