import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { buffer } from 'node:stream/consumers';

export interface LabUser {
  readonly uid: number;
  readonly gid: number;
}

export interface SpawnInLabOptions {
  /** Added to PATH, HOME and LANG; nothing of this process's own environment gets in. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdio?: StdioOptions;
  /** Who runs it; the lab's root when left out. */
  readonly user?: LabUser;
}

export interface ExecInLabOptions extends Pick<SpawnInLabOptions, 'env' | 'user'> {
  readonly timeoutMs?: number;
  readonly input?: string | Uint8Array;
}

export interface ExecResult {
  /** As a shell counts: 127 when there is no such program, 128 + n when signal n killed it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Exec = (argv: readonly string[], options?: ExecInLabOptions) => Promise<ExecResult>;

const defaultTimeoutMs = 30_000;
const baseEnv = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
};

/** Else files written in the lab would have the modes that whoever runs the tests is used to. */
const commonUmask = ['sh', '-c', 'umask 022; exec "$@"', 'sh'];

/** By PID 1 of the lab they are in. */
const entered = new Map<number, Set<ChildProcess>>();

/**
 * Starts a program in the lab whose PID 1 is `leader`. The child is nsenter, which waits outside the lab for the
 * program inside: signals sent with `kill()` reach the program, and the program never outlives the child.
 */
export function spawnInLab(
  leader: number,
  argv: readonly string[],
  options: SpawnInLabOptions = {},
): ChildProcess {
  const { user } = options;
  const identity = user === undefined ? [] : [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
  const enter = ['--target', String(leader), ...namespacesOf(leader), '--'];
  // Neither clocks nor kernel modules are the lab's own: keep.sh takes the same two from its PID 1.
  const setpriv = [
    'setpriv',
    '--bounding-set=-sys_time,-sys_module',
    ...identity,
    '--pdeathsig',
    'KILL',
    '--',
  ];
  const child = spawn('nsenter', [...enter, ...setpriv, ...commonUmask, ...argv], {
    env: { ...baseEnv, ...options.env },
    stdio: options.stdio ?? ['ignore', 'pipe', 'pipe'],
    // As a session of its own it is spared the terminal's Ctrl-C, which would kill nsenter and orphan the program.
    detached: true,
  });
  const killOutside = child.kill.bind(child);
  child.kill = (signal = 'SIGTERM') => {
    const inside = child.exitCode === null && child.signalCode === null ? onlyChildOf(child.pid) : undefined;
    // Before nsenter has forked there is nobody inside to be told.
    if (inside === undefined || child.pid === undefined) return killOutside(signal);
    const sent = signalProcess(inside, signal);
    // nsenter stops itself when its program is stopped, and would then see nothing of the program's end.
    if (signal !== 'SIGSTOP') signalProcess(child.pid, 'SIGCONT');
    return sent;
  };
  const children = entered.get(leader) ?? new Set();
  entered.set(leader, children.add(child));
  child.once('exit', () => children.delete(child));
  return child;
}

/**
 * Kills what was started in the lab from outside. To be done before the lab is ended: its PID 1 can't end before all of
 * its processes are reaped, these are reaped by nsenter, and nsenter stops itself when systemd-shutdown stops them.
 */
export function killEntered(leader: number): void {
  for (const child of entered.get(leader) ?? []) child.kill('SIGKILL');
  entered.delete(leader);
}

/** Runs a program in the lab to its end, or kills it when its time is over. */
export async function execInLab(
  leader: number,
  argv: readonly string[],
  options: ExecInLabOptions = {},
): Promise<ExecResult> {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const child = spawnInLab(leader, argv, { ...options, stdio: 'pipe' });
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('spawn gave no pipes');
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
    // What the program left running in the background may hold the pipes open for ever.
    stdout.destroy();
    stderr.destroy();
  }, timeoutMs);
  stdin.on('error', () => {
    // The program ended without reading its input: its exit code tells more than EPIPE does.
  });
  stdin.end(options.input);
  const exit = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  try {
    const [code, out, err] = await Promise.all([exit, buffer(stdout), buffer(stderr)]);
    if (!late) return { code, stdout: out.toString(), stderr: err.toString() };
  } catch (error) {
    if (!late) throw error;
  } finally {
    clearTimeout(timer);
  }
  throw new Error(`"${argv.join(' ')}" did not end within ${timeoutMs} ms in the lab`);
}

const namespaces = {
  // Kept credentials are the lab's root already; to set them anew is refused.
  user: ['--user', '--preserve-credentials'],
  mnt: ['--mount'],
  uts: ['--uts'],
  ipc: ['--ipc'],
  net: ['--net'],
  pid: ['--pid'],
  cgroup: ['--cgroup'],
};

/** Those that differ from this process's: to enter its own again is refused to an ordinary user, so no `--all`. */
function namespacesOf(leader: number): string[] {
  return Object.entries(namespaces)
    .filter(([file]) => readlinkSync(`/proc/${leader}/ns/${file}`) !== readlinkSync(`/proc/self/ns/${file}`))
    .flatMap(([, options]) => options);
}

/** nsenter's child; the kernel lists it where it was built with CONFIG_PROC_CHILDREN, as Debian's is. */
function onlyChildOf(pid: number | undefined): number | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return children === '' ? undefined : Number(children.split(' ')[0]);
  } catch {
    return undefined;
  }
}

/** False where there is no such process any more. */
export function signalProcess(pid: number, signal: NodeJS.Signals | number): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
