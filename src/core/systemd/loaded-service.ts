import type { RestartSettings } from './restart-settings.ts';

/** A service as systemd has loaded it, as far as its restarts go: what is in force, from which files, and who hangs on it. */
export interface LoadedService {
  /** Its own name, of which others may be aliases. */
  readonly unit: string;
  /** `loaded`, `masked`, `not-found`, `bad-setting`, `error`, … */
  readonly loadState: string;
  /** `enabled`, `static`, `generated`, `transient`, …; empty where there is no file that could be enabled. */
  readonly unitFileState: string;
  /** Made at run time: it is gone with its last process. */
  readonly transient: boolean;
  readonly fragmentPath: string | undefined;
  /** In the order in which they are read: a later one overrides. */
  readonly dropInPaths: readonly string[];
  /** A file changed since systemd read it, as far as systemd saw (252 does not see a new folder of drop-ins). */
  readonly needsReload: boolean;
  /** Undefined where no unit file was read: it is masked, or not there. */
  readonly settings: RestartSettings | undefined;
  /** What systemd does to the machine when the start limit refuses a start: `none`, `reboot`, `poweroff-force`, … */
  readonly startLimitAction: string;
  /** What it does when the unit rests in `failed`, whatever brought it there. */
  readonly failureAction: string;
  /** From v262: a random part of each delay that comes on top. */
  readonly randomDelayMs: number;
  /** The restart counter, from which a growing delay goes on. */
  readonly nRestarts: number;
  /** Since when it is active, on the monotonic clock; undefined where it is not. */
  readonly activeSinceMs: number | undefined;
  /** Units that can't be started while it is failed: Requires=, Requisite=. */
  readonly requiredBy: readonly string[];
  /** Units that are stopped when it is down for good: BindsTo=. */
  readonly boundBy: readonly string[];
}
