import { countText } from '../core/count-words.ts';
import type { Shell } from './shell.ts';

/** How often the count is written anew, and how long nothing is written: what is done at once needs no progress. */
const everyMs = 200;
const firstAfterMs = 500;
interface Counted {
  /** What is counted. */
  readonly noun: string;
  /** The clock is asked once in so many steps: a million of them shall not take longer for being counted. */
  readonly stepsPerLook: number;
}

const journalEntries: Counted = { noun: 'entries', stepsPerLook: 1000 };

/** Says on a terminal how far a long reading has come; says nothing in a pipe. */
export class Progress {
  readonly #shell: Shell;
  readonly #what: string;
  readonly #counted: Counted;
  readonly #startMs: number;
  #steps = 0;
  #shownMs = 0;

  constructor(shell: Shell, what: string, counted = journalEntries) {
    this.#shell = shell;
    this.#what = what;
    this.#counted = counted;
    this.#startMs = shell.clock.now().monotonicMs;
  }

  step(): void {
    this.#steps += 1;
    const { noun, stepsPerLook } = this.#counted;
    if (this.#steps % stepsPerLook !== 0 || this.#shell.stderr.isTTY !== true) return;
    const nowMs = this.#shell.clock.now().monotonicMs;
    if (nowMs - this.#startMs < firstAfterMs || nowMs - this.#shownMs < everyMs) return;
    this.#shownMs = nowMs;
    this.#shell.stderr.write(`\r\u001b[K${this.#what}: ${countText(this.#steps)} ${noun}`);
  }

  done(): void {
    if (this.#shownMs > 0) this.#shell.stderr.write('\r\u001b[K');
  }
}
