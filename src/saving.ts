import { readFileSync } from 'node:fs';
import type { Saved } from './core/saved.ts';
import { coerceError } from './kit/errors.ts';
import type { Log } from './kit/log.ts';
import { makeStateFolder, readState, writeState } from './state-file.ts';

/** Counters may be this old in the file; the journal knows what came after. Incidents are written at once. */
const delayMs = 2000;

/** Keeps the state file as true as it must be, and says once when it can't. */
export class Saving {
  readonly #file: string;
  readonly #machineId = readMachineId();
  readonly #log: Log;
  readonly #current: () => Saved;
  #timer: NodeJS.Timeout | undefined;
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

  /** Something changed: `urgent` where it must not be told twice. */
  changed(urgent: boolean): void {
    if (!this.#isLoaded) return;
    if (urgent) return this.now();
    this.#timer ??= setTimeout(() => this.now(), delayMs).unref();
  }

  now(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#isLoaded) return;
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
