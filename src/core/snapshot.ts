/**
 * One consistent look at a service: systemd emits the Service part and the Unit part of a change right after each
 * other, each with every property (dbus-unit.c `send_changed_signal`), so a pair is a snapshot.
 */
export interface Snapshot {
  readonly unit: string;
  /** `active`, `activating`, `deactivating`, `inactive`, `failed`, `reloading`, or a word newer than flapd. */
  readonly activeState: string;
  /** Opaque but for the few names that `core/phase.ts` knows. */
  readonly subState: string;
  /** 0 where no job is queued for the unit. */
  readonly jobId: number;
  /** 32 hex digits, or empty where the unit never ran. */
  readonly invocationId: string;
  /** Whether a timer or path unit started this run (ActivationDetails, systemd >= 252). */
  readonly triggered: boolean;
  readonly result: string;
  readonly nRestarts: number;
  readonly mainPid: number;
  readonly controlPid: number;
  readonly execMainPid: number;
  /** 0 not ended, 1 exited, 2 killed, 3 dumped core (CLD_*). */
  readonly execMainCode: number;
  readonly execMainStatus: number;
  /** CLOCK_MONOTONIC in milliseconds; 0 where it has not happened. */
  readonly execMainStartMs: number;
  readonly execMainExitMs: number;
  readonly inactiveEnterMs: number;
}

/** A unit of which nothing is known but its name: at rest, and never run. */
export function blankSnapshot(unit: string): Snapshot {
  return {
    unit,
    activeState: 'inactive',
    subState: 'dead',
    jobId: 0,
    invocationId: '',
    triggered: false,
    result: 'success',
    nRestarts: 0,
    mainPid: 0,
    controlPid: 0,
    execMainPid: 0,
    execMainCode: 0,
    execMainStatus: 0,
    execMainStartMs: 0,
    execMainExitMs: 0,
    inactiveEnterMs: 0,
  };
}
