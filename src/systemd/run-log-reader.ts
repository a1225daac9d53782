import type { CoreDump, LoggedLine, SpawnFailure } from '../core/evidence/evidence.ts';
import { parseRunLogEntry, type RunId } from './run-log-entry.ts';

export interface RunLog {
  /** Oldest first. */
  readonly lines: readonly LoggedLine[];
  /** Why nothing is known of what it said; undefined where it is. */
  readonly unknown: string | undefined;
  readonly spawn: SpawnFailure | undefined;
  readonly coreDump: CoreDump | undefined;
  readonly oomKilled: boolean;
}

/** What a run says last tells why it died; fewer lines might be one stack trace, more nobody reads. */
const mostLines = 80;

/** What PID 1 says of a run once it begins the next (unit.c, `service_enter_restart`). */
const isOver = /: Scheduled restart job\b/;

/** Puts the log of one run together from entries, which come newest first. */
export class RunLogReader {
  readonly #id: RunId;
  /** Newest first, as are those that journald could not attribute. */
  readonly #lines: LoggedLine[] = [];
  readonly #lost: LoggedLine[] = [];
  #spawn: SpawnFailure | undefined;
  #coreDump: CoreDump | undefined;
  #oomKilled = false;

  constructor(id: RunId) {
    this.#id = id;
  }

  /** True where that was enough. */
  take(json: string): boolean {
    const entry = parseRunLogEntry(json, this.#id);
    if (entry === undefined || entry.kind === 'lost') return false;
    if (entry.kind === 'core-dump') {
      // Of several processes that dumped core, the first is likelier to be why.
      this.#coreDump = entry.coreDump;
      return false;
    }
    if (entry.kind === 'oom-kill') this.#oomKilled = true;
    if (entry.kind === 'spawn') this.#spawn = entry.spawn;
    this.#lines.push(...entry.lines.toReversed());
    return this.#lines.length >= mostLines;
  }

  /** Of entries of the unit that may be of any run, those that journald did not attribute to one. */
  takeLost(json: string): boolean {
    const entry = parseRunLogEntry(json, this.#id);
    if (entry?.kind === 'lost') this.#lost.push(...entry.lines.toReversed());
    return this.#lost.length >= mostLines;
  }

  result(unknown: string | undefined): RunLog {
    const lines = [...this.#ownLost(), ...this.#lines];
    return {
      // Of those of one millisecond the lost ones were likelier the last: their process was gone.
      lines: lines
        .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
        .slice(0, mostLines)
        .toReversed(),
      unknown: lines.length > 0 ? undefined : unknown,
      spawn: this.#spawn,
      coreDump: this.#coreDump,
      oomKilled: this.#oomKilled,
    };
  }

  /**
   * Those between PID 1's first word on the run and its word on the next: the one before and the one after lose lines too.
   * Where PID 1 said nothing, they are all that there is, or may be another run's.
   */
  #ownLost(): readonly LoggedLine[] {
    const said = this.#lines.filter(({ by }) => by === 'systemd');
    const first = said.at(-1);
    if (first === undefined) return this.#lines.length === 0 ? this.#lost : [];
    const over = said.find(({ text }) => isOver.test(text))?.at;
    return this.#lost.filter(({ at }) => at >= first.at && (over === undefined || at <= over));
  }
}
