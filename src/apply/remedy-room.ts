import type { Policy } from '../core/policy.ts';
import type { PlacedFile } from '../core/systemd/unit-settings.ts';
import type { Refusal } from '../core/refusal.ts';
import type { LedgerEntry } from '../core/remedy/remedy-ledger.ts';
import type { DropInFiles } from '../systemd/drop-in-files.ts';
import type { Manager } from '../systemd/manager.ts';
import type { Verified } from '../systemd/verify-drop-in.ts';

/** What is asked of systemd for it. */
export type RemedyManager = Pick<
  Manager,
  | 'loadedService'
  | 'names'
  | 'dependents'
  | 'dropInPaths'
  | 'canonicalName'
  | 'listServices'
  | 'needsReload'
  | 'answers'
  | 'reload'
>;

/** All that applying and reverting have of the world. */
export interface RemedyRoom {
  readonly manager: RemedyManager;
  readonly systemdVersion: number;
  readonly files: DropInFiles;
  readonly policies: readonly Policy[];
  /** Looked at right before each deed: why nothing may be written now. */
  readonly switchedOff: () => Refusal | undefined;
  readonly ledger: {
    read(): readonly LedgerEntry[];
    /** Throws where it can't be kept: then nothing is written. */
    add(entry: LedgerEntry): void;
  };
  /** The unit's files as systemd reads them, the drop-ins after the fragment. */
  readonly unitFiles: (unit: string) => Promise<readonly PlacedFile[]>;
  /** Waits where systemd was told to reload a moment ago. */
  readonly pace: () => Promise<void>;
  readonly wait: (ms: number) => Promise<void>;
  readonly verify: (unit: string, dropIn: string) => Promise<Verified>;
  readonly nowWallMs: () => number;
  /** On the clock of systemd's timestamps. */
  readonly nowMonotonicMs: () => number;
  readonly by: 'hand' | 'daemon';
  /** All the way to the lowest writer, which then writes nothing. */
  readonly dryRun: boolean;
  /** Hears each step before it is done, in one sentence. */
  readonly say: (sentence: string) => void;
  readonly flapdVersion: string;
}
