import { type EvidenceView, presentEvidence } from '../core/evidence/evidence-view.ts';
import type { Explanation } from './explain.ts';

/** Of the loop's first run, where that is another one: by the journal, or as the daemon kept it where that no longer has it. */
export function firstFailureOf({
  unit,
  incident,
  explained,
  settings,
}: Explanation): EvidenceView | undefined {
  if (explained !== undefined && explained.first !== explained.evidence)
    return presentEvidence(explained.first, settings);
  const kept = incident?.unit === unit.unit ? incident.evidence : undefined;
  return kept?.exit?.invocationId === unit.lastExit?.invocationId ? undefined : kept;
}
