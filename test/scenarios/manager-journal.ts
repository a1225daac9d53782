import type { Exec } from '../lab/enter.ts';

/** "Scheduled restart job": systemd's own record of an automatic restart (facts §9). */
const restartScheduled = '5eb03494b6584870a536b337290809b3';

/** What systemd itself wrote about a unit: the counts that flapd's have to agree with. */
export interface JournalCount {
  readonly restarts: number;
  /** Invocations: each is one run. */
  readonly runs: number;
}

interface Fields {
  readonly MESSAGE_ID?: string;
  readonly N_RESTARTS?: string;
  readonly INVOCATION_ID?: string;
  readonly USER_INVOCATION_ID?: string;
}

/** Only the manager's own records: any service can write those fields. */
export async function countInJournal(exec: Exec, unit: string, user?: number): Promise<JournalCount> {
  const of =
    user === undefined ? ['_PID=1', `UNIT=${unit}`] : ['_COMM=systemd', `_UID=${user}`, `USER_UNIT=${unit}`];
  const { code, stdout, stderr } = await exec([
    'sh',
    '-c',
    'journalctl --sync; exec journalctl --quiet --output=json --output-fields=MESSAGE_ID,N_RESTARTS,INVOCATION_ID,USER_INVOCATION_ID "$@"',
    'sh',
    ...of,
  ]);
  if (code !== 0) throw new Error(`journalctl: ${stderr}`);
  const records: Fields[] = JSON.parse(`[${stdout.trim().replaceAll('\n', ',')}]`);
  const runs = new Set(records.flatMap((record) => record.INVOCATION_ID ?? record.USER_INVOCATION_ID ?? []));
  return { restarts: restartsIn(records), runs: runs.size };
}

/**
 * One for each record; and where N_RESTARTS leaps, one for each that is missing. PID 1 waits 10 ms for a journald that is
 * stalled, and then goes on without (log.c): a journald stopped for 1.5 s lost 2 of 11 restarts in the lab.
 */
function restartsIn(records: readonly Fields[]): number {
  let last = 0;
  let count = 0;
  for (const record of records.filter(({ MESSAGE_ID }) => MESSAGE_ID === restartScheduled)) {
    const counter = Number(record.N_RESTARTS);
    count += counter > last ? counter - last : counter;
    last = counter;
  }
  return count;
}
