import { displayTimeSpan } from '../core/time-span.ts';
import type { Config } from '../config/load.ts';
import { AppError, type ExitCode } from '../kit/errors.ts';
import { replay } from '../replay.ts';
import { JournalUnreadable } from '../systemd/journal.ts';
import { type LoggedRemedy, readRemedyLog } from '../systemd/remedy-log.ts';
import type { Typed } from './args.ts';
import { historyOf, renderHistory } from './history-table.ts';
import { busOf, configOf, textFlag } from './options.ts';
import { readingSince, replayOrComplain, sinceOf, tellOfComplaint } from './replay.ts';
import type { Shell } from './shell.ts';
import { canonicalNames, serviceNameOf } from './unit-operands.ts';

/** Exits that are listed; of a loop that goes on for a week the latest thousand tell enough. */
const mostRuns = 1000;

/** `flapd history UNIT`: each end of a run, each incident and what flapd did about it, oldest first, from the journal. */
export async function showHistory(typed: Typed, shell: Shell): Promise<ExitCode> {
  const [operand, ...others] = typed.operands;
  if (operand === undefined || others.length > 0) {
    const message =
      'Cannot show the history of no unit, or of several: expected one, such as "flapd history logstash"';
    throw new AppError(message, { exitCode: 2, hint: 'flapd history --help' });
  }
  const config = await configOf(typed);
  const unit = await nameInJournal(serviceNameOf(operand), typed, config, shell);
  const sinceMs = sinceOf(textFlag(typed.flags['since']), 'history');
  const { query, progress } = readingSince(sinceMs, config, shell);
  const wants = (name: string): boolean => name === unit;
  const { managers } = await replayOrComplain(replay({ policies: config.policies, query, mostRuns, wants }));
  progress.done();
  const [manager] = managers;
  const remedies = config.manager === 'system' ? await remediesOf(unit, query.sinceWallMs, shell) : [];
  const entries = historyOf(manager, unit, remedies);
  if (typed.flags['json'] === true) shell.stdout.write(`${JSON.stringify(entries, undefined, 2)}\n`);
  else
    shell.stdout.write(
      renderHistory(
        unit,
        entries,
        displayTimeSpan(sinceMs),
        manager?.chronicle.runsDropped ?? 0,
        query.now.wallMs,
      ),
    );
  return 0;
}

/** Without them the rest of the history is true all the same. */
async function remediesOf(unit: string, sinceWallMs: number, shell: Shell): Promise<readonly LoggedRemedy[]> {
  try {
    return await readRemedyLog(unit, sinceWallMs);
  } catch (error) {
    if (!(error instanceof JournalUnreadable)) throw error;
    tellOfComplaint(shell, error.message);
    return [];
  }
}

/** The journal knows a unit by its own name, whatever alias was typed; without systemd that one has to do. */
async function nameInJournal(name: string, typed: Typed, config: Config, shell: Shell): Promise<string> {
  try {
    const known = await canonicalNames(busOf(typed, config, shell).address, [name]);
    return known.get(name) ?? name;
  } catch (error) {
    // A unit that is no longer installed has a history too.
    if (error instanceof AppError) return name;
    throw error;
  }
}
