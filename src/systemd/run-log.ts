import type { CoreDump, LoggedLine, SpawnFailure } from '../core/evidence.ts';
import { linesOf } from '../kit/lines.ts';
import { JournalUnreadable, journalctl } from './journal.ts';
import { parseRunLogEntry, runMessages, type RunId } from './run-log-entry.ts';

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
const mostEntries = 300;
/** journald splits what comes over standard output at 48 KiB; as a list of bytes that is four times as much. */
const mostEntryBytes = 512 * 1024;
const mostBytes = 4 * 1024 * 1024;
const withinMs = 1500;

const wantedFields = [
  ...[
    'MESSAGE',
    'MESSAGE_ID',
    'UNIT',
    'USER_UNIT',
    'INVOCATION_ID',
    'USER_INVOCATION_ID',
    'ERRNO',
    'EXECUTABLE',
  ],
  ...['COREDUMP_UNIT', 'COREDUMP_USER_UNIT', 'COREDUMP_PID', 'COREDUMP_SIGNAL', 'COREDUMP_EXE'],
  ...['_PID', '_COMM', '_SYSTEMD_UNIT', '_SYSTEMD_USER_UNIT', '_SYSTEMD_INVOCATION_ID'],
];

/**
 * The end of one run's log, read backwards from its last line by journald's index. Bounded in lines, bytes and time. Lines
 * that journald could not attribute are looked for where there are no others.
 */
export async function readRunLog(run: RunId): Promise<RunLog> {
  const log = new RunLogReader(run);
  const unknown = await readInto(log, ownEntries(run));
  const lost = log.hasServiceLine ? undefined : await readInto(log, lostEntries(run));
  return log.result(unknown ?? lost);
}

/** Why it could not be read to its end; undefined where it could. */
async function readInto(log: RunLogReader, which: readonly string[]): Promise<string | undefined> {
  const signal = AbortSignal.timeout(withinMs);
  let bytes = 0;
  try {
    const chunks = counted(journalctl([...howToRead, ...which], signal), (count) => (bytes += count));
    for await (const json of linesOf(chunks, mostEntryBytes)) {
      log.take(json);
      if (log.isFull || bytes > mostBytes) break;
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof JournalUnreadable)) throw error;
    // Of a journal that is slow, what was read by then is the end of the log, which is what counts.
    return signal.aborted ? 'the journal did not answer in time' : error.message;
  }
}

async function* counted(
  chunks: AsyncIterable<Buffer>,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}

const howToRead = [
  ...[
    '--output=json',
    `--output-fields=${wantedFields.join(',')}`,
    '--all',
    '--quiet',
    '--no-pager',
    '--reverse',
  ],
  `--lines=${mostEntries}`,
];

function ownEntries({ unit, invocationId, manager, fromWallMs }: RunId): readonly string[] {
  const user = manager === 'user' ? 'USER_' : '';
  return [
    `--since=@${Math.floor(fromWallMs / 1000)}`,
    ...[`_SYSTEMD_INVOCATION_ID=${invocationId}`, '+', `${user}INVOCATION_ID=${invocationId}`],
    ...['+', `MESSAGE_ID=${runMessages.coreDump}`, `COREDUMP_${user}UNIT=${unit}`],
  ];
}

function lostEntries({ unit, manager, fromWallMs, untilWallMs }: RunId): readonly string[] {
  const [since, until] = [Math.floor(fromWallMs / 1000), Math.ceil(untilWallMs / 1000) + 1];
  const name = manager === 'user' ? '_SYSTEMD_USER_UNIT' : '_SYSTEMD_UNIT';
  return [`--since=@${since}`, `--until=@${until}`, `${name}=${unit}`];
}

class RunLogReader {
  readonly #id: RunId;
  /** Newest first. */
  readonly #lines: LoggedLine[] = [];
  #spawn: SpawnFailure | undefined;
  #coreDump: CoreDump | undefined;
  #oomKilled = false;

  constructor(id: RunId) {
    this.#id = id;
  }

  get isFull(): boolean {
    return this.#lines.length >= mostLines;
  }

  get hasServiceLine(): boolean {
    return this.#lines.some(({ by }) => by === 'service');
  }

  take(json: string): void {
    const entry = parseRunLogEntry(json, this.#id);
    if (entry === undefined) return;
    if (entry.kind === 'core-dump') {
      // Of several processes that dumped core, the first is likelier to be why.
      this.#coreDump = entry.coreDump;
      return;
    }
    if (entry.kind === 'oom-kill') this.#oomKilled = true;
    if (entry.kind === 'spawn') this.#spawn = entry.spawn;
    this.#lines.push(...entry.lines.toReversed());
  }

  result(unknown: string | undefined): RunLog {
    return {
      // Those that were found later need not have come later.
      lines: this.#lines
        .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
        .slice(0, mostLines)
        .toReversed(),
      unknown: this.#lines.length > 0 ? undefined : unknown,
      spawn: this.#spawn,
      coreDump: this.#coreDump,
      oomKilled: this.#oomKilled,
    };
  }
}
