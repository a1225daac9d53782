import type { Input } from './input.ts';
import type { State } from './state.ts';

/**
 * Of signals that came while the past was being read, those that tell more than it. The past reaches into the time that
 * they are from; taken all the same, a signal that is behind would set the restart counter back, and the next one would
 * count everything anew.
 */
export function newsOf(state: State, held: readonly Input[]): readonly Input[] {
  const behind = new Map<string, number>();
  held.forEach((input, index) => {
    if (input.kind === 'snapshot' && isBehind(state, input)) behind.set(input.snapshot.unit, index);
  });
  return held.filter((input, index) => index > (behind.get(unitOf(input) ?? '') ?? -1));
}

/** It shows a run that is known to have ended, or the last one before its restart was queued, which is known too. */
function isBehind(state: State, { snapshot }: Input & { kind: 'snapshot' }): boolean {
  const record = state.units.get(snapshot.unit);
  if (record?.run === undefined || record.nRestarts === undefined) return false;
  const { invocationId } = snapshot;
  if (invocationId === record.run.invocationId) return snapshot.nRestarts < record.nRestarts;
  return record.pastRuns.some(({ exit }) => exit.invocationId === invocationId);
}

function unitOf(input: Input): string | undefined {
  if (input.kind === 'snapshot') return input.snapshot.unit;
  return 'unit' in input ? input.unit : undefined;
}
