import { programOutput } from '../kit/program-output.ts';
import { unitOfCgroup } from './unit-of-cgroup.ts';

/**
 * By address: the unit whose socket listens on that port. The kernel tells the control group of a socket to everybody
 * (INET_DIAG_CGROUP_ID, Linux 5.9), and ss(8) knows how to ask; without it, nothing is known.
 */
export async function unitsByPort(
  protocol: 'tcp' | 'udp',
  port: number,
): Promise<ReadonlyMap<string, string>> {
  const which = protocol === 'tcp' ? '-t' : '-u';
  const argv = ['ss', '-H', '-l', '-n', which, '--cgroup', `sport = :${port}`];
  const output = await programOutput(argv, { timeoutMs: 700 });
  return parseSocketUnits(output?.stdout ?? '');
}

/** `LISTEN 0 511 0.0.0.0:80 0.0.0.0:* cgroup:/system.slice/web.service` */
export function parseSocketUnits(text: string): ReadonlyMap<string, string> {
  const units = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, , , local = ''] = line.trim().split(/\s+/);
    const cgroup = /\bcgroup:(\S+)/.exec(line)?.[1];
    const unit = cgroup === undefined ? undefined : unitOfCgroup(`0::${cgroup}`);
    const address = local
      .slice(0, local.lastIndexOf(':'))
      .replace(/%.*$/, '')
      .replace(/^\[|\]$/g, '');
    if (unit !== undefined) units.set(address === '*' ? '::' : address, unit);
  }
  return units;
}
