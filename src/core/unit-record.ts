import type { Exit } from './exit.ts';
import type { ExitTally } from './exit-tally.ts';
import type { Incident } from './incident.ts';
import type { Policy } from './policy.ts';
import type { Remedy } from './remedy/remedy.ts';
import type { Run } from './run.ts';
import type { Dependencies } from './trouble.ts';
import { emptyWindow, type Window } from './window.ts';

/** One exit and what it burned, kept so that an incident starts with the exits that made its rule hold. */
export interface PastRun {
  readonly exit: Exit;
  readonly cpuMs: number | undefined;
}

/** What flapd knows of one unit. Plain and immutable: `step` puts a new one in its place. */
export interface UnitRecord {
  readonly unit: string;
  readonly policy: Policy;
  readonly loaded: boolean;
  /** The last NRestarts seen; undefined until the unit was seen at all. */
  readonly nRestarts: number | undefined;
  /** `Type=`, once it was asked for. */
  readonly serviceType: string | undefined;
  /** Once it died or restarted, until systemd reloads its units. */
  readonly dependencies: Dependencies | undefined;
  /** Whether its own start limit could stop its loop; known of a unit that looped, until systemd reloads its units. */
  readonly brakeWorks: boolean | undefined;
  readonly run: Run | undefined;
  /** Restarts that count towards a rule. */
  readonly window: Window;
  readonly automatic: number;
  readonly external: number;
  readonly inferred: number;
  readonly lastRestartMs: number | undefined;
  readonly exits: ExitTally;
  readonly lastExit: Exit | undefined;
  readonly pastRuns: readonly PastRun[];
  readonly burnedCpuMs: number | undefined;
  /** systemd refused the last start at the start limit, and the unit has not moved since. */
  readonly braked: boolean;
  /** When it last ceased to be: rest before that is no calm. */
  readonly brakedUntilMs: number;
  readonly incident: Incident | undefined;
  /** What was done about it last. */
  readonly remedy: Remedy | undefined;
  /** Restarts up to here belong to an incident that is closed, and open no other. */
  readonly judgedUntilMs: number;
}

/** Runs kept per unit: twice what the first default rule needs, a few kilobytes. */
export const maxPastRuns = 16;

export function newRecord(unit: string, policy: Policy): UnitRecord {
  return {
    unit,
    policy,
    loaded: true,
    nRestarts: undefined,
    serviceType: undefined,
    dependencies: undefined,
    brakeWorks: undefined,
    run: undefined,
    window: emptyWindow,
    automatic: 0,
    external: 0,
    inferred: 0,
    lastRestartMs: undefined,
    exits: [],
    lastExit: undefined,
    pastRuns: [],
    burnedCpuMs: undefined,
    braked: false,
    brakedUntilMs: -Infinity,
    incident: undefined,
    remedy: undefined,
    judgedUntilMs: -Infinity,
  };
}

/** It restarted or failed: worth showing, and worth keeping once systemd has let go of the unit. */
export function hasTrouble(record: UnitRecord): boolean {
  if (record.automatic + record.external > 0 || record.incident !== undefined) return true;
  if (record.remedy !== undefined) return true;
  return record.exits.some(({ exit }) => exit.result !== 'success' && exit.result !== 'exec-condition');
}
