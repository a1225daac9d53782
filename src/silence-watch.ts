import { statSync, watch, type FSWatcher } from 'node:fs';
import { isInForce, type Silence } from './core/silence.ts';
import type { Clock } from './kit/clock.ts';
import { coerceError } from './kit/errors.ts';
import { makeSilencesFolder, readSilences, sweepSilences } from './silences.ts';

/** Several at once, as `flapd silence a b c` makes them, are one change. */
const settleMs = 200;

/** A timer runs by another clock than silences do, and by none while the machine sleeps. */
const longestSleepMs = 60 * 60 * 1000;

export interface SilenceWatchOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Called with all that are in force whenever they have changed. */
  readonly onChange: (silences: readonly Silence[]) => void;
  /** A sentence; each is told once while it holds. */
  readonly onTrouble: (sentence: string) => void;
}

/** Keeps the silences that are in force. While there is none, and nothing changes, it has no timer. */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  #current: readonly Silence[] = [];
  #troubles: readonly string[] = [];
  #watcher: { readonly of: FSWatcher; readonly inode: string } | undefined;
  #settling: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** Reads at once; `onChange` is called where there is a silence already. */
  constructor(options: SilenceWatchOptions) {
    this.#options = options;
    this.refresh();
  }

  get current(): readonly Silence[] {
    return this.#current;
  }

  /** Looks again now. Needed only where the folder could not be watched, or has been taken away. */
  refresh(): void {
    if (this.#isClosed) return;
    const troubles: string[] = [];
    // Before it is read: what comes in between is then noticed.
    this.#attempt(troubles, 'watch', () => this.#keepWatching());
    let isNew = false;
    this.#attempt(troubles, 'read', () => {
      isNew = this.#read(troubles);
    });
    if (isNew) this.#options.onChange(this.#current);
    for (const each of troubles) if (!this.#troubles.includes(each)) this.#options.onTrouble(each);
    this.#troubles = troubles;
  }

  close(): void {
    this.#isClosed = true;
    this.#unwatch();
    clearTimeout(this.#settling);
    clearTimeout(this.#expiry);
  }

  #keepWatching(): void {
    const { folder } = this.#options;
    const found = inodeOf(folder);
    if (this.#watcher !== undefined && this.#watcher.inode === found) return;
    this.#unwatch();
    if (found === undefined) makeSilencesFolder(folder);
    const inode = inodeOf(folder) ?? '';
    const watcher = watch(folder, { persistent: false }, () => this.#changed());
    watcher.on('error', () => {
      this.#unwatch();
      this.#changed();
    });
    this.#watcher = { of: watcher, inode };
  }

  #unwatch(): void {
    this.#watcher?.of.close();
    this.#watcher = undefined;
  }

  /** Files are put there whole, so that nobody has to wait for the last change. */
  #changed(): void {
    if (this.#isClosed) return;
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      this.refresh();
    }, settleMs).unref();
  }

  /** Whether what is in force is other than before. */
  #read(troubles: string[]): boolean {
    const { folder, clock } = this.#options;
    const nowMs = clock.now().wallMs;
    const { silences, warnings } = readSilences(folder);
    troubles.push(...warnings);
    const inForce = silences.filter((silence) => isInForce(silence, nowMs));
    const isNew = JSON.stringify(inForce) !== JSON.stringify(this.#current);
    this.#current = inForce;
    this.#sleepUntilExpiry(nowMs);
    if (silences.some(({ untilWallMs }) => untilWallMs <= nowMs)) this.#sweep(nowMs);
    return isNew;
  }

  #sleepUntilExpiry(nowMs: number): void {
    clearTimeout(this.#expiry);
    this.#expiry = undefined;
    if (this.#current.length === 0) return;
    const nextMs = Math.min(...this.#current.map(({ untilWallMs }) => untilWallMs)) - nowMs;
    this.#expiry = setTimeout(() => this.refresh(), Math.ceil(Math.min(nextMs, longestSleepMs))).unref();
  }

  #sweep(nowMs: number): void {
    try {
      sweepSilences(this.#options.folder, nowMs);
    } catch {
      // They are over all the same; the next `flapd silence` takes them away.
    }
  }

  #attempt(troubles: string[], what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      const why = coerceError(error).message;
      troubles.push(
        `Cannot ${what} the silences in "${this.#options.folder}": ${why}; ` +
          'notifications about silenced services may go out.',
      );
    }
  }
}

function inodeOf(folder: string): string | undefined {
  const found = statSync(folder, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}
