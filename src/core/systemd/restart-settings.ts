/** What `Type=` may be (systemd.service(5)). */
export const serviceTypes = [
  'simple',
  'exec',
  'forking',
  'oneshot',
  'dbus',
  'notify',
  'notify-reload',
  'idle',
] as const;
export type ServiceType = (typeof serviceTypes)[number];

/** What `Restart=` may be (systemd.service(5)). */
export const restartSettings = [
  'no',
  'always',
  'on-success',
  'on-failure',
  'on-abnormal',
  'on-abort',
  'on-watchdog',
] as const;
export type RestartSetting = (typeof restartSettings)[number];

/** What `RestartMode=` may be: from v254, `debug` from v257. */
export const restartModes = ['normal', 'direct', 'debug'] as const;
export type RestartMode = (typeof restartModes)[number];

/** The value of `SuccessExitStatus=` and its kin; D-Bus type `(aiai)`. */
export interface ExitSet {
  /** 0 to 255. */
  readonly statuses: readonly number[];
  /** Signal numbers, 1 to 64. */
  readonly signals: readonly number[];
}

export const emptyExitSet: ExitSet = { statuses: [], signals: [] };

/** Everything that decides whether, when and how often systemd restarts a service, as in force after all drop-ins. */
export interface RestartSettings {
  readonly type: ServiceType;
  readonly restart: RestartSetting;
  /** Infinity: systemd waits for ever. */
  readonly restartSecMs: number;
  /** From v254; 0: the delay does not grow. */
  readonly restartSteps: number;
  /** From v254; Infinity where it is not set. systemd takes RestartSec= down to it, to 0 for 0 (measured: 262). */
  readonly restartMaxDelayMs: number;
  /** It changes what others see of a restart, not whether or when it happens. */
  readonly restartMode: RestartMode;
  readonly preventExitStatus: ExitSet;
  readonly forceExitStatus: ExitSet;
  readonly successExitStatus: ExitSet;
  /** 0 switches the start limit off; Infinity counts every start there ever was. */
  readonly startLimitIntervalMs: number;
  /** 0 switches the start limit off. */
  readonly startLimitBurst: number;
  readonly systemdVersion: number;
}

/** `ExecMainCode` and `ExecMainStatus` of a process that has ended. */
export interface ProcessEnd {
  readonly code: 'exited' | 'killed' | 'dumped';
  /** Exit status, or signal number where `code` is not `exited`. */
  readonly status: number;
}

/** A number is only ever an exit status, a signal matches with and without a core dump (exit-status.c `exit_status_set_test`). */
export function includesEnd(set: ExitSet, { code, status }: ProcessEnd): boolean {
  return (code === 'exited' ? set.statuses : set.signals).includes(status);
}
