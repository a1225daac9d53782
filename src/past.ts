import type { Effect } from './core/effect.ts';
import type { Instant } from './core/instant.ts';
import { JournalFold } from './core/journal-fold.ts';
import type { JournalRecord } from './core/journal-record.ts';
import type { State } from './core/state.ts';
import { PastSteps } from './core/past-steps.ts';
import { step } from './core/step.ts';
import { currentBootId, JournalUnreadable, readJournal, type JournalQuery } from './systemd/journal.ts';

export interface PastReading {
  /** Records that said something. */
  readonly records: number;
  /** Why nothing or not all could be read, in one sentence. */
  readonly warning: string | undefined;
  /** It was stopped before it came to now: what happened last is not known, so nothing is told to be over. */
  readonly cut: boolean;
}

/**
 * Lets `step` live through what this machine's journal tells, up to `query.now`. Afterwards the state stands where systemd
 * stood when the last record was written, so that a look at systemd now counts what came after, and nothing twice.
 */
export async function readPast(
  state: State,
  query: JournalQuery,
  onEffects: (effects: readonly Effect[], at: Instant, record?: JournalRecord) => void = () => {},
): Promise<PastReading> {
  const fold = new JournalFold();
  const steps = new PastSteps(state);
  let records = 0;
  let warning: string | undefined;
  const onComplaint = (complaint: string): void => {
    warning = `Part of the journal can't be read (${complaint}).`;
  };
  try {
    for await (const record of readJournal({ ...query, onComplaint })) {
      records += 1;
      for (const input of fold.inputs(record)) {
        onEffects(steps.take(input, record.at), record.at, record);
      }
    }
  } catch (error) {
    if (query.signal?.aborted === true) warning = 'Reading the journal took too long.';
    else if (error instanceof JournalUnreadable) warning = `The journal can't be read (${error.message}).`;
    else throw error;
  }
  const cut = query.signal?.aborted === true;
  for (const input of fold.finish(await currentBootId())) step(state, input, query.now);
  if (!cut) onEffects(steps.take({ kind: 'tick' }, query.now), query.now);
  return { records, warning, cut };
}
