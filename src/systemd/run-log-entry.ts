import type { CoreDump, LoggedLine, SpawnFailure } from '../core/evidence/evidence.ts';
import { signalName } from '../core/systemd/exit-status.ts';
import { plainText } from '../core/log-text.ts';
import { maskSecrets } from '../core/evidence/secrets.ts';
import { parseRecord } from '../kit/record.ts';

/** Whose log it is: the run of a unit of one manager. */
export interface RunId {
  readonly unit: string;
  readonly invocationId: string;
  readonly manager: 'system' | 'user';
  /** When the run began and ended, as nearly as that is known: wall clock milliseconds. */
  readonly fromWallMs: number;
  readonly untilWallMs: number;
}

export type RunLogEntry =
  | { readonly kind: 'line'; readonly lines: readonly LoggedLine[] }
  /** Of the unit; of which of its runs, the time has to say. */
  | { readonly kind: 'lost'; readonly lines: readonly LoggedLine[] }
  | { readonly kind: 'spawn'; readonly lines: readonly LoggedLine[]; readonly spawn: SpawnFailure }
  | { readonly kind: 'oom-kill'; readonly lines: readonly LoggedLine[] }
  | { readonly kind: 'core-dump'; readonly coreDump: CoreDump };

/** sd-messages.h */
export const runMessages = {
  spawnFailed: '641257651c1b4ec9a8624d7a40a9e1e7',
  outOfMemory: 'fe6faa94e7774663a0da52717891d8ef',
  coreDump: 'fc2e22bc6ee647b6b90729ab34a250b1',
} as const;

/** Of a line; whoever wants more has journalctl. */
const mostChars = 400;
/** Of one entry: a stack trace that was logged as a whole. */
const mostLinesOfEntry = 40;

type Fields = Readonly<Record<string, unknown>>;

/**
 * One line of `journalctl -o json` as what it tells of the run; undefined where it tells nothing. journald alone sets the
 * fields that begin with an underscore: by these it is told who speaks. A message is text, whatever it looks like.
 */
export function parseRunLogEntry(json: string, id: RunId): RunLogEntry | undefined {
  const fields = parseRecord(json);
  if (fields === undefined) return undefined;
  const messageId = textOf(fields, 'MESSAGE_ID');
  if (messageId === runMessages.coreDump) return coreDumpOf(fields, id);
  const by = speakerOf(fields, id);
  if (by === undefined) return undefined;
  const lines = linesOf(fields, by);
  if (by === 'service')
    return { kind: textOf(fields, '_SYSTEMD_INVOCATION_ID') === '' ? 'lost' : 'line', lines };
  if (messageId === runMessages.outOfMemory) return { kind: 'oom-kill', lines };
  if (messageId !== runMessages.spawnFailed) return { kind: 'line', lines };
  const errno = Number(textOf(fields, 'ERRNO') || 'NaN');
  const executable = plainText(textOf(fields, 'EXECUTABLE'), mostChars);
  const spawn = {
    text: lines[0]?.text ?? '',
    ...(Number.isInteger(errno) ? { errno } : {}),
    ...(executable.startsWith('/') ? { executable } : {}),
  };
  return { kind: 'spawn', lines, spawn };
}

/**
 * The manager, or the child that it forked and that has not become the service yet: it speaks of the run in its own
 * fields. The service itself is known by the invocation that journald found its process in.
 */
function speakerOf(fields: Fields, id: RunId): LoggedLine['by'] | undefined {
  const { unit, invocationId, manager } = id;
  const prefix = manager === 'user' ? 'USER_' : '';
  const speaksOfRun =
    textOf(fields, `${prefix}UNIT`) === unit && textOf(fields, `${prefix}INVOCATION_ID`) === invocationId;
  if (speaksOfRun && isManager(fields, manager)) return 'systemd';
  const found = textOf(fields, '_SYSTEMD_INVOCATION_ID');
  if (found === '') return isLostLine(fields, id) ? 'service' : undefined;
  if (found !== invocationId) return undefined;
  return speaksOfRun && isForkedChild(fields) ? 'systemd' : 'service';
}

/** journald may lag behind the end of a run that it could not attribute in time. */
const lagMs = 500;

/**
 * journald looks up a process when it comes to its lines. Of one that is gone by then it knows the unit alone, which PID 1
 * gave it with the stream (journald-context.c `client_context_read_cgroup`); which run it was, the time has to say.
 */
function isLostLine(fields: Fields, { unit, manager, fromWallMs, untilWallMs }: RunId): boolean {
  if (textOf(fields, manager === 'user' ? '_SYSTEMD_USER_UNIT' : '_SYSTEMD_UNIT') !== unit) return false;
  const atMs = Number(textOf(fields, '__REALTIME_TIMESTAMP') || 'NaN') / 1000;
  return atMs >= fromWallMs && atMs <= untilWallMs + lagMs;
}

function isManager(fields: Fields, manager: RunId['manager']): boolean {
  if (manager === 'system')
    return (
      textOf(fields, '_PID') === '1' ||
      (textOf(fields, '_SYSTEMD_UNIT') === 'init.scope' && isForkedChild(fields))
    );
  return textOf(fields, '_SYSTEMD_USER_UNIT') === 'init.scope';
}

/** Until execve(2) it goes by the name of what it is about to be, in brackets (exec-invoke.c `rename_process_from_path`). */
function isForkedChild(fields: Fields): boolean {
  return /^\(.*\)$/.test(textOf(fields, '_COMM'));
}

function linesOf(fields: Fields, by: LoggedLine['by']): readonly LoggedLine[] {
  const at = timeOf(fields);
  const message = textOf(fields, 'MESSAGE');
  return message
    .slice(0, mostChars * mostLinesOfEntry * 4)
    .split('\n', mostLinesOfEntry)
    .map((line) => ({ at, by, text: plainText(maskSecrets(line.slice(0, mostChars * 2)), mostChars) }))
    .filter(({ text }) => text !== '');
}

/** Of systemd-coredump, which runs as a service of its own, started by the kernel. */
function coreDumpOf(fields: Fields, { unit, manager }: RunId): RunLogEntry | undefined {
  const from = textOf(fields, manager === 'user' ? 'COREDUMP_USER_UNIT' : 'COREDUMP_UNIT');
  const isGenuine = /^systemd-coredump[@.]/.test(textOf(fields, '_SYSTEMD_UNIT'));
  const pid = Number(textOf(fields, 'COREDUMP_PID') || 'NaN');
  if (from !== unit || !isGenuine || !Number.isInteger(pid)) return undefined;
  const signal = signalName(Number(textOf(fields, 'COREDUMP_SIGNAL') || 'NaN'));
  const executable = plainText(textOf(fields, 'COREDUMP_EXE'), mostChars);
  const coreDump = {
    at: timeOf(fields),
    pid,
    ...(signal === undefined ? {} : { signal }),
    ...(executable === '' ? {} : { executable }),
  };
  return { kind: 'core-dump', coreDump };
}

function timeOf(fields: Fields): string {
  const usec = Number(textOf(fields, '__REALTIME_TIMESTAMP') || 'NaN');
  return new Date(Number.isFinite(usec) ? Math.floor(usec / 1000) : 0).toISOString();
}

/** Bytes that are no printable UTF-8 come as a list of numbers; of a field that is there more than once the first counts. */
function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  const [first]: readonly unknown[] = value;
  if (typeof first === 'string') return first;
  const bytes = Array.isArray(first) ? first : value;
  return Buffer.from(bytes.map(Number)).toString('utf8');
}
