import type { ServiceFacts } from '../core/evidence/evidence.ts';
import { numberOf, parseServiceFacts } from './service-facts.ts';
import { hexOfBytes } from './snapshot-parts.ts';

/** What systemd still knows of the run of a unit that is over, or is on: its accounts go with the next start. */
export interface LastRun {
  /** Of the run that the accounts are of. */
  readonly invocationId: string;
  readonly cpuSeconds: number | undefined;
  readonly memoryPeakBytes: number | undefined;
  readonly facts: ServiceFacts;
  readonly fragmentPath: string | undefined;
  readonly dropInPaths: readonly string[];
}

type Properties = Readonly<Record<string, unknown>>;

export function parseLastRun(unit: Properties, service: Properties, sockets: readonly string[]): LastRun {
  const nsec = numberOf(service, 'CPUUsageNSec');
  const fragment = unit['FragmentPath'];
  const dropIns = unit['DropInPaths'];
  return {
    invocationId: hexOfBytes(unit['InvocationID']) ?? '',
    cpuSeconds: nsec === undefined ? undefined : Number((nsec / 1e9).toFixed(3)),
    memoryPeakBytes: numberOf(service, 'MemoryPeak') || undefined,
    facts: parseServiceFacts(service, sockets),
    fragmentPath: typeof fragment === 'string' && fragment !== '' ? fragment : undefined,
    dropInPaths: Array.isArray(dropIns) ? dropIns.filter((each) => typeof each === 'string') : [],
  };
}
