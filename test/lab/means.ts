import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What a lab stands on. `cgroupParent` is the folder its cgroup goes into; `scope`: systemd-run must make one first. */
export interface LabMeans {
  readonly ok: true;
  readonly rootless: boolean;
  readonly cgroupParent: string;
}

export interface NoLabMeans {
  readonly ok: false;
  /** One line: what is missing, and what to do about it. */
  readonly missing: string;
}

let known: LabMeans | NoLabMeans | undefined;

/** Whether a lab can be booted here. Found out once per process, by trying: about 40 ms. */
export function labMeans(): LabMeans | NoLabMeans {
  known ??= findMeans();
  return known;
}

const namespaces = ['--mount', '--uts', '--ipc', '--pid', '--fork', '--cgroup', '--net'];
const systemdRun = ['--user', '--scope', '--quiet', '--collect', '-p', 'Delegate=yes', '--'];
/** The mounts boot.sh can't do without. They land in the trial's own namespace, over `$1`, and end with it. */
const trial = `mount -n -t tmpfs lab "$1" && cd "$1" && mkdir upper work root proc &&
  mount -n -t overlay -o "lowerdir=/usr,upperdir=$1/upper,workdir=$1/work$2" lab root &&
  mount -n -t proc -o nosuid,nodev,noexec proc proc`;

function findMeans(): LabMeans | NoLabMeans {
  if (process.platform !== 'linux') return missing(`Linux; this is ${process.platform}`);
  for (const [program, debianPackage] of needed) {
    if (!isInstalled(program)) return missing(`${program}: apt-get install ${debianPackage}`);
  }
  const hierarchy = cgroupHierarchy();
  if (hierarchy === undefined) return missing('cgroup v2: mount -t cgroup2 cgroup2 /sys/fs/cgroup');
  // Root in a container may be root in name only.
  const asRoot = process.getuid?.() === 0 && tryMounts([], '');
  const rootless = !asRoot;
  if (rootless && !tryMounts(['--user', '--map-root-user'], ',userxattr')) {
    return missing('root, or namespaces for ordinary users: run as root (in docker: --privileged)');
  }
  const cgroupParent = rootless ? delegatedCgroup(hierarchy) : hierarchy;
  if (cgroupParent === 'scope' || (cgroupParent !== undefined && mayCreateCgroup(cgroupParent))) {
    return { ok: true, rootless, cgroupParent };
  }
  return missing(`a cgroup that user ${process.getuid?.()} may divide below ${hierarchy}: run as root`);
}

const needed = [
  ['/usr/lib/systemd/systemd', 'systemd'],
  ['/usr/lib/systemd/systemd-journald', 'systemd'],
  ['busctl', 'systemd'],
  ['dbus-daemon', 'dbus'],
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['setpriv', 'util-linux'],
  ['pivot_root', 'util-linux-extra'], // before forky in util-linux
  ['bash', 'bash'],
] as const;

function missing(what: string): NoLabMeans {
  return { ok: false, missing: `the lab needs ${what}` };
}

function isInstalled(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return program.startsWith('/')
    ? existsSync(program)
    : folders.some((folder) => existsSync(path.join(folder, program)));
}

/** Where cgroup v2 is mounted: /sys/fs/cgroup, or /sys/fs/cgroup/unified beside the old hierarchies. */
function cgroupHierarchy(): string | undefined {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return mounts.find((mount) => mount.includes(' - cgroup2 '))?.split(' ')[4];
}

/** A new one from this user's systemd; where there is none, this process's own. */
function delegatedCgroup(hierarchy: string): string | undefined {
  if (succeeds('systemd-run', [...systemdRun, 'true'])) return 'scope';
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  return own === undefined ? undefined : path.join(hierarchy, own);
}

function mayCreateCgroup(parent: string): boolean {
  const probe = path.join(parent, `flapd-lab-probe-${process.pid}`);
  try {
    // A process moves between two cgroups only by leave of the folder above both.
    accessSync(path.join(parent, 'cgroup.procs'), constants.W_OK);
    mkdirSync(probe);
    rmdirSync(probe);
    return true;
  } catch {
    return false;
  }
}

function tryMounts(identity: readonly string[], overlayOption: string): boolean {
  return succeeds('unshare', [...identity, ...namespaces, 'sh', '-c', trial, 'sh', tmpdir(), overlayOption]);
}

function succeeds(program: string, argv: readonly string[]): boolean {
  return spawnSync(program, argv, { stdio: 'ignore', timeout: 5000 }).status === 0;
}

/** What to put before a command so that it runs in a cgroup this user may divide. */
export function scopePrefix(means: LabMeans): readonly string[] {
  return means.cgroupParent === 'scope' ? ['systemd-run', ...systemdRun] : [];
}
