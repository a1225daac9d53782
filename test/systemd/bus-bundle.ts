import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';

export interface Program {
  readonly file: string;
  run(args: readonly string[], options?: { readonly uid?: number }): Promise<Ended>;
  remove(): void;
}

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that uses the bus, bundled as flapd is: what ends it ends nobody else. */
export async function bundleProgram(source: string): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'flapd-program-'));
  // Another user is to run it too.
  chmodSync(folder, 0o755);
  const outfile = join(folder, 'program.cjs');
  // Node opens its own streams when they are first looked at, and counts them among what is open.
  const opened = 'void [process.stdout, process.stderr];';
  const contents = `import { connectBus } from './bus.ts';\n${opened}\n(async () => {\n${source}\n})();`;
  const resolveDir = join(import.meta.dirname, '../../src/systemd');
  await build({
    stdin: { contents, resolveDir, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['x11', 'usocket'],
    logLevel: 'error',
  });
  return {
    file: outfile,
    run: async (args, options = {}) => {
      const child = spawn(process.execPath, [outfile, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        cwd: folder,
        ...options,
      });
      const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
      const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
      return { exitCode, stdout, stderr };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
