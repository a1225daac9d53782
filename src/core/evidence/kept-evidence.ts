import type { EvidenceView } from './evidence-view.ts';
import type { Incident } from '../incident.ts';
import { plainText } from '../log-text.ts';
import { put } from '../put.ts';
import type { State } from '../state.ts';
import type { IncidentView } from '../view.ts';

/** It is saved, and sent with the incident: its last lines tell why it died, and `flapd explain` and the journal have the rest. */
const mostLines = 20;
const mostLineChars = 300;
const mostSettings = 20;

/** Open incidents that keep theirs; with what closed ones keep, a megabyte at the very most. */
export const mostKept = 50;

/** As much of it as an incident carries. */
export function keptEvidence({ lines, settings, ...rest }: EvidenceView): EvidenceView {
  return {
    ...rest,
    lines: lines.slice(-mostLines).map((line) => ({ ...line, text: plainText(line.text, mostLineChars) })),
    settings: settings.slice(0, mostSettings),
  };
}

/** In a storm of incidents the newest keep theirs; of the others the journal still has what it has. */
export function dropOldEvidence(state: State): void {
  const kept = [...state.open].flatMap((unit) => {
    const record = state.units.get(unit);
    return record?.incident?.evidence === undefined ? [] : [{ ...record, incident: record.incident }];
  });
  if (kept.length <= mostKept) return;
  const oldest = kept.toSorted((a, b) => a.incident.openedAt.monotonicMs - b.incident.openedAt.monotonicMs);
  for (const record of oldest.slice(0, kept.length - mostKept))
    put(state, { ...record, incident: withoutEvidence(record.incident) }, []);
}

function withoutEvidence(incident: Incident): Incident {
  return { ...incident, evidence: undefined, changes: undefined };
}

/** What was told before need not be told again, nor kept in two places. */
export function leavingOutEvidence({
  evidence: _evidence,
  changes: _changes,
  ...rest
}: IncidentView): IncidentView {
  return rest;
}
