import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { killEntered, signalProcess } from './enter.ts';
import { scopePrefix, type LabMeans } from './means.ts';

/** The lab's guardian outside of it, `keep.sh`: it ends with the lab, and the lab's cgroups and temp folder with it. */
export interface Keeper {
  readonly temp: string;
  /** The lab's PID 1, as this side of its namespaces numbers it; settles when its own root is in place. */
  leader(): Promise<number>;
  /** Ends the lab at once. */
  cut(): void;
  /** Settles when the lab has ended and nothing of it is left; until then the process stays alive. */
  whenEnded(): Promise<void>;
  hasEnded(): boolean;
  /** The last that the boot script and PID 1 wrote, for the error message of a boot that failed. */
  lastWords(): string;
}

export interface KeeperOptions {
  readonly means: LabMeans;
  readonly temp: string;
  readonly lower: string;
  readonly name: string;
  readonly network: 'private' | 'host';
  readonly binds: readonly { readonly from: string; readonly to: string }[];
}

const rootedWithinMs = 10_000;
const cleanWithinMs = 8000;
const keptWords = 4096;
const powerOffWithinMs = 3000;
/** SIGRTMIN+4 asks PID 1 to power off (systemd(1), SIGNALS). glibc's SIGRTMIN is 34. */
const powerOffSignal = 38;

/** Beside this file; for the bundle in dist/, which has no `import.meta`, in the checkout it was built in. */
const here = import.meta.dirname ?? path.dirname(process.argv[1] ?? '.');
const scripts = [here, path.join(here, '../test/lab')].find((folder) =>
  existsSync(path.join(folder, 'keep.sh')),
);

/** The checkout's root, where `dist/` is. */
export const checkout = path.join(scripts ?? here, '../..');

export function startKeeper(options: KeeperOptions): Keeper {
  if (scripts === undefined) throw new Error(`Cannot find "keep.sh" beside ${here}`);
  const { means } = options;
  const [program = 'bash', ...argv] = [
    ...scopePrefix(means),
    'bash',
    path.join(scripts, 'keep.sh'),
    options.temp,
    options.lower,
    options.name,
    means.cgroupParent,
    options.network,
    means.rootless ? 'rootless' : 'rootful',
    ...options.binds.flatMap(({ from, to }) => [from, to]),
  ];
  // A session of its own: Ctrl-C in the terminal is for whoever booted the lab.
  const child = spawn(program, argv, { detached: true, stdio: 'pipe' });
  const { stdin, stdout, stderr } = child;
  let words = '';
  stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-keptWords);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      words += error.message;
      resolve();
    });
    child.once('exit', () => resolve());
  });
  // A forgotten lab shall not keep the process alive that forgot it; the end of the process ends the lab.
  for (const pipe of [stdin, stdout, stderr]) if (pipe instanceof Socket) pipe.unref();
  child.unref();
  let leader: number | undefined;
  const keeper: Keeper = {
    temp: options.temp,
    async leader() {
      leader ??= await readLeader(stdout);
      return leader;
    },
    cut() {
      if (leader !== undefined) killEntered(leader);
      stdin.destroy();
    },
    whenEnded() {
      child.ref();
      return ended;
    },
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    lastWords: () => words.trim(),
  };
  void remember(keeper, ended);
  return keeper;
}

async function readLeader(stdout: Readable): Promise<number> {
  const late = new Error(`it has no root of its own after ${rootedWithinMs} ms`);
  const timer = setTimeout(() => stdout.destroy(late), rootedWithinMs);
  let text = '';
  try {
    for await (const chunk of stdout) {
      text += String(chunk);
      const leader = /^leader (\d+)$/m.exec(text)?.[1];
      if (leader !== undefined) return Number(leader);
    }
  } finally {
    clearTimeout(timer);
  }
  throw new Error('it could not be set up');
}

/** Powers the lab off as a machine is, or kills it, and returns when nothing of it is left on the host. */
export async function stopKeeper(keeper: Keeper): Promise<void> {
  if (keeper.hasEnded()) return;
  const leader = await keeper.leader();
  killEntered(leader);
  signalProcess(leader, powerOffSignal);
  const timer = setTimeout(() => keeper.cut(), powerOffWithinMs);
  await keeper.whenEnded();
  clearTimeout(timer);
}

const running = new Set<Keeper>();
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function remember(keeper: Keeper, ended: Promise<void>): Promise<void> {
  if (running.size === 0) {
    process.on('exit', stopLabsSync);
    for (const signal of endings) process.on(signal, stopBySignal);
  }
  running.add(keeper);
  await ended;
  running.delete(keeper);
  if (running.size > 0) return;
  process.off('exit', stopLabsSync);
  for (const signal of endings) process.off(signal, stopBySignal);
}

/** Last resort: ends every lab of this process at once, and returns when nothing of them is left on the host. */
export function stopLabsSync(): void {
  for (const keeper of running) keeper.cut();
  const until = Date.now() + cleanWithinMs;
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  // The temp folder is the last thing the keeper removes.
  while ([...running].some(({ temp }) => existsSync(temp)) && Date.now() < until) {
    Atomics.wait(sleeper, 0, 0, 5);
  }
}

/** A signal nobody else listens to ends the process: first the labs, then as it would have been without this. */
function stopBySignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  stopLabsSync();
  process.off(signal, stopBySignal);
  process.kill(process.pid, signal);
}
