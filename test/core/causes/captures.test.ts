import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../../src/core/evidence/evidence.ts';
import { JournalFold } from '../../../src/core/journal-fold.ts';
import { PastSteps } from '../../../src/core/past-steps.ts';
import { builtInPolicy } from '../../../src/core/policy.ts';
import { presentExit } from '../../../src/core/present.ts';
import { newState } from '../../../src/core/state.ts';
import { parseJournalLine } from '../../../src/systemd/journal-line.ts';
import { JournalTimes } from '../../../src/systemd/journal-times.ts';
import { parseRunLogEntry } from '../../../src/systemd/run-log-entry.ts';
import { haveCaptures } from '../../support/captures.ts';
import { causesIn, evidenceOf, service } from '../../support/evidence.ts';

/** Recordings of real journals; they lie beside the project, not in it. */
const folder = fileURLToPath(new URL('../../../../shared/captures/', import.meta.url));

/** What is left of the first run that ended in a recording, as `flapd explain` would gather it. */
function evidenceIn(file: string): Evidence {
  const lines = readFileSync(`${folder}${file}`, 'utf8').split('\n');
  const steps = new PastSteps(newState([builtInPolicy]));
  const fold = new JournalFold();
  const times = new JournalTimes({ wallMs: 0, monotonicMs: 0 });
  const ended = lines.flatMap((line) => {
    const record = parseJournalLine(line, times);
    if (record === undefined) return [];
    const effects = fold.inputs(record).flatMap((input) => steps.take(input, record.at));
    return effects.flatMap((effect) =>
      effect.kind === 'run-ended' && effect.unit.startsWith('t-') ? [{ ...effect, at: record.at }] : [],
    );
  });
  const [first] = ended;
  if (first === undefined) throw new Error(`no run ends in ${file}`);
  const { unit, run, at } = first;
  const { invocationId } = run.exit;
  const id = {
    unit,
    invocationId,
    manager: 'system',
    fromWallMs: at.wallMs,
    untilWallMs: at.wallMs,
  } as const;
  const entries = lines.flatMap((line) => parseRunLogEntry(line, id) ?? []);
  const spawn = entries.flatMap((entry) => (entry.kind === 'spawn' ? entry.spawn : []))[0];
  const coreDump = entries.flatMap((entry) => (entry.kind === 'core-dump' ? entry.coreDump : []))[0];
  return evidenceOf([], {
    unit,
    exit: presentExit(run.exit, at.wallMs),
    lines: entries.flatMap((entry) => (entry.kind === 'core-dump' ? [] : entry.lines)),
    oomKilled: entries.some(({ kind }) => kind === 'oom-kill'),
    ...(spawn === undefined ? {} : { spawn }),
    ...(coreDump === undefined ? {} : { coreDump }),
  });
}

const nosuch = { ...service, user: 'nosuch' };

const recorded: readonly (readonly [
  scenario: string,
  first: string | undefined,
  more?: Partial<Evidence>,
])[] = [
  ['exec-203', 'bad-executable confirmed'],
  ['user-217', 'missing-user confirmed', { service: nosuch }],
  ['resources-envfile', 'missing-file confirmed', { service: { ...service, environmentFiles: ['/none'] } }],
  ['coredump-with-systemd-coredump', 'core-dumped confirmed'],
  ['sigsegv', 'core-dumped confirmed'],
  ['oom-kill', 'oom-killed confirmed'],
  ['oom-policy-continue', 'oom-killed confirmed'],
  ['watchdog', 'watchdog-timeout confirmed'],
  ['start-timeout', 'start-timeout confirmed'],
  ['exit1', undefined],
  ['sigkill', undefined],
  ['sigterm-clean', undefined],
  ['protocol', undefined],
  ['runtimemax-stop-timeout', undefined],
];

const cases = ['252', '262'].flatMap((version) =>
  recorded.map(([scenario, first, more]) => ({
    file: `${version}/${scenario}.journal.jsonl`,
    first,
    more,
  })),
);

describe.skipIf(!haveCaptures)(
  'recordings of real journals (skipped where ../shared/captures is missing)',
  () => {
    test.each(cases)('$file: $first', async ({ file, first, more }) => {
      const [cause] = await causesIn({ ...evidenceIn(file), ...more });
      expect(cause && `${cause.id} ${cause.state}`).toBe(first);
    });
  },
);
