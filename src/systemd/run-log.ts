import { linesOf } from '../kit/lines.ts';
import { JournalUnreadable, journalctl } from './journal.ts';
import { runMessages, type RunId } from './run-log-entry.ts';
import { RunLogReader, type RunLog } from './run-log-reader.ts';

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
 * The end of one run's log, read backwards from its last line by journald's index, and beside it the lines that journald could
 * not attribute: of a run that dies within milliseconds those may be the last, and say why. Bounded in lines, bytes and time.
 */
export async function readRunLog(run: RunId): Promise<RunLog> {
  const log = new RunLogReader(run);
  const [unknown, lost] = await Promise.all([
    readInto(ownEntries(run), (json) => log.take(json)),
    readInto(lostEntries(run), (json) => log.takeLost(json)),
  ]);
  return log.result(unknown ?? lost);
}

/** Why it could not be read to its end; undefined where it could. `take` says whether that was enough. */
async function readInto(
  which: readonly string[],
  take: (json: string) => boolean,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(withinMs);
  let bytes = 0;
  try {
    const chunks = counted(journalctl([...howToRead, ...which], signal), (count) => (bytes += count));
    for await (const json of linesOf(chunks, mostEntryBytes)) if (take(json) || bytes > mostBytes) break;
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
