import type { ChildProcess } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { coerceError } from '../../src/kit/errors.ts';
import { execInLab, spawnInLab, type Exec, type SpawnInLabOptions } from './enter.ts';
import { checkout, startKeeper, stopKeeper, type Keeper } from './keeper.ts';
import { labMeans } from './means.ts';
import { modeFor, runSystemctl, writeInLab, writeUnits } from './write.ts';

export interface BootOptions {
  /** The lab's host name. */
  readonly name?: string;
  /** The lowest layer of its file system: this machine's own root, or one of `roots.ts`. */
  readonly root?: string;
  /** A network of its own with nothing but loopback, or the host's. */
  readonly network?: 'private' | 'host';
  /** Written before PID 1 starts; what begins with `#!` is made executable. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files and folders of the host to be seen in the lab, read-only. */
  readonly binds?: readonly { readonly from: string; readonly to: string }[];
}

/** A systemd of its own: PID 1, system bus and journal, sharing nothing with the machine but its kernel. */
export interface Lab {
  readonly name: string;
  /** The lab's PID 1, as the host numbers it. */
  readonly leader: number;
  readonly root: string;
  readonly systemdVersion: number;
  readonly exec: Exec;
  /** A program that goes on; signals sent with the child's `kill()` reach it. */
  readonly spawn: (argv: readonly string[], options?: SpawnInLabOptions) => ChildProcess;
  /** Makes the folders above it too. Without `mode`, what begins with `#!` is made executable. */
  writeFile(path: string, content: string | Uint8Array, mode?: number): Promise<void>;
  /** Writes units, or drop-ins (`a.service.d/b.conf`), to /run/systemd/system and reloads once. */
  addUnits(units: Readonly<Record<string, string>>): Promise<void>;
  /** What systemctl printed; throws what it complained about. */
  systemctl(...argv: readonly string[]): Promise<string>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Where the checkout's build is in every lab. */
export const flapdInLab = '/opt/flapd/flapd.cjs';

/** The Node that runs it there. */
export function labNode(root: string): string {
  return root === '/' ? process.execPath : '/usr/bin/node';
}

const readyWithinMs = 20_000;
const pollMs = 10;

let booted = 0;

/** Boots a lab to the point where PID 1 answers on the bus: about 0.3 s. Throws what went wrong where it can't. */
export async function bootLab(options: BootOptions = {}): Promise<Lab> {
  const means = labMeans();
  if (!means.ok) throw new Error(means.missing);
  booted += 1;
  const { name = `lab-${process.pid}-${booted}`, root = '/' } = options;
  const temp = await mkdtemp(path.join(tmpdir(), 'flapd-lab-'));
  try {
    await mkdir(path.join(temp, 'base'));
    await mkdir(path.join(temp, 'files'));
    for (const [file, content] of Object.entries(options.files ?? {})) {
      const target = path.join(temp, 'files', file);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, content);
      await chmod(target, modeFor(content));
    }
    const binds = [...ownBinds(root), ...(options.binds ?? [])].map(({ from, to }) => {
      return { from: path.resolve(from), to };
    });
    const network = options.network ?? 'private';
    const keeper = startKeeper({ means, temp, lower: root, name, network, binds });
    return await whenReady(keeper, name, root);
  } catch (error) {
    // The keeper has removed it already, unless it never came to run.
    await rm(temp, { recursive: true, force: true });
    throw error;
  }
}

function ownBinds(root: string): { from: string; to: string }[] {
  const dist = path.join(checkout, 'dist');
  return [
    ...(existsSync(dist) ? [{ from: dist, to: path.dirname(flapdInLab) }] : []),
    ...(root === '/' && !isSeen(process.execPath) ? [{ from: process.execPath, to: process.execPath }] : []),
  ];
}

/** An overlay over / shows neither what is mounted below it, as a /home may be, nor what boot.sh covers. */
function isSeen(file: string): boolean {
  return !/^\/(root|run|tmp)\//.test(file) && statSync(file).dev === statSync('/').dev;
}

async function whenReady(keeper: Keeper, name: string, root: string): Promise<Lab> {
  try {
    const leader = await keeper.leader();
    const until = Date.now() + readyWithinMs;
    // The socket first, because looking costs nothing, where asking costs two processes.
    while (!existsSync(`/proc/${leader}/root/run/dbus/system_bus_socket`)) await nextLook(keeper, until);
    for (;;) {
      const { stdout } = await execInLab(leader, askState, { timeoutMs: 5000 });
      const [, version, state] = /^s "(\d+).*\ns "(\w+)"/.exec(stdout) ?? [];
      if (state === 'running' || state === 'degraded') {
        return { name, leader, root, systemdVersion: Number(version), ...verbsOf(keeper, leader) };
      }
      await nextLook(keeper, until);
    }
  } catch (error) {
    keeper.cut();
    await keeper.whenEnded();
    throw new Error(`Cannot boot the lab: ${coerceError(error).message}\n${keeper.lastWords()}`, {
      cause: error,
    });
  }
}

async function nextLook(keeper: Keeper, until: number): Promise<void> {
  if (keeper.hasEnded()) throw new Error('it ended');
  if (Date.now() > until) throw new Error(`PID 1 is not ready after ${readyWithinMs} ms`);
  await sleep(pollMs);
}

/** PID 1 itself answers, over the bus: that serves as a ping too. */
const askState = [
  'busctl',
  '--timeout=2',
  'get-property',
  'org.freedesktop.systemd1',
  '/org/freedesktop/systemd1',
  'org.freedesktop.systemd1.Manager',
  'Version',
  'SystemState',
];

function verbsOf(keeper: Keeper, leader: number): Omit<Lab, 'name' | 'leader' | 'root' | 'systemdVersion'> {
  const exec: Exec = (argv, options) => execInLab(leader, argv, options);
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= stopKeeper(keeper));
  return {
    exec,
    spawn: (argv, options) => spawnInLab(leader, argv, options),
    writeFile: (file, content, mode) => writeInLab(exec, file, content, mode),
    async addUnits(units) {
      await writeUnits(exec, '/run/systemd/system', units);
      await runSystemctl(exec, ['daemon-reload']);
    },
    systemctl: (...argv) => runSystemctl(exec, argv),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
