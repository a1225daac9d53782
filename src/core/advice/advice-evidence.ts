import type { Sequel } from '../chronicle.ts';
import type { Exit } from '../exit.ts';
import type { LoadedService } from '../systemd/loaded-service.ts';
import type { Policy } from '../policy.ts';
import type { PlacedFile } from '../systemd/unit-settings.ts';

/** A run that has ended, and what came after it. */
export interface HistoryRun {
  readonly exit: Exit;
  /** Undefined where it is not known: the journal tells it from a second on. */
  readonly cpuMs: number | undefined;
  readonly sequel: Sequel;
}

/** Another instance of the same template. */
export interface Sister {
  readonly unit: string;
  /** It loops too, and ends in the same way. */
  readonly diesAlike: boolean;
}

/** All that advice is made of: nothing else is looked at. Times are milliseconds on one scale that is never set back. */
export interface AdviceEvidence {
  readonly service: LoadedService;
  /** Its files in the order in which systemd reads them; empty where they are not known. */
  readonly files: readonly PlacedFile[];
  /** Those of its files that could not be read: what is in them is not known. */
  readonly unread: readonly string[];
  readonly policy: Pick<Policy, 'name' | 'remedy' | 'calmAfterMs'>;
  /** Oldest first; all there were since `sinceMs`. */
  readonly runs: readonly HistoryRun[];
  readonly sinceMs: number;
  readonly nowMs: number;
  /** Since when it is up; undefined where it is not. */
  readonly upSinceMs: number | undefined;
  /** systemd gave up on it at its start limit. */
  readonly braked: boolean;
  /** The service in trouble that its own trouble follows. */
  readonly root: string | undefined;
  /** Those that are loaded; none where it is no instance. */
  readonly sisters: readonly Sister[];
}
