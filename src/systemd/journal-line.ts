import { journalMessages, type JournalRecord } from '../core/journal-record.ts';
import type { Instant } from '../core/instant.ts';
import { parseRecord } from '../kit/record.ts';
import type { JournalTimes } from './journal-times.ts';

/** What each line of a manager holds: most lines of a whole journal are others', and telling so is ten times parsing. */
const marks = { system: '"_PID":"1"', user: '"_SYSTEMD_USER_UNIT":"init.scope"' } as const;

type Fields = Readonly<Record<string, unknown>>;

const kinds = new Map<string, JournalRecord['kind']>([
  [journalMessages.starting, 'starting'],
  [journalMessages.started, 'started'],
  [journalMessages.stopping, 'stopping'],
  [journalMessages.processExit, 'process-exit'],
  [journalMessages.failed, 'failed'],
  [journalMessages.deactivated, 'deactivated'],
  [journalMessages.restartScheduled, 'restart-scheduled'],
  [journalMessages.resources, 'resources'],
]);

const codes: Readonly<Record<string, number>> = { exited: 1, killed: 2, dumped: 3 };

/**
 * One line of `journalctl -o json` as a record; undefined for a line that says nothing to flapd. Only what PID 1, or a
 * user's own manager, wrote itself is believed: any service may log these message ids and fields, but journald alone sets
 * those that begin with an underscore.
 */
export function parseJournalLine(
  line: string,
  times: JournalTimes,
  manager: 'system' | 'user' = 'system',
): JournalRecord | undefined {
  if (!line.includes(marks[manager])) return undefined;
  const fields = parseRecord(line);
  if (fields === undefined) return undefined;
  const uid = manager === 'user' ? textOf(fields, '_UID') : undefined;
  if (uid === undefined ? textOf(fields, '_PID') !== '1' : !isUserManager(fields, uid)) return undefined;
  const kind = kinds.get(textOf(fields, 'MESSAGE_ID'));
  // A user's manager may write UNIT= as well, but has no say in the system's units.
  const prefix = uid === undefined ? '' : 'USER_';
  const unit = textOf(fields, `${prefix}UNIT`);
  const invocationId = textOf(fields, `${prefix}INVOCATION_ID`);
  const at = timeOf(fields, times);
  if (kind === undefined || at === undefined || invocationId === '' || !unit.endsWith('.service'))
    return undefined;
  const common = {
    machineId: textOf(fields, '_MACHINE_ID'),
    bootId: textOf(fields, '_BOOT_ID'),
    uid,
    unit,
    invocationId,
    at,
  };
  switch (kind) {
    case 'process-exit': {
      const code = codes[textOf(fields, 'EXIT_CODE')];
      const status = statusOf(textOf(fields, 'EXIT_STATUS'));
      if (code === undefined || status === undefined) return undefined;
      return { kind, ...common, command: textOf(fields, 'COMMAND'), code, status };
    }
    case 'failed':
      return { kind, ...common, result: textOf(fields, 'UNIT_RESULT') };
    case 'restart-scheduled': {
      const nRestarts = Number(textOf(fields, 'N_RESTARTS'));
      return Number.isInteger(nRestarts) && nRestarts > 0 ? { kind, ...common, nRestarts } : undefined;
    }
    case 'resources': {
      const nsec = Number(textOf(fields, 'CPU_USAGE_NSEC') || 'NaN');
      return Number.isFinite(nsec) ? { kind, ...common, cpuMs: nsec / 1e6 } : undefined;
    }
    default:
      return { kind, ...common };
  }
}

/**
 * A user's manager alone runs in `init.scope` of user@UID.service, as that user. The name `systemd` any process can take,
 * and each service of the user is in user@UID.service too.
 */
function isUserManager(fields: Fields, uid: string): boolean {
  return (
    uid !== '' &&
    textOf(fields, '_SYSTEMD_UNIT') === `user@${uid}.service` &&
    textOf(fields, '_SYSTEMD_USER_UNIT') === 'init.scope' &&
    textOf(fields, '_COMM') === 'systemd'
  );
}

/** A number, for signals too. */
function statusOf(text: string): number | undefined {
  const status = Number(text || 'NaN');
  return Number.isInteger(status) && status >= 0 ? status : undefined;
}

function timeOf(fields: Fields, times: JournalTimes): Instant | undefined {
  const wallMs = Number(textOf(fields, '__REALTIME_TIMESTAMP') || 'NaN') / 1000;
  const bootMs = Number(textOf(fields, '__MONOTONIC_TIMESTAMP') || 'NaN') / 1000;
  const known = Number.isFinite(wallMs) && Number.isFinite(bootMs);
  return known ? times.instant(textOf(fields, '_BOOT_ID'), wallMs, bootMs) : undefined;
}

/** Empty for a field that is missing, binary (an array of bytes) or there more than once: none of ours ever is. */
function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}
