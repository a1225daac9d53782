import { statSync, watch, type FSWatcher } from 'node:fs';
import path from 'node:path';
import { coerceError } from '../kit/errors.ts';
import { isPolicyFile, planWatches, type WatchPlan } from './watch-plan.ts';

/** A whole rollout writes its files in less than that; who never stops writing is not waited for. */
const settlingsAtMost = 10;

/** inotify's own limit is 8192 for all of a user's programs on a small machine (inotify(7), max_user_watches). */
const mostWatches = 64;

/** Folders move while they are looked at: so often the plan is made anew before it is taken as it is. */
const mostPlans = 5;

/** With 500 ms to settle: a minute. What could not be watched is tried again. */
const settlingsUntilRetry = 120;

export interface ConfigWatching {
  close(): void;
}

/**
 * Calls `onSettled` when flapd.yaml or a policies.d/*.yaml below `dir` may have changed, once nothing has changed for
 * `settleMs`, or ten times that after the first change. `onTrouble` gets a sentence, once, about what it can't watch.
 */
export function watchConfig(
  dir: string,
  onSettled: () => void,
  onTrouble: (sentence: string) => void,
  settleMs = 500,
): ConfigWatching {
  return new ConfigWatch(dir, onSettled, onTrouble, settleMs);
}

interface Watch {
  readonly watcher: FSWatcher;
  /** Of the folder that is watched: another may stand at its path since. */
  readonly inode: string | undefined;
}

class ConfigWatch implements ConfigWatching {
  readonly #dir: string;
  readonly #onSettled: () => void;
  readonly #onTrouble: (sentence: string) => void;
  readonly #settleMs: number;
  readonly #watches = new Map<string, Watch>();
  #plan: WatchPlan = new Map();
  #troubles: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #firstMs: number | undefined;
  #isClosed = false;

  constructor(dir: string, onSettled: () => void, onTrouble: (sentence: string) => void, settleMs: number) {
    this.#dir = dir;
    this.#onSettled = onSettled;
    this.#onTrouble = onTrouble;
    this.#settleMs = settleMs;
    this.#arrange();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
    for (const folder of [...this.#watches.keys()]) this.#unwatch(folder);
  }

  /** Until watches and plan agree: what appears before its folder is watched is in the next plan. */
  #arrange(): void {
    const troubles = new Set<string>();
    for (let plans = 0; plans < mostPlans; plans += 1) {
      this.#plan = planWatches(this.#dir);
      troubles.clear();
      if (!this.#keepTo(this.#plan, troubles)) break;
    }
    for (const each of troubles) if (!this.#troubles.has(each)) this.#onTrouble(each);
    this.#troubles = troubles;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (troubles.size === 0) return;
    // Whatever changed meanwhile went unnoticed.
    this.#retry = setTimeout(() => this.#changed(), settlingsUntilRetry * this.#settleMs).unref();
  }

  /** Whether a watch was opened, or could not be: the folder may have gone since it was planned. */
  #keepTo(plan: WatchPlan, troubles: Set<string>): boolean {
    let isStable = true;
    const folders = [...plan.keys()].slice(0, mostWatches);
    for (const [folder, { inode }] of this.#watches)
      if (!folders.includes(folder) || inode !== inodeOf(folder)) this.#unwatch(folder);
    for (const folder of folders) {
      if (this.#watches.has(folder)) continue;
      isStable = false;
      try {
        this.#watch(folder);
      } catch (error) {
        troubles.add(this.#sentence(folder, coerceError(error).message.split(', ', 1)[0] ?? ''));
      }
    }
    if (plan.size > mostWatches)
      troubles.add(this.#sentence(this.#dir, `its links lead to more than ${mostWatches} folders`));
    return !isStable;
  }

  #sentence(folder: string, found: string): string {
    return `Cannot watch "${folder}" for changes of the configuration: ${found}; a reload (SIGHUP) reads them.`;
  }

  #watch(folder: string): void {
    const inode = inodeOf(folder);
    const watcher = watch(folder, { persistent: false }, (_, name) => this.#seen(folder, name));
    watcher.on('error', () => {
      this.#unwatch(folder);
      this.#changed();
    });
    this.#watches.set(folder, { watcher, inode });
  }

  #unwatch(folder: string): void {
    this.#watches.get(folder)?.watcher.close();
    this.#watches.delete(folder);
  }

  #seen(folder: string, name: string | null): void {
    const watched = this.#plan.get(folder);
    if (this.#isClosed || watched === undefined) return;
    // That a folder itself is removed or moved is told under its own name.
    if (name === null || name === path.basename(folder) || watched.turns.has(name)) {
      this.#arrange();
      this.#changed();
    } else if (watched.files.has(name) || (watched.hasPolicies && isPolicyFile(name))) {
      this.#changed();
    }
  }

  #changed(): void {
    if (this.#isClosed) return;
    const nowMs = performance.now();
    this.#firstMs ??= nowMs;
    const latestMs = this.#firstMs + settlingsAtMost * this.#settleMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#settle(), Math.min(this.#settleMs, latestMs - nowMs)).unref();
  }

  #settle(): void {
    this.#firstMs = undefined;
    // A file may have become a link. Whatever comes after this is noticed, and the caller reads what came before.
    this.#arrange();
    this.#onSettled();
  }
}

function inodeOf(folder: string): string | undefined {
  try {
    const { dev, ino } = statSync(folder, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
