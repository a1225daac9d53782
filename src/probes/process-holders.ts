import { codeOf } from '../kit/errors.ts';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { plainText } from '../core/log-text.ts';
import { Limit } from '../kit/limit.ts';
import { unitOfCgroup } from './unit-of-cgroup.ts';

/** Processes looked through at a time: their descriptors are many small reads. */
const width = 8;
/** A program with more open files than that would take the second by itself. */
const mostDescriptors = 5000;

export interface Holder {
  readonly pid: number;
  readonly process: string;
  readonly unit?: string;
  readonly since?: string;
}

export interface Held {
  /** By inode of the socket: the first process that has it open. */
  readonly holders: ReadonlyMap<number, Holder>;
  /** No process was passed over: who is not in here had none of them open. */
  readonly sawAll: boolean;
}

/** Who has these sockets open, as far as this user may look into processes. */
export async function holdersOf(inodes: ReadonlySet<number>, signal: AbortSignal): Promise<Held> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = new Map<number, number>();
  // Of others' processes hidepid= (proc(5)) may not even tell that they are there.
  let sawAll = process.getuid?.() === 0;
  const limit = new Limit(width);
  await Promise.all(
    pids.map((pid) =>
      limit.run(async () => {
        if (found.size === inodes.size) return;
        const sockets = signal.aborted ? undefined : await socketsOf(pid, inodes);
        if (sockets === undefined) sawAll = false;
        for (const inode of sockets ?? []) if (!found.has(inode)) found.set(inode, Number(pid));
      }),
    ),
  );
  const described = await Promise.all(
    [...found].map(async ([inode, pid]) => ({ inode, holder: await describeHolder(pid) })),
  );
  const holders = described.flatMap(({ inode, holder }) =>
    holder === undefined ? [] : [[inode, holder] as const],
  );
  return { holders: new Map(holders), sawAll };
}

/** Undefined where that process may not be looked into, or not into all of it; one that has gone has none. */
async function socketsOf(pid: string, inodes: ReadonlySet<number>): Promise<readonly number[] | undefined> {
  try {
    const descriptors = await readdir(`/proc/${pid}/fd`);
    const links = await Promise.all(
      descriptors.slice(0, mostDescriptors).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
    );
    const held = links
      .map((link) => Number(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? 'NaN'))
      .filter((inode) => inodes.has(inode));
    return held.length === 0 && descriptors.length > mostDescriptors ? undefined : held;
  } catch (error) {
    return isGone(error) ? [] : undefined;
  }
}

function isGone(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ESRCH';
}

/** Undefined where it has gone meanwhile. */
export async function describeHolder(pid: number): Promise<Holder | undefined> {
  const [comm, cgroup, started] = await Promise.all([
    readText(`/proc/${pid}/comm`),
    readText(`/proc/${pid}/cgroup`),
    startOf(pid),
  ]);
  if (comm === undefined) return undefined;
  const unit = unitOfCgroup(cgroup ?? '');
  return {
    pid,
    process: plainText(comm.trim(), 32),
    ...(unit === undefined ? {} : { unit }),
    ...(started === undefined ? {} : { since: started }),
  };
}

/** Field 22 of /proc/PID/stat, in hundredths of a second since the boot (proc_pid_stat(5); USER_HZ is 100). */
async function startOf(pid: number): Promise<string | undefined> {
  const [text, uptime] = await Promise.all([readText(`/proc/${pid}/stat`), readText('/proc/uptime')]);
  const ticks = Number(text?.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? 'NaN');
  const upSeconds = Number(uptime?.split(' ')[0] ?? 'NaN');
  const wallMs = Date.now() - (upSeconds - ticks / 100) * 1000;
  return Number.isFinite(wallMs) ? new Date(Math.round(wallMs / 1000) * 1000).toISOString() : undefined;
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
