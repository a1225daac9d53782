import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { IncidentView } from '../../src/core/view.ts';

/** One line of flapd's log, as the journal has it; incident lines hold the incident too. */
export interface LogLine extends Partial<Omit<IncidentView, 'unit'>> {
  readonly level: string;
  /** When it was written; lines that are no JSON have none. */
  readonly time?: string;
  readonly message: string;
  readonly event?: string;
  readonly unit?: string;
  /** Of a remedy. */
  readonly outcome?: string;
  readonly incident?: string;
}

type Wanted = (line: LogLine) => boolean;

const waitMs = 30_000;

/** Follows flapd's journal: keeps every line, and wakes who waits for one. */
export class FlapdLog {
  readonly lines: LogLine[] = [];
  readonly #follower: ChildProcess;
  readonly #waiting = new Set<() => void>();

  /** `follower` is a `journalctl --follow --output=cat` of flapd's unit. */
  constructor(follower: ChildProcess) {
    this.#follower = follower;
    if (follower.stdout === null) throw new Error('journalctl was started without a pipe');
    createInterface({ input: follower.stdout }).on('line', (text) => this.#take(text));
  }

  /** The first line that is wanted, among those already there and those to come. */
  first(what: string, wanted: Wanted): Promise<LogLine> {
    return this.#until(what, () => this.lines.find(wanted));
  }

  /** Resolves once that many lines are wanted ones. */
  async several(what: string, count: number, wanted: Wanted): Promise<void> {
    await this.#until(what, () => this.lines.filter(wanted).length >= count || undefined);
  }

  /** What the log tells of a unit's incidents: `opened`, `worsened`, `closed`, in order. */
  incidentEvents(unit: string): readonly string[] {
    return this.lines.flatMap((line) =>
      line.unit === unit && line.event?.startsWith('incident-') === true
        ? line.event.slice('incident-'.length)
        : [],
    );
  }

  end(): void {
    this.#follower.kill('SIGKILL');
  }

  /** Lines that are no JSON are systemd's about flapd's unit, or a bug's stack on stderr. */
  #take(text: string): void {
    const line: LogLine = text.startsWith('{') ? JSON.parse(text) : { level: 'text', message: text };
    this.lines.push(line);
    for (const look of this.#waiting) look();
  }

  #until<T>(what: string, find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const last = this.lines.slice(-15).map(({ message }) => message);
        reject(
          new Error(`flapd did not say "${what}" within ${waitMs / 1000} s. It said:\n${last.join('\n')}`),
        );
      }, waitMs);
      this.#waiting.add(look);
      look();
    });
  }
}
