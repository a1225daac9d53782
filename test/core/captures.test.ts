import { describe, expect, test } from 'vitest';
import { exitKey } from '../../src/core/exit.ts';
import type { JournalRecord } from '../../src/core/journal-record.ts';
import { JournalFold } from '../../src/core/journal-fold.ts';
import { builtInPolicy } from '../../src/core/policy.ts';
import { newState, type State } from '../../src/core/state.ts';
import { step } from '../../src/core/step.ts';
import {
  busInputs,
  haveCaptures,
  journalRecords,
  scenarios,
  type CaptureVersion,
  type TimedInput,
} from '../support/captures.ts';

interface Seen {
  readonly automatic: number;
  readonly external: number;
  readonly exits: Readonly<Record<string, number>>;
}

function judge(inputs: readonly TimedInput[]): State {
  const state = newState([builtInPolicy]);
  for (const { input, at } of inputs) step(state, input, at);
  return state;
}

/** What is seen of the unit under test: the one of this state that restarted or failed. */
function seenOf(state: State, drop: (key: string) => string): Seen {
  const record = [...state.units.values()].find(
    ({ unit, exits }) => unit.startsWith('t-') && exits.length > 0,
  );
  const exits: Record<string, number> = {};
  for (const { exit, count } of record?.exits ?? [])
    exits[drop(exitKey(exit))] = (exits[drop(exitKey(exit))] ?? 0) + count;
  return { automatic: record?.automatic ?? 0, external: record?.external ?? 0, exits };
}

const versions: readonly CaptureVersion[] = ['252', '262'];
const cases = haveCaptures
  ? versions.flatMap((version) => scenarios(version).map((scenario) => ({ version, scenario })))
  : [];

/**
 * What one of the two does not say: the bus has no status of a control process (it is asked for), the journal none of a
 * clean exit, of a death by SIGTERM, and so of a start that timed out (facts §9).
 */
const silent =
  /^(Exec\w+) .*? (\S+)$|^main (?:exited 0|killed 15) (\S+)$|^\s+(success|protocol|timeout)$|^main\s+(success|protocol|timeout)$/;
const common = (key: string): string => {
  const [, control, controlResult, ...results] = silent.exec(key) ?? [];
  if (control !== undefined) return `${control} ${controlResult}`;
  return results.find((result) => result !== undefined) ?? key;
};

const counterOfInput = ({ input }: TimedInput): number =>
  input.kind === 'snapshot' && input.snapshot.unit.startsWith('t-') ? input.snapshot.nRestarts : 0;
const counterOfRecord = (record: JournalRecord): number =>
  record.kind === 'restart-scheduled' && record.unit.startsWith('t-') ? record.nRestarts : 0;

function upTo<T>(items: readonly T[], isLast: (item: T) => boolean): readonly T[] {
  const end = items.findIndex(isLast);
  return end < 0 ? items : items.slice(0, end + 1);
}

describe.skipIf(!haveCaptures)(
  'recordings of real systemd (skipped where ../shared/captures is missing)',
  () => {
    test.each(cases)(
      '$version $scenario: bus and journal tell the same restarts and exits',
      ({ version, scenario }) => {
        const bus = busInputs(version, scenario);
        const records = journalRecords(version, scenario);
        if (records.length === 0) return;
        // The recordings end at different moments: both are read up to the last restart that both have.
        const last = Math.min(
          Math.max(...bus.map(counterOfInput)),
          Math.max(...records.map(counterOfRecord)),
        );
        const fold = new JournalFold();
        const past = upTo(records, (record) => last > 0 && counterOfRecord(record) >= last);
        const journal = judge(
          past.flatMap((record) => fold.inputs(record).map((input) => ({ input, at: record.at }))),
        );
        const live = judge(upTo(bus, (input) => last > 0 && counterOfInput(input) >= last));
        expect(seenOf(journal, common)).toEqual(seenOf(live, common));
        expect(seenOf(live, common).automatic).toBe(last);
      },
    );

    test.each(versions)('%s: a burst with RestartSec=0 misses no exit status', (version) => {
      const statuses = busInputs(version, 'exit1-restartsec0').flatMap(({ input }) =>
        input.kind === 'snapshot' &&
        input.snapshot.unit.startsWith('t-exit1') &&
        input.snapshot.execMainCode === 1
          ? input.snapshot.execMainStatus
          : [],
      );
      const seen = statuses.filter((status, index) => status !== statuses[index - 1]);
      expect(seen.length).toBeGreaterThan(60);
      // The program's status is a counter modulo 200 that says 1 for 0.
      const gaps = seen.slice(1).map((status, index) => (status - (seen[index] ?? 0) + 200) % 200);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(2);
    });
  },
);
