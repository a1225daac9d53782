import type { ChangeView } from './core/evidence/change.ts';
import { type EvidenceView, presentEvidence } from './core/evidence/evidence-view.ts';
import type { Incident } from './core/incident.ts';
import { instantAt } from './core/instant.ts';
import type { OperatorCause } from './core/evidence/operator-cause.ts';
import { presentExit, presentIncident } from './core/present.ts';
import type { CauseView } from './core/view.ts';
import { explainRun } from './explain-run.ts';
import type { Look } from './looking-into.ts';
import type { Manager } from './systemd/manager.ts';
import { settingsOfUnit } from './systemd/settings-of-unit.ts';

export interface ExplainingDeps {
  readonly managerKind: 'system' | 'user';
  /** Undefined while systemd can't be heard: then there is nobody to ask. */
  readonly manager: () => Manager | undefined;
  readonly operatorCauses: () => readonly OperatorCause[];
  /** Not called where it could not be found out. */
  readonly onFound: (incident: Incident, found: FirstFailure) => void;
}

/** Why the runs of an incident die, and what is left of the first of them. */
export interface FirstFailure {
  readonly causes: readonly CauseView[];
  readonly evidence: EvidenceView;
  readonly changes: readonly ChangeView[];
}

/** Finds out why the runs of a new incident die. */
export function explaining({ managerKind, manager, operatorCauses, onFound }: ExplainingDeps): Look {
  return {
    what: ({ unit }) => `the cause of ${unit}`,
    find: async (incident, signal) => {
      const { lastExit } = incident;
      const { exits, firstExit } = presentIncident(incident);
      const asked = manager();
      if (asked === undefined || lastExit === undefined || lastExit.invocationId === '') return;
      const wallMs = (monotonicMs: number): number => instantAt(monotonicMs, incident.openedAt).wallMs;
      const explained = explainRun({
        manager: asked,
        managerKind,
        unit: incident.unit,
        exit: presentExit(lastExit, wallMs(lastExit.atMs)),
        firstExit,
        exits,
        operatorCauses: operatorCauses(),
        firstFailureMs: wallMs(incident.beganMs),
      });
      const [{ causes, first, changes }, settings] = await Promise.all([
        explained,
        settingsOfUnit(asked, incident.unit),
      ]);
      if (!signal.aborted) onFound(incident, { causes, evidence: presentEvidence(first, settings), changes });
    },
  };
}
