/** Runs tasks in the order given, at most `width` at a time, and holds at most `room` that wait. */
export class Limit {
  readonly #width: number;
  readonly #room: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(width: number, room = Infinity) {
    this.#width = width;
    this.#room = room;
  }

  /** Undefined, at once, where there is no room: what is asked too often is better not asked. */
  tryRun<T>(task: () => Promise<T>): Promise<T> | undefined {
    return this.#waiting.length >= this.#room ? undefined : this.run(task);
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#width) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
