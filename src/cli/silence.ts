import { isInForce, longestSilenceMs, type Silence } from '../core/silence.ts';
import { displayTimeSpan, formatTimeSpan, parseTimeSpan } from '../core/time-span.ts';
import { AppError, type ExitCode } from '../kit/errors.ts';
import { isLine, longestReason } from '../silence-file.ts';
import { readSilences, sweepSilences, writeSilence } from '../silences.ts';
import type { Typed } from './args.ts';
import { columns } from './columns.ts';
import { textFlag } from './options.ts';
import type { Shell } from './shell.ts';
import { folderOf, orComplain, shellWord } from './silence-folder.ts';
import { canonicalTargets, managerOf, targetsOf } from './silence-targets.ts';
import { untilWords } from './until-words.ts';

/** `flapd silence UNIT… --for SPAN`, and without operands the list. */
export async function silence(typed: Typed, shell: Shell): Promise<ExitCode> {
  return typed.operands.length === 0 ? listSilences(typed, shell) : makeSilences(typed, shell);
}

async function makeSilences(typed: Typed, shell: Shell): Promise<ExitCode> {
  const typedTargets = targetsOf(typed);
  const [first] = typedTargets;
  const spanMs = spanOf(first?.unit ?? '', textFlag(typed.flags['for']));
  const reason = reasonOf(textFlag(typed.flags['reason']));
  const manager = await managerOf(typed);
  const folder = folderOf(manager, shell);
  const targets = await canonicalTargets(typedTargets, manager, typed, shell);
  const nowMs = shell.clock.now().wallMs;
  const by = userOf(shell);
  const made = targets.map(({ unit }): Silence => {
    const each = { unit, untilWallMs: nowMs + spanMs, sinceWallMs: nowMs, by, reason };
    orComplain({ verb: 'silence', unit, folder, typed }, () => writeSilence(folder, each));
    return each;
  });
  // It makes room, and where it can't the daemon does it.
  try {
    sweepSilences(folder, nowMs);
  } catch {}
  for (const { warning } of targets)
    if (warning !== undefined) shell.stderr.write(`flapd: ${warning}; it is silenced should it come.\n`);
  const sentences = made.map(
    ({ unit, untilWallMs }) =>
      `${unit} is silenced for ${formatTimeSpan(spanMs)}, until ${untilWords(untilWallMs, nowMs)}: ` +
      'flapd watches and logs it, and tells nobody else.\n',
  );
  shell.stdout.write(typed.flags['json'] === true ? jsonOf(made) : sentences.join(''));
  return 0;
}

async function listSilences(typed: Typed, shell: Shell): Promise<ExitCode> {
  const given = ['for', 'reason'].find((name) => typed.flags[name] !== undefined);
  if (given !== undefined) {
    const message = `Cannot silence without a unit: --${given} is given, and no UNIT; expected one, such as "flapd silence logstash --for 2h"`;
    throw new AppError(message, { exitCode: 2, hint: 'flapd silence --help' });
  }
  const folder = folderOf(await managerOf(typed), shell);
  const nowMs = shell.clock.now().wallMs;
  const read = orComplain({ verb: 'list', unit: 'silences', folder, typed }, () => readSilences(folder));
  for (const warning of read.warnings) shell.stderr.write(`flapd: ${warning}\n`);
  const inForce = read.silences.filter((each) => isInForce(each, nowMs));
  shell.stdout.write(typed.flags['json'] === true ? jsonOf(inForce) : renderSilences(inForce, nowMs));
  return 0;
}

export function renderSilences(silences: readonly Silence[], nowMs: number): string {
  if (silences.length === 0) return 'Nothing is silenced.\n';
  const rows = silences.map(({ unit, untilWallMs, by, reason }) => [
    unit,
    untilWords(untilWallMs, nowMs),
    displayTimeSpan(untilWallMs - nowMs),
    by ?? '-',
    reason ?? '-',
  ]);
  return `${columns([['UNIT', 'UNTIL', 'LEFT', 'BY', 'REASON'], ...rows]).join('\n')}\n`;
}

function jsonOf(silences: readonly Silence[]): string {
  const shown = silences.map(({ unit, untilWallMs, sinceWallMs, reason, by }) => ({
    unit,
    until: new Date(untilWallMs).toISOString(),
    since: new Date(sinceWallMs).toISOString(),
    reason,
    by,
  }));
  return `${JSON.stringify(shown, undefined, 2)}\n`;
}

function spanOf(unit: string, text: string | undefined): number {
  if (text === undefined) {
    const message = `Cannot silence "${unit}": it is not said for how long; expected --for SPAN`;
    throw new AppError(message, { exitCode: 2, hint: `flapd silence ${shellWord(unit)} --for 2h` });
  }
  const span = parseTimeSpan(text);
  const found = !span.ok ? span.found : span.ms <= 0 ? 'no time at all' : 'longer than 30d';
  if (span.ok && span.ms > 0 && span.ms <= longestSilenceMs) return span.ms;
  const message = `Cannot silence for "${text}": ${found}; expected a time span such as 2h, of at most 30d`;
  throw new AppError(message, { exitCode: 2, hint: `flapd silence ${shellWord(unit)} --for 2h` });
}

function reasonOf(text: string | undefined): string | undefined {
  if (text === undefined || text === '' || isLine(text)) return text || undefined;
  const found = text.length > longestReason ? 'it is too long' : 'it holds a control character';
  const message = `Cannot note the reason "${text.slice(0, 40).replaceAll(/\p{C}/gu, '?')}": ${found}; expected one line of at most ${longestReason} characters`;
  throw new AppError(message, { exitCode: 2, hint: 'flapd silence --help' });
}

/** A note, not a proof: who may write the file may write anything. */
function userOf({ env, uid }: Shell): string {
  const name = env['SUDO_USER'] || env['USER'] || env['LOGNAME'] || (uid === 0 ? 'root' : '');
  return name !== '' && isLine(name) ? name : `uid ${uid}`;
}
