import { readFileSync } from 'node:fs';
import type { Saved } from './core/saved.ts';
import { coerceError } from './kit/errors.ts';
import type { Log } from './kit/log.ts';
import { makeStateFolder, readState, writeState } from './state-file.ts';

/**
 * How long what changed may wait for its place in the file:
 * - `now`: what is about to be told;
 * - `soon`: what a sink has taken, which the next flapd would tell once more: nothing, unless writing would then take
 *   more than a twentieth of the time, as where a sink takes hundreds one after the other;
 * - `later`: counters. The journal knows what came after.
 */
export type Haste = 'now' | 'soon' | 'later';

const laterMs = 2000;
const restPerWrite = 19;

/** Keeps the state file as true as it must be, and says once when it can't. */
export class Saving {
  readonly #file: string;
  readonly #machineId = readMachineId();
  readonly #log: Log;
  readonly #current: () => Saved;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer is due, and until when `soon` waits; both as performance.now() counts. */
  #dueMs = Infinity;
  #restUntilMs = 0;
  #failed = false;
  /** Before that the file is the one that is still to be read. */
  #isLoaded = false;

  constructor(file: string, log: Log, current: () => Saved) {
    this.#file = file;
    this.#log = log;
    this.#current = current;
  }

  /** What the flapd before this one left; undefined where there is nothing to go by. */
  async load(nowWallMs: number): Promise<Saved | undefined> {
    const read = readState(this.#file, this.#machineId, nowWallMs);
    if (read.kind === 'unusable') {
      const kept = read.asideAs === undefined ? '' : ` It is kept as ${read.asideAs}.`;
      this.#log.warn(
        { file: this.#file },
        `Cannot use the saved state in ${this.#file}: ${read.why}.${kept}`,
      );
    }
    await makeStateFolder(this.#file).catch(() => undefined);
    this.#isLoaded = true;
    return read.kind === 'read' ? read.saved : undefined;
  }

  changed(haste: Haste): void {
    if (!this.#isLoaded) return;
    const waitMs = haste === 'later' ? laterMs : haste === 'soon' ? this.#restUntilMs - performance.now() : 0;
    if (waitMs <= 0) this.now();
    else this.#writeWithin(waitMs);
  }

  now(): void {
    this.#cancel();
    if (!this.#isLoaded) return;
    const beganMs = performance.now();
    this.#write();
    const endedMs = performance.now();
    this.#restUntilMs = endedMs + Math.min(laterMs, restPerWrite * (endedMs - beganMs));
  }

  #writeWithin(waitMs: number): void {
    const dueMs = performance.now() + waitMs;
    if (dueMs >= this.#dueMs) return;
    this.#cancel();
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => this.now(), waitMs).unref();
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dueMs = Infinity;
  }

  #write(): void {
    try {
      writeState(this.#file, this.#machineId, this.#current());
      if (this.#failed) this.#log.info({ file: this.#file }, `The state is saved in ${this.#file} again.`);
      this.#failed = false;
    } catch (error) {
      if (this.#failed) return;
      this.#failed = true;
      const why = coerceError(error).message;
      this.#log.warn(
        { file: this.#file },
        `Cannot save the state in "${this.#file}": ${why}. Watching goes on; after a restart of flapd what is open now may be told again.`,
      );
    }
  }
}

/** State that was copied with a disk image to another host is not that host's (machine-id(5)). */
function readMachineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return '';
  }
}
