import { readFile } from 'node:fs/promises';
import type { Answer, Endpoint, Listener, Listeners } from '../core/evidence/inquiry.ts';
import { pause } from '../kit/backoff.ts';
import { describeHolder, holdersOf, type Held, type Holder } from './process-holders.ts';
import { socketHolders, type SocketHolder } from './socket-holders.ts';
import { listeningOn, type ListeningSocket } from './socket-table.ts';

const mostHolders = 8;

/** A holder may die between the look at the sockets and that at the processes, above all where it is what loops. */
const mostLooks = 3;
/** The sockets of a process go a moment after its descriptors do. */
const lookAgainMs = 20;

type Port = Pick<Endpoint, 'protocol' | 'port'>;

/** How the machine is looked at; a test has another one. */
export interface Eyes {
  /** Undefined where the kernel's tables can't be read. */
  readonly sockets: (port: Port) => Promise<readonly ListeningSocket[] | undefined>;
  readonly bySs: (port: Port) => Promise<ReadonlyMap<string, SocketHolder>>;
  readonly byProcesses: (inodes: ReadonlySet<number>, signal: AbortSignal) => Promise<Held>;
}

const ownEyes: Eyes = {
  sockets: readSockets,
  bySs: ({ protocol, port }) => socketHolders(protocol, port),
  byProcesses: holdersOf,
};

/** Who listens on that port of this machine now. */
export async function listenersOn(
  { protocol, port }: Endpoint,
  signal: AbortSignal,
  eyes: Eyes = ownEyes,
): Promise<Answer<Listeners>> {
  let before: ReadonlySet<number> = new Set();
  for (let look = 1; ; look += 1) {
    const sockets = (await eyes.sockets({ protocol, port }))?.slice(0, mostHolders);
    if (sockets === undefined) return { ok: false, why: `/proc/net/${protocol} can't be read` };
    if (sockets.length === 0) return { ok: true, listeners: [] };
    const listeners = await toldBySs(sockets, await eyes.bySs({ protocol, port }));
    if (listeners !== undefined) return { ok: true, listeners };
    const held = await eyes.byProcesses(new Set(sockets.map(({ inode }) => inode)), signal);
    const orphans = sockets.filter(({ inode }) => !held.holders.has(inode)).map(({ inode }) => inode);
    if (orphans.length === 0 || !held.sawAll || look === mostLooks)
      return { ok: true, listeners: sockets.map((socket) => toldByProcesses(socket, held, before)) };
    before = new Set(orphans);
    await pause(lookAgainMs, signal);
  }
}

/** `before`: those that nobody had at the look before this one. */
function toldByProcesses(
  socket: ListeningSocket,
  { holders, sawAll }: Held,
  before: ReadonlySet<number>,
): Listener {
  const holder = holders.get(socket.inode);
  if (holder !== undefined) return listenerOf(socket, holder);
  const unseen = !sawAll ? 'rights' : before.has(socket.inode) ? 'no-process' : 'gone';
  return { ...listenerOf(socket), unseen };
}

async function readSockets({ protocol, port }: Port): Promise<readonly ListeningSocket[] | undefined> {
  const texts = await Promise.all([readText(`/proc/net/${protocol}`), readText(`/proc/net/${protocol}6`)]);
  if (texts[0] === undefined) return undefined;
  return texts.flatMap((text) => listeningOn(text ?? '', protocol, port));
}

/** Undefined where ss does not know all of them, or is not there, or whom it named has gone. */
async function toldBySs(
  sockets: readonly ListeningSocket[],
  told: ReadonlyMap<string, SocketHolder>,
): Promise<readonly Listener[] | undefined> {
  const listeners = await Promise.all(
    sockets.map(async (socket) => {
      const { pid, unit } = told.get(socket.address) ?? {};
      const holder = pid === undefined ? undefined : await describeHolder(pid);
      return holder === undefined && unit === undefined ? undefined : listenerOf(socket, holder, unit);
    }),
  );
  return listeners.every((listener) => listener !== undefined) ? listeners : undefined;
}

function listenerOf(
  { protocol, address, port }: ListeningSocket,
  holder?: Holder,
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

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
