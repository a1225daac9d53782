import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

/** Debian releases a lab can boot besides the machine's own: systemd 257 and 262 at the time of writing. */
export type Suite = 'trixie' | 'forky';

const suites: readonly Suite[] = ['trixie', 'forky'];
const keptDays = 14;
const buildWithinMs = 15 * 60_000;

/** The root under test, chosen by FLAPD_LAB_ROOT: `host` (or `bookworm`: this machine's own), `trixie`, `forky`. */
export async function labRoot(): Promise<string> {
  const wanted = process.env['FLAPD_LAB_ROOT'] ?? 'host';
  if (wanted === 'host' || wanted === 'bookworm' || wanted === '/') return '/';
  const suite = suites.find((known) => known === wanted);
  if (suite === undefined) {
    throw new Error(`Cannot use FLAPD_LAB_ROOT "${wanted}": expected host, ${suites.join(' or ')}`);
  }
  return await ensureRoot(suite);
}

/** The folder of a minimal root of that release: built when there is none, or none younger than two weeks. */
export async function ensureRoot(suite: Suite): Promise<string> {
  const caches = cacheFolders();
  const fresh = caches.map((cache) => path.join(cache, suite)).find((folder) => ageDays(folder) < keptDays);
  if (fresh !== undefined) return fresh;
  const cache = caches.find((folder) => mayMake(folder));
  if (cache === undefined) throw new Error(`Cannot make "${caches.join('" or "')}": set FLAPD_LAB_CACHE`);
  const root = path.join(cache, suite);
  const complaint = await buildUnderLock(cache, suite);
  if (complaint === undefined) return root;
  if (!existsSync(root)) throw new Error(`Cannot build the root of ${suite}: ${complaint}`);
  process.stderr.write(`The root of ${suite} is ${Math.floor(ageDays(root))} days old: ${complaint}\n`);
  return root;
}

function cacheFolders(): string[] {
  const chosen = process.env['FLAPD_LAB_CACHE'];
  if (chosen !== undefined && chosen !== '') return [chosen];
  const own = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  return ['/var/cache/flapd-lab', path.join(own, 'flapd-lab')];
}

function mayMake(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function ageDays(folder: string): number {
  const { mtimeMs } = statSync(folder, { throwIfNoEntry: false }) ?? { mtimeMs: -Infinity };
  return (Date.now() - mtimeMs) / 86_400_000;
}

/**
 * Who waited for the lock finds the work done. A root becomes visible by one rename, so one that was interrupted is
 * never used; the last one stays until the next build, for labs that still run on it.
 */
const build = `set -eu
umask 022
suite=$1 days=$2
[ -z "$(find "$suite" -maxdepth 0 -mtime "-$days" 2>/dev/null)" ] || exit 0
rm -rf --one-file-system "$suite.new" "$suite.old"
mmdebstrap --quiet --aptopt='Acquire::Check-Valid-Until "false"' --variant=minbase \\
  --include=systemd,systemd-sysv,dbus,procps,nodejs "$suite" "$suite.new"
touch "$suite.new"
[ ! -e "$suite" ] || mv "$suite" "$suite.old"
mv "$suite.new" "$suite"`;

/** What went wrong, if anything did. */
async function buildUnderLock(cache: string, suite: Suite): Promise<string | undefined> {
  const command = ['sh', '-c', build, 'sh', suite, String(keptDays)];
  const child = spawn('flock', [`${suite}.lock`, ...command], {
    cwd: cache,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: buildWithinMs,
  });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code));
  });
  const [code, stderr] = await Promise.all([exit, text(child.stderr)]);
  if (code === 0) return undefined;
  if (stderr.includes('mmdebstrap: not found')) return 'mmdebstrap is missing: apt-get install mmdebstrap';
  if (stderr.includes('unable to pick chroot mode')) {
    return 'an ordinary user can not build it: run "npm run test:matrix" once as root';
  }
  if (code === null) return `it took more than ${buildWithinMs / 60_000} minutes`;
  return `mmdebstrap ended with ${code}\n${stderr.trim().split('\n').slice(-5).join('\n')}`;
}
