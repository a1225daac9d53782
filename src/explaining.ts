import type { Incident } from './core/incident.ts';
import { instantAt } from './core/instant.ts';
import type { OperatorCause } from './core/operator-cause.ts';
import { presentExit, presentIncident } from './core/present.ts';
import type { CauseView } from './core/view.ts';
import { explainRun } from './explain-run.ts';
import type { Look } from './looking-into.ts';
import type { Manager } from './systemd/manager.ts';

export interface ExplainingDeps {
  readonly managerKind: 'system' | 'user';
  /** Undefined while systemd can't be heard: then there is nobody to ask. */
  readonly manager: () => Manager | undefined;
  readonly operatorCauses: () => readonly OperatorCause[];
  /** Why the runs of the incident die; not called where it could not be found out. */
  readonly onCauses: (incident: Incident, causes: readonly CauseView[]) => void;
}

/** Finds out why the runs of a new incident die. */
export function explaining({ managerKind, manager, operatorCauses, onCauses }: ExplainingDeps): Look {
  return {
    what: ({ unit }) => `the cause of ${unit}`,
    find: async (incident, signal) => {
      const { lastExit } = incident;
      const { exits, firstExit } = presentIncident(incident);
      const asked = manager();
      if (asked === undefined || lastExit === undefined || lastExit.invocationId === '') return;
      const wallMs = (monotonicMs: number): number => instantAt(monotonicMs, incident.openedAt).wallMs;
      const { causes } = await explainRun({
        manager: asked,
        managerKind,
        unit: incident.unit,
        exit: presentExit(lastExit, wallMs(lastExit.atMs)),
        firstExit,
        exits,
        operatorCauses: operatorCauses(),
        firstFailureMs: wallMs(incident.beganMs),
      });
      if (!signal.aborted) onCauses(incident, causes);
    },
  };
}
