import { readFileSync } from 'node:fs';
import type { Lab } from '../test/lab/lab.ts';

/** Clock ticks a second: USER_HZ is 100 on every Linux that Debian runs on (sysconf(3)). */
const ticksPerSecond = 100;

/** CPU seconds, user and system, that a process has used; read from outside the lab. */
export function cpuSeconds(hostPid: number): number {
  const stat = readFileSync(`/proc/${hostPid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** CPU seconds to the nanosecond: the scheduler's own count of all threads. */
export function fineCpuSeconds(hostPid: number, tasks: readonly string[]): number {
  const nanoseconds = tasks.map((task) => {
    try {
      return Number(readFileSync(`/proc/${hostPid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    } catch {
      return 0;
    }
  });
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}

export interface Resident {
  readonly megabytes: number;
  /** Heap, stacks, and what malloc keeps. */
  readonly anonymous: number;
  /** Pages of programs and libraries that were touched: Node's own code, for the most part. */
  readonly ofFiles: number;
}

export function residentOf(hostPid: number): Resident {
  const status = readFileSync(`/proc/${hostPid}/status`, 'utf8');
  const megabytes = (field: string): number =>
    Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
  return { megabytes: megabytes('VmRSS'), anonymous: megabytes('RssAnon'), ofFiles: megabytes('RssFile') };
}

/** The main process of a unit, as the host numbers it. */
export async function hostPidOf(lab: Lab, unit: string): Promise<number> {
  const inside = (await lab.systemctl('show', '--property=MainPID', '--value', unit)).trim();
  const { stdout } = await lab.exec([
    'sh',
    '-c',
    `grep -l . /proc/${inside}/status >/dev/null && echo ${inside}`,
  ]);
  if (stdout.trim() === '' || inside === '0') throw new Error(`${unit} has no main process`);
  return hostPidIn(lab, Number(inside));
}

/** Looks through the host's processes for the one that is `inside` in the lab's pid namespace. */
async function hostPidIn(lab: Lab, inside: number): Promise<number> {
  const { readdirSync, readlinkSync } = await import('node:fs');
  const namespace = readlinkSync(`/proc/${lab.leader}/ns/pid`);
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (readlinkSync(`/proc/${entry}/ns/pid`) !== namespace) continue;
      const pids =
        /NSpid:\s+(.*)/.exec(readFileSync(`/proc/${entry}/status`, 'utf8'))?.[1]?.split('\t') ?? [];
      if (Number(pids.at(-1)) === inside) return Number(entry);
    } catch {
      // Ended between the listing and the look.
    }
  }
  throw new Error(`no process ${inside} in the lab`);
}
