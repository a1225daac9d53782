import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Gives back what the start left behind: one full collection that moves what is kept together, some 50 ms, once. Without
 * the moving half of the old generation's pages stay resident for a few objects each.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  setFlagsFromString('--compact-on-every-full-gc');
  runInNewContext('gc()');
  setFlagsFromString('--no-compact-on-every-full-gc');
}

/**
 * No optimised code until {@link optimizeCode}: at 500 services the start makes V8's optimising compiler resident, 9 of
 * 62 MB, for work that is done once. Node's other tiers run meanwhile.
 */
export function postponeOptimizing(): void {
  setFlagsFromString('--no-opt');
}

/**
 * Lets V8 look for garbage once the old generation has grown by 2 or 3 MB. By itself it waits for 8, which are then resident
 * for good: what a unit that loops was like half a second ago is old by the time it is garbage. Costs some 15 ms each quarter of
 * a minute while twenty units loop, and nothing at rest.
 */
export function collectSooner(): void {
  setFlagsFromString('--incremental-marking-soft-trigger=20');
  setFlagsFromString('--incremental-marking-hard-trigger=30');
}

/**
 * From here on what is hot is optimised: a storm of restarts, or a journal of some length. Not where Node was told to write
 * no machine code (--jitless, which leaves WebAssembly out): Node 24 would write some all the same, and end with SIGSEGV.
 */
export function optimizeCode(): void {
  if ('WebAssembly' in globalThis) setFlagsFromString('--opt');
}
