import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a running lab has on the host, so that a test can ask afterwards what is left of it. */
export interface Traces {
  /** Paths and process ids, none once the lab has gone. */
  left(): string[];
  /** `left()` when it is empty, or when the time is over. */
  leftAfter(timeoutMs: number): Promise<string[]>;
}

export function tracesOf(leader: number): Traces {
  const inside = /^0::(.*\/(flapd-lab-\w+))/m.exec(readFileSync(`/proc/${leader}/cgroup`, 'utf8'));
  const [, below, name] = inside ?? [];
  if (below === undefined || name === undefined) throw new Error(`process ${leader} is not a lab's`);
  const cgroup = path.join(cgroupHierarchy(), below);
  const temp = path.join(tmpdir(), name); // keep.sh names cgroup and temp folder alike
  const namespace = pidNamespaceOf(String(leader));
  for (const folder of [cgroup, temp]) if (!existsSync(folder)) throw new Error(`there is no ${folder}`);
  const left = () => [
    ...[cgroup, temp].filter((folder) => existsSync(folder)),
    ...processes().filter((pid) => pidNamespaceOf(pid) === namespace),
    ...readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((mount) => mount.includes(name)),
  ];
  return {
    left,
    async leftAfter(timeoutMs) {
      const until = Date.now() + timeoutMs;
      while (left().length > 0 && Date.now() < until) await sleep(10);
      return left();
    },
  };
}

function processes(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

function pidNamespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined; // it has ended, or is another user's
  }
}

function cgroupHierarchy(): string {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return mounts.find((mount) => mount.includes(' - cgroup2 '))?.split(' ')[4] ?? '/sys/fs/cgroup';
}
