import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Instant } from '../core/instant.ts';
import { journalMessages, type JournalRecord } from '../core/journal-record.ts';
import { childTurn } from '../kit/child-turn.ts';
import { coerceError } from '../kit/errors.ts';
import { linesOf } from '../kit/lines.ts';
import { parseJournalLine } from './journal-line.ts';
import { JournalTimes } from './journal-times.ts';

/** Where the past is read from: this machine's journal, a folder of journal files, or `journalctl -o json` output. */
export type JournalSource =
  | { readonly kind: 'live' }
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'text'; readonly chunks: AsyncIterable<Buffer> };

export interface JournalQuery {
  readonly source: JournalSource;
  /** Whose records: PID 1's, or those of users' managers (of the live journal: this user's alone). */
  readonly manager: 'system' | 'user';
  /** Only what is about this one, which the journal's index finds at once; of a recording everything is read. */
  readonly unit?: string | undefined;
  /** Only the latest so many entries; of a recording everything is read. */
  readonly mostEntries?: number | undefined;
  /** Entries before are left out; everything where it is undefined. */
  readonly sinceWallMs: number | undefined;
  /** Times of this boot are on its monotonic scale, others at their distance by the wall clock. */
  readonly now: Instant;
  readonly signal?: AbortSignal | undefined;
  /** Called for each line, whether or not it says something. */
  readonly onLine?: (() => void) | undefined;
  /** Called where `journalctl` had something to complain about, but not so much that it gave up. */
  readonly onComplaint?: ((complaint: string) => void) | undefined;
}

/** Why the journal had nothing: `journalctl`'s own words. */
export class JournalUnreadable extends Error {}

/** journald itself cuts a field at 768 MiB; what flapd wants is below 2 KiB. */
const longestLineBytes = 1024 * 1024;

/**
 * What managers wrote, oldest first, streamed. Asking for the few message ids lets journalctl use its index: a day of a
 * busy host's journal is read in the time its restarts take, not its size.
 */
export async function* readJournal(query: JournalQuery): AsyncGenerator<JournalRecord> {
  const { source, manager, now } = query;
  const live = source.kind === 'live';
  const times = new JournalTimes(now, live ? await currentBootId() : undefined);
  const chunks =
    source.kind === 'text'
      ? source.chunks
      : journalctl([...howToRead, ...argumentsOf(source, query)], query.signal, query.onComplaint);
  const sinceMs = query.sinceWallMs ?? -Infinity;
  let lines = 0;
  let isJournal = source.kind !== 'text';
  for await (const line of linesOf(chunks, longestLineBytes)) {
    query.onLine?.();
    lines += 1;
    isJournal ||= line.includes('"__REALTIME_TIMESTAMP"');
    const record = parseJournalLine(line, times, manager);
    if (record !== undefined && record.at.wallMs >= sinceMs) yield record;
  }
  if (lines > 0 && !isJournal) throw new JournalUnreadable('no line of it is a journal entry');
  if (lines > 0 || source.kind === 'text') return;
  if (await isEmpty(live ? filesOf(manager) : [`--directory=${source.path}`], query.signal))
    throw new JournalUnreadable(live ? 'it is empty, or journald keeps none' : 'it holds no journal entry');
}

/** A journal that says nothing of services is no journal at all where it says nothing of anything else either. */
async function isEmpty(where: readonly string[], signal?: AbortSignal): Promise<boolean> {
  for await (const _chunk of journalctl(['--quiet', '--no-pager', '--lines=1', ...where], signal))
    return false;
  return true;
}

/** `_BOOT_ID` of entries written now. */
export async function currentBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim().replaceAll('-', '');
}

/** What `journalctl` prints. Throws a JournalUnreadable where it gives up; ends it where nobody reads on. */
export async function* journalctl(
  argv: readonly string[],
  signal: AbortSignal | undefined,
  onComplaint?: (complaint: string) => void,
): AsyncGenerator<Buffer> {
  await childTurn();
  const child = spawn('journalctl', argv, { stdio: ['ignore', 'pipe', 'pipe'], ...(signal && { signal }) });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, 1000);
  });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.on('error', (error) => reject(new JournalUnreadable(`journalctl: ${error.message}`)));
    child.on('close', resolve);
  });
  // Rejections are for whoever awaits below; one that nobody awaits any more is no bug.
  exit.catch(() => undefined);
  let bytes = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      yield chunk;
    }
    const code = await exit;
    const [first = ''] = complaint.trim().split('\n');
    // Files that it may not or can't open it passes over, and is content with what is left.
    if (code !== 0 || (first !== '' && bytes === 0))
      throw new JournalUnreadable(first.replace(/\.$/, '') || `journalctl exited with ${code}`);
    if (first !== '') onComplaint?.(first.replace(/\.$/, ''));
  } catch (error) {
    // Where the child was ended its pipe may break first: that says less than why it was.
    if (error instanceof JournalUnreadable) throw error;
    throw new JournalUnreadable(coerceError(error).message, { cause: error });
  } finally {
    child.kill();
  }
}

const wantedFields = [
  ...['MESSAGE_ID', 'UNIT', 'USER_UNIT', 'INVOCATION_ID', 'USER_INVOCATION_ID', 'COMMAND', 'EXIT_CODE'],
  ...['EXIT_STATUS', 'UNIT_RESULT', 'N_RESTARTS', 'CPU_USAGE_NSEC'],
  ...['_PID', '_UID', '_COMM', '_SYSTEMD_UNIT', '_SYSTEMD_USER_UNIT', '_MACHINE_ID'],
];

const howToRead = [
  ...['--output=json', `--output-fields=${wantedFields.join(',')}`, '--quiet', '--no-pager', '--all'],
];

function argumentsOf(
  source: Exclude<JournalSource, { kind: 'text' }>,
  { manager, sinceWallMs, unit, mostEntries }: JournalQuery,
): string[] {
  const live = source.kind === 'live';
  const ids = Object.values(journalMessages).map((id) => `MESSAGE_ID=${id}`);
  return [
    // With both, older versions show the first entries since then, not the latest.
    ...(mostEntries !== undefined
      ? [`--lines=${mostEntries}`]
      : sinceWallMs === undefined
        ? []
        : [`--since=@${Math.floor(sinceWallMs / 1000)}`]),
    ...(live ? filesOf(manager) : [`--directory=${source.path}`]),
    ...(manager === 'system' ? ['_PID=1'] : ['_SYSTEMD_USER_UNIT=init.scope', '_COMM=systemd']),
    ...(live && manager === 'user' ? [`_UID=${process.getuid?.() ?? 0}`] : []),
    ...(unit === undefined ? [] : [`${manager === 'system' ? 'UNIT' : 'USER_UNIT'}=${unit}`]),
    ...ids,
  ];
}

/**
 * A user's records are in the user's own file, or in the system's: of users below 1000, and of all where the journal is
 * volatile (journald.conf(5), SplitMode=). `journalctl --user` would look at the first alone.
 */
function filesOf(manager: 'system' | 'user'): string[] {
  return manager === 'system' ? ['--system'] : [];
}
