import type { Snapshot } from '../core/snapshot.ts';
import { Connection } from './connection.ts';

/** A run that has just begun: its main process, or the first of its control processes. */
export interface BegunRun {
  readonly invocationId: string;
  readonly pid: number;
}

/** Watches one unit for runs that begin. */
export class RunWatch {
  readonly #unit: string;
  readonly #seen = new Set<string>();
  #connection: Connection | undefined;
  #begun: ((run: BegunRun) => void) | undefined;
  #lost: Error | undefined;

  private constructor(unit: string) {
    this.#unit = unit;
  }

  /** A run that is on already is none that begins. Rejects with a BusError where systemd can't be reached. */
  static async open(address: string, unit: string): Promise<RunWatch> {
    const watch = new RunWatch(unit);
    const connection = await Connection.open(address, {
      onInput: (input) => {
        if (input.kind === 'snapshot') watch.#take(input.snapshot);
      },
      onStale: () => {},
      onSignal: () => {},
    });
    watch.#connection = connection;
    connection.onLost((reason) => {
      watch.#lost = reason;
    });
    watch.#seen.add((await connection.manager.snapshot(unit)).invocationId);
    return watch;
  }

  #take({ unit, invocationId, mainPid, controlPid }: Snapshot): void {
    const pid = mainPid > 0 ? mainPid : controlPid;
    if (unit !== this.#unit || pid === 0 || this.#begun === undefined) return;
    if (this.#seen.has(invocationId)) return;
    this.#seen.add(invocationId);
    this.#begun({ invocationId, pid });
    this.#begun = undefined;
  }

  /** Undefined where `stop` comes first. Rejects where the bus is lost meanwhile. */
  next(stop: AbortSignal): Promise<BegunRun | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) return reject(this.#lost);
      if (stop.aborted) return resolve(undefined);
      this.#begun = resolve;
      stop.addEventListener('abort', () => resolve(undefined), { once: true });
      this.#connection?.onLost(reject);
    });
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }
}
