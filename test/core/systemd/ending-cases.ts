import {
  emptyExitSet,
  type ExitSet,
  type RestartSettings,
} from '../../../src/core/systemd/restart-settings.ts';
import type { RunEnding } from '../../../src/core/systemd/run-ending.ts';

/** The main process exited with status 1, or what is changed of that. */
export function ending(change: Partial<RunEnding> = {}): RunEnding {
  return {
    process: 'main',
    code: 'exited',
    status: 1,
    result: 'exit-code',
    during: 'running',
    requested: false,
    ...change,
  };
}

export const exited = (status: number): RunEnding =>
  ending({ status, result: status === 0 ? 'success' : 'exit-code' });

/** Dead of a signal, as a daemon: SIGHUP, SIGINT, SIGPIPE and SIGTERM are a success. */
export const killed = (signal: number): RunEnding =>
  ending({ code: 'killed', status: signal, result: [1, 2, 13, 15].includes(signal) ? 'success' : 'signal' });

/** How a control process took the run down. */
export const control = (process: string, status: number, result = 'exit-code'): RunEnding =>
  ending({ process, status, result });

/** systemd's defaults (system.conf.d(5)), but for Restart=on-failure and what is changed. */
export function settingsOf(change: Partial<RestartSettings> = {}): RestartSettings {
  return {
    type: 'simple',
    restart: 'on-failure',
    restartSecMs: 100,
    restartSteps: 0,
    restartMaxDelayMs: Infinity,
    restartMode: 'normal',
    preventExitStatus: emptyExitSet,
    forceExitStatus: emptyExitSet,
    successExitStatus: emptyExitSet,
    startLimitIntervalMs: 10_000,
    startLimitBurst: 5,
    systemdVersion: 257,
    ...change,
  };
}

export const statuses = (...numbers: number[]): ExitSet => ({ statuses: numbers, signals: [] });
export const signals = (...numbers: number[]): ExitSet => ({ statuses: [], signals: numbers });
