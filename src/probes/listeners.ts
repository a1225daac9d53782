import { readdir, readFile, readlink } from 'node:fs/promises';
import type { Answer, Endpoint, Listener, Listeners } from '../core/inquiry.ts';
import { plainText } from '../core/log-text.ts';
import { Limit } from '../kit/limit.ts';
import { listeningOn, type ListeningSocket } from './socket-table.ts';
import { socketHolders } from './socket-holders.ts';
import { unitOfCgroup } from './unit-of-cgroup.ts';

/** Processes looked through at a time: their descriptors are many small reads. */
const width = 8;
/** A program with more open files than that would take the second by itself. */
const mostDescriptors = 5000;
const mostHolders = 8;

/** Who listens on that port of this machine now. */
export async function listenersOn(
  { protocol, port }: Endpoint,
  signal: AbortSignal,
): Promise<Answer<Listeners>> {
  const texts = await Promise.all([readText(`/proc/net/${protocol}`), readText(`/proc/net/${protocol}6`)]);
  if (texts[0] === undefined) return { ok: false, why: `/proc/net/${protocol} can't be read` };
  const sockets = texts.flatMap((text) => listeningOn(text ?? '', protocol, port)).slice(0, mostHolders);
  if (sockets.length === 0) return { ok: true, listeners: [] };
  const listeners = await toldBySs(sockets, { protocol, port });
  if (listeners !== undefined) return { ok: true, listeners };
  const holders = await holdersOf(new Set(sockets.map(({ inode }) => inode)), signal);
  return { ok: true, listeners: sockets.map((socket) => listenerOf(socket, holders.get(socket.inode))) };
}

/** Undefined where ss does not know all of them, or is not there. */
async function toldBySs(
  sockets: readonly ListeningSocket[],
  { protocol, port }: Pick<Endpoint, 'protocol' | 'port'>,
): Promise<readonly Listener[] | undefined> {
  const told = await socketHolders(protocol, port);
  if (!sockets.every(({ address }) => told.has(address))) return undefined;
  return Promise.all(
    sockets.map(async (socket) => {
      const { pid, unit } = told.get(socket.address) ?? {};
      const holder = pid === undefined ? undefined : await describeHolder(pid);
      return listenerOf(socket, holder, unit);
    }),
  );
}

function listenerOf(
  { protocol, address, port }: ListeningSocket,
  holder: Holder | undefined,
  unitBySs?: string,
): Listener {
  const unit = holder?.unit ?? unitBySs;
  const { pid, process, since } = holder ?? {};
  return {
    protocol,
    address,
    port,
    ...(pid === undefined ? {} : { pid }),
    ...(process === undefined ? {} : { process }),
    ...(unit === undefined ? {} : { unit }),
    ...(since === undefined ? {} : { since }),
  };
}

interface Holder {
  readonly pid: number;
  readonly process?: string;
  readonly unit?: string;
  readonly since?: string;
}

/** By inode of the socket: the first process that has it open. What may not be looked into is passed over. */
async function holdersOf(
  inodes: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, Holder>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = new Map<number, number>();
  const limit = new Limit(width);
  await Promise.all(
    pids.map((pid) =>
      limit.run(async () => {
        if (signal.aborted || found.size === inodes.size) return;
        for (const inode of await socketsOf(pid, inodes))
          if (!found.has(inode)) found.set(inode, Number(pid));
      }),
    ),
  );
  const holders = await Promise.all(
    [...found].map(async ([inode, pid]) => [inode, await describeHolder(pid)] as const),
  );
  return new Map(holders);
}

async function socketsOf(pid: string, inodes: ReadonlySet<number>): Promise<readonly number[]> {
  try {
    const descriptors = (await readdir(`/proc/${pid}/fd`)).slice(0, mostDescriptors);
    const links = await Promise.all(
      descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
    );
    return links
      .map((link) => Number(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? 'NaN'))
      .filter((inode) => inodes.has(inode));
  } catch {
    return [];
  }
}

async function describeHolder(pid: number): Promise<Holder> {
  const [comm, cgroup, started] = await Promise.all([
    readText(`/proc/${pid}/comm`),
    readText(`/proc/${pid}/cgroup`),
    startOf(pid),
  ]);
  const unit = unitOfCgroup(cgroup ?? '');
  return {
    pid,
    ...(comm === undefined ? {} : { process: plainText(comm.trim(), 32) }),
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
