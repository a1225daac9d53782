import type { Instant } from '../instant.ts';
import { isInForce, type Remedy, type RemedyState } from './remedy.ts';
import { judgeRemedy } from './remedy-judge.ts';
import { silencedUntil } from '../silence.ts';
import type { State } from '../state.ts';
import { displayTimeSpan, formatTimeSpan } from '../time-span.ts';
import type { UnitRecord } from '../unit-record.ts';
import { calmAfterMs } from '../verdict.ts';

/** What is to be done about remedies now; one at a time, and all that is to be taken back at once. */
export type RemedyDeed =
  /** It is known now what it came to. */
  | { readonly kind: 'judged'; readonly remedy: Remedy }
  | { readonly kind: 'revert'; readonly remedies: readonly Reverting[] }
  | { readonly kind: 'apply'; readonly record: UnitRecord };

export interface Reverting {
  readonly remedy: Remedy;
  readonly outcome: Extract<RemedyState, 'reverted' | 'no-effect' | 'worse'>;
  readonly reason: string;
}

export function nextDeed(state: State, now: Instant): RemedyDeed | undefined {
  const records = [...state.units.values()].filter(({ remedy }) => remedy !== undefined && isInForce(remedy));
  const due = records.flatMap((record) => revertDue(record, now) ?? []);
  if (due.length > 0) return { kind: 'revert', remedies: due };
  for (const record of records) {
    const judgement = record.remedy && judgeRemedy(record.remedy, record, now.monotonicMs);
    if (record.remedy !== undefined && judgement !== undefined)
      return { kind: 'judged', remedy: { ...record.remedy, ...judgement } };
  }
  // While one is watched no other unit is touched: what comes after a change comes of it.
  if (records.some(({ remedy }) => remedy?.outcome === 'pending' && remedy.by === 'daemon')) return undefined;
  const candidate = [...state.open]
    .flatMap((unit) => state.units.get(unit) ?? [])
    .filter((record) => mayApply(state, record, now))
    .toSorted((a, b) => (a.incident?.beganMs ?? 0) - (b.incident?.beganMs ?? 0))[0];
  return candidate && { kind: 'apply', record: candidate };
}

/** What a person has applied stays until its time is up; flapd's own goes too where it did not help, or is needed no more. */
function revertDue(record: UnitRecord, now: Instant): Reverting | undefined {
  const { remedy } = record;
  if (remedy === undefined || now.monotonicMs < remedy.retryAtMs) return undefined;
  if (remedy.untilWallMs !== undefined && now.wallMs >= remedy.untilWallMs)
    return { remedy, outcome: 'reverted', reason: 'its time is up' };
  if (remedy.by === 'hand') return undefined;
  const judgement = judgeRemedy(remedy, record, now.monotonicMs);
  if (judgement !== undefined && judgement.outcome !== 'helped')
    return { remedy, outcome: judgement.outcome, reason: judgement.reason };
  const upMs = upSince(record, now.monotonicMs);
  const calmMs = calmAfterMs(record, now.monotonicMs);
  if (record.incident !== undefined || upMs === undefined || upMs < calmMs) return undefined;
  const reason = `it has been up for ${displayTimeSpan(upMs)}, ${formatTimeSpan(calmMs, 1000)} being calm: the next failure starts from the short delay again`;
  return { remedy, outcome: 'reverted', reason };
}

function upSince({ run }: UnitRecord, nowMs: number): number | undefined {
  return run === undefined || run.exit !== undefined ? undefined : nowMs - run.startedMs;
}

/** A loop whose policy says apply, that is told by itself, that nobody has silenced, and for which nothing was tried yet. */
function mayApply(state: State, record: UnitRecord, now: Instant): boolean {
  const { incident, remedy, policy } = record;
  if (incident === undefined || incident.leader !== undefined || incident.kind !== 'loop') return false;
  if (policy.mode !== 'apply') return false;
  if (silencedUntil(state.silences, record.unit, now.wallMs) !== undefined) return false;
  if (remedy === undefined) return true;
  if (isInForce(remedy)) return false;
  return remedy.incident !== incident.id || now.monotonicMs >= remedy.retryAtMs;
}
