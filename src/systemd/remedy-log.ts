import { plainText } from '../core/log-text.ts';
import { type RemedyState, remedyStates } from '../core/remedy/remedy.ts';
import { linesOf } from '../kit/lines.ts';
import { parseRecord } from '../kit/record.ts';
import { journalctl } from './journal.ts';

/** What flapd said when something was done about a unit, or it was known what that came to. */
export interface LoggedRemedy {
  readonly atWallMs: number;
  readonly outcome: RemedyState;
  /** With the directives, and why, with the numbers. */
  readonly sentence: string;
  readonly incident: string | undefined;
}

/** journald alone says of which unit a line is: what another service logs is not taken for flapd's. */
const spokenBy = 'flapd.service';

/** A line of flapd's log has at most 16 KiB, and as JSON within JSON twice that. */
const longestLineBytes = 128 * 1024;

/** Of one unit; more than six an hour there are not, and the latest tell enough. */
const mostRemedies = 1000;

const mostChars = 1000;

/**
 * What the flapd of the system manager said of remedies of `unit`, oldest first. What was applied while none ran is not in
 * it. Throws a JournalUnreadable.
 */
export async function readRemedyLog(unit: string, sinceWallMs: number): Promise<readonly LoggedRemedy[]> {
  const argv = [
    ...[
      '--output=json',
      '--output-fields=MESSAGE,_SYSTEMD_UNIT',
      '--quiet',
      '--no-pager',
      '--all',
      '--system',
    ],
    ...[`--since=@${Math.floor(sinceWallMs / 1000)}`, `_SYSTEMD_UNIT=${spokenBy}`],
  ];
  const found: LoggedRemedy[] = [];
  for await (const line of linesOf(journalctl(argv, undefined), longestLineBytes)) {
    const remedy = parseRemedyLine(line, unit);
    if (remedy !== undefined && !isSame(remedy, found.at(-1))) found.push(remedy);
    if (found.length > mostRemedies) found.shift();
  }
  return found;
}

/** flapd says anew at its start what is in force. */
function isSame(remedy: LoggedRemedy, before: LoggedRemedy | undefined): boolean {
  return remedy.sentence === before?.sentence && remedy.incident === before.incident;
}

/** One line of `journalctl -o json`; undefined where flapd does not speak of a remedy of `unit` in it. */
export function parseRemedyLine(line: string, unit: string): LoggedRemedy | undefined {
  // Most lines are of something else, and telling so is cheaper than parsing twice.
  if (!line.includes(String.raw`\"event\":\"remedy\"`)) return undefined;
  const entry = parseRecord(line);
  if (entry?.['_SYSTEMD_UNIT'] !== spokenBy || typeof entry['MESSAGE'] !== 'string') return undefined;
  const said = parseRecord(entry['MESSAGE']);
  if (said?.['event'] !== 'remedy' || said['unit'] !== unit) return undefined;
  const outcome = remedyStates.find((each) => each === said['outcome']);
  const atWallMs = Math.floor(Number(entry['__REALTIME_TIMESTAMP']) / 1000);
  const { message, incident } = said;
  if (outcome === undefined || typeof message !== 'string' || !Number.isFinite(atWallMs)) return undefined;
  return {
    atWallMs,
    outcome,
    sentence: plainText(message, mostChars),
    incident: typeof incident === 'string' ? incident : undefined,
  };
}
