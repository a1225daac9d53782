import type { Exec } from '../lab/enter.ts';

/** "Scheduled restart job": systemd's own record of an automatic restart (facts §9). */
const restartScheduled = '5eb03494b6584870a536b337290809b3';

/** "Failed with result": the end of a run, from which the delay counts. */
const failedWithResult = 'd9b373ed55a64feb8242e02dbe79a49c';

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
  /** Of the sender, and where it is not known, of the journal; in microseconds. */
  readonly _SOURCE_REALTIME_TIMESTAMP?: string;
  readonly __REALTIME_TIMESTAMP?: string;
}

/** Only the manager's own records: any service can write those fields. */
export async function countInJournal(exec: Exec, unit: string, user?: number): Promise<JournalCount> {
  // Asked before the journal is: what that tells beyond it came since.
  const counted = user === undefined ? await counterOf(exec, unit) : 0;
  const of =
    user === undefined ? ['_PID=1', `UNIT=${unit}`] : ['_COMM=systemd', `_UID=${user}`, `USER_UNIT=${unit}`];
  const records = await recordsOf(exec, of);
  const runs = new Set(records.flatMap((record) => record.INVOCATION_ID ?? record.USER_INVOCATION_ID ?? []));
  return { restarts: restartsIn(records, counted), runs: runs.size };
}

/** How long systemd waited, in ms, before each restart of the unit since then, by when PID 1 wrote of it. */
export async function restartDelays(
  exec: Exec,
  unit: string,
  sinceWallMs: number,
): Promise<readonly number[]> {
  const records = await recordsOf(exec, ['_PID=1', `UNIT=${unit}`]);
  const atMs = (record: Fields): number =>
    Number(record._SOURCE_REALTIME_TIMESTAMP ?? record.__REALTIME_TIMESTAMP) / 1000;
  const restarts = records.filter(
    (record) => record.MESSAGE_ID === restartScheduled && atMs(record) > sinceWallMs,
  );
  return restarts.flatMap((restart) => {
    const end = records.find(
      ({ MESSAGE_ID, INVOCATION_ID }) =>
        MESSAGE_ID === failedWithResult && INVOCATION_ID === restart.INVOCATION_ID,
    );
    return end === undefined ? [] : atMs(restart) - atMs(end);
  });
}

async function counterOf(exec: Exec, unit: string): Promise<number> {
  const { stdout } = await exec(['systemctl', 'show', '--value', '--property=NRestarts', '--', unit]);
  return Number(stdout);
}

async function recordsOf(exec: Exec, of: readonly string[]): Promise<readonly Fields[]> {
  const fields =
    'MESSAGE_ID,N_RESTARTS,INVOCATION_ID,USER_INVOCATION_ID,_SOURCE_REALTIME_TIMESTAMP,__REALTIME_TIMESTAMP';
  const { code, stdout, stderr } = await exec([
    'sh',
    '-c',
    `journalctl --sync; exec journalctl --quiet --output=json --output-fields=${fields} "$@"`,
    'sh',
    ...of,
  ]);
  if (code !== 0) throw new Error(`journalctl: ${stderr}`);
  const records: Fields[] = JSON.parse(`[${stdout.trim().replaceAll('\n', ',')}]`);
  return records;
}

/**
 * One for each record; and where N_RESTARTS leaps, or ends below what systemd has `counted`, one for each that is missing.
 * PID 1 waits 10 ms for a journald that is stalled, and then goes on without (log.c): a journald stopped for 1.5 s lost 2
 * of 11 restarts in the lab, and a busy machine the last of one among 24 services.
 */
function restartsIn(records: readonly Fields[], counted: number): number {
  let last = 0;
  let count = 0;
  for (const record of records.filter(({ MESSAGE_ID }) => MESSAGE_ID === restartScheduled)) {
    const counter = Number(record.N_RESTARTS);
    count += counter > last ? counter - last : counter;
    last = counter;
  }
  return count + Math.max(0, counted - last);
}
