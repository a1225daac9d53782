import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The hierarchies of cgroup v1 that have the controllers of memory and tasks where v2 has none to give: then the systemd of
 * a lab sets no limits, and the kernel can hold its services to them all the same.
 */
const folders = { memory: '/sys/fs/cgroup/memory', pids: '/sys/fs/cgroup/pids' } as const;

export const noOldHierarchies = Object.values(folders).every(mayWrite)
  ? undefined
  : ' (skipped: cgroup v1 has no controllers here for this user; where v2 has them systemd sets the limits)';

function mayWrite(folder: string): boolean {
  try {
    accessSync(path.join(folder, 'cgroup.procs'), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Limits {
  readonly memoryBytes: number;
  readonly tasks: number;
}

export interface Held {
  /** Processes that are held, with their children. */
  processes(): number;
  /** How often the kernel has refused memory or a task. */
  refusals(): number;
  /** Lets go of those that are left. */
  release(): void;
}

/** Holds all processes of a service, and what they start from now on, to these limits. */
export function holdToLimits(leader: number, unit: string, { memoryBytes, tasks }: Limits): Held {
  const name = `flapd-test-${process.pid}`;
  const [memory, pids] = [folders.memory, folders.pids].map((folder) => path.join(folder, name));
  if (memory === undefined || pids === undefined) throw new Error('two folders are two');
  for (const folder of [memory, pids]) mkdirSync(folder);
  writeFileSync(path.join(memory, 'memory.limit_in_bytes'), String(memoryBytes));
  writeFileSync(path.join(pids, 'pids.max'), String(tasks));
  const move = (from: string, to: readonly string[]): void => {
    for (const pid of processesIn(from))
      for (const folder of to) writeFileSync(path.join(folder, 'cgroup.procs'), pid);
  };
  move(cgroupOf(leader, unit), [memory, pids]);
  return {
    processes: () => processesIn(memory).length,
    refusals: () => {
      const [, refused = ''] =
        /^max (\d+)$/m.exec(readFileSync(path.join(pids, 'pids.events'), 'utf8')) ?? [];
      return Number(readFileSync(path.join(memory, 'memory.failcnt'), 'utf8')) + Number(refused);
    },
    release: () => {
      move(memory, Object.values(folders));
      for (const folder of [memory, pids]) rmdirSync(folder);
    },
  };
}

function processesIn(folder: string): readonly string[] {
  return readFileSync(path.join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
}

/** Where the host sees the cgroup of a service in the lab: beside that of the lab's PID 1, which is in init.scope. */
function cgroupOf(leader: number, unit: string): string {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const hierarchy = mounts.find((mount) => mount.includes(' - cgroup2 '))?.split(' ')[4];
  const scope = /^0::(.*)$/m.exec(readFileSync(`/proc/${leader}/cgroup`, 'utf8'))?.[1];
  if (hierarchy === undefined || scope === undefined) throw new Error('a lab is in a cgroup of v2');
  return path.join(hierarchy, path.dirname(scope), 'system.slice', unit);
}
