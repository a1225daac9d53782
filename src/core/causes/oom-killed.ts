import { bytesText } from '../bytes-text.ts';
import type { Matcher } from './suspicion.ts';
import { proofOf, saidBySystemd, told } from './telling-lines.ts';

const said = /killed by the OOM killer|result 'oom-kill'/;
/** A runtime's own limit: the kernel had no part in it. */
const ownLimit =
  /java\.lang\.OutOfMemoryError|JavaScript heap out of memory|\bMemoryError\b|std::bad_alloc|fatal error: runtime: out of memory|Allowed memory size of \d+ bytes exhausted|Cannot allocate memory|\bENOMEM\b/;

export const oomKilled: Matcher = {
  id: 'oom-killed',
  looksFor: 'the kernel killed it for want of memory, or its runtime ran out of its own limit',
  match(evidence) {
    const { exit, oomKilled: killed, memoryPeakBytes, service } = evidence;
    const byKernel = exit?.result === 'oom-kill' || killed;
    if (byKernel) {
      const peak = memoryPeakBytes === undefined ? '' : ` at ${bytesText(memoryPeakBytes)}`;
      const limit = service?.memoryMaxBytes;
      const why =
        limit === undefined ? 'the machine had no memory left' : `its limit is MemoryMax=${bytesText(limit)}`;
      return {
        sentence: `The kernel killed it for want of memory${peak}: ${why}.`,
        proof: saidBySystemd(evidence, said).slice(-2),
        state: 'confirmed',
      };
    }
    if (told(evidence, ownLimit) === undefined) return undefined;
    return {
      sentence: 'It ran out of the memory that it may have itself.',
      proof: proofOf(evidence, ownLimit),
      state: 'likely',
    };
  },
};
