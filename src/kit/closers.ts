import { coerceError } from './errors.ts';

/** Whoever opens something registers its close; closing runs them in reverse order, each bounded in time, once. */
export class Closers {
  readonly #entries: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];
  readonly #limitMs: number;
  readonly #onProblem: (name: string, error: Error) => void;
  #closing: Promise<void> | undefined;

  constructor(limitMs: number, onProblem: (name: string, error: Error) => void) {
    this.#limitMs = limitMs;
    this.#onProblem = onProblem;
  }

  add(name: string, close: () => Promise<void> | void): void {
    this.#entries.push({ name, close });
  }

  closeAll(): Promise<void> {
    this.#closing ??= this.#closeInOrder();
    return this.#closing;
  }

  async #closeInOrder(): Promise<void> {
    for (const { name, close } of this.#entries.toReversed()) {
      try {
        await this.#bounded(name, Promise.resolve(close()));
      } catch (error) {
        this.#onProblem(name, coerceError(error));
      }
    }
  }

  async #bounded(name: string, closed: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`${name} did not close within ${this.#limitMs} ms`)),
        this.#limitMs,
      );
    });
    try {
      await Promise.race([closed, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
