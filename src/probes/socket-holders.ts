import { programOutput } from '../kit/program-output.ts';
import { unitOfCgroup } from './unit-of-cgroup.ts';

export interface SocketHolder {
  readonly pid: number | undefined;
  readonly unit: string | undefined;
}

/**
 * By address: who listens on that port, by ss(8). The kernel tells the control group of a socket to everybody
 * (INET_DIAG_CGROUP_ID, Linux 5.9), the process to root; asking it takes a tenth of what looking through all processes does.
 * Empty where there is no ss.
 */
export async function socketHolders(
  protocol: 'tcp' | 'udp',
  port: number,
): Promise<ReadonlyMap<string, SocketHolder>> {
  const which = protocol === 'tcp' ? '-t' : '-u';
  const argv = ['ss', '-H', '-l', '-n', '-p', which, '--cgroup', `sport = :${port}`];
  const output = await programOutput(argv, { timeoutMs: 500 });
  return parseSocketHolders(output?.stdout ?? '');
}

/** `LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=812,fd=6)) cgroup:/system.slice/web.service` */
export function parseSocketHolders(text: string): ReadonlyMap<string, SocketHolder> {
  const holders = new Map<string, SocketHolder>();
  for (const line of text.split('\n')) {
    const [, , , local = ''] = line.trim().split(/\s+/);
    // A process may call itself anything, also `x",pid=1`: the last one is of the kernel's making.
    const pid = [...line.matchAll(/,pid=(\d+),fd=\d+\)/g)].at(-1)?.[1];
    const cgroup = /\bcgroup:(\S+)\s*$/.exec(line)?.[1];
    const unit = cgroup === undefined ? undefined : unitOfCgroup(`0::${cgroup}`);
    if (pid === undefined && unit === undefined) continue;
    holders.set(addressOf(local), { pid: pid === undefined ? undefined : Number(pid), unit });
  }
  return holders;
}

/** `127.0.0.53%lo:53`, `[::]:80`, `*:81` */
function addressOf(local: string): string {
  const address = local
    .slice(0, local.lastIndexOf(':'))
    .replace(/%.*$/, '')
    .replace(/^\[|\]$/g, '');
  return address === '*' ? '::' : address;
}
