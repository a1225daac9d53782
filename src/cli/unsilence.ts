import { silencedUntil, type Silence } from '../core/silence.ts';
import { matchesUnit } from '../core/unit-pattern.ts';
import { AppError, type ExitCode } from '../kit/errors.ts';
import { readSilences, removeSilence } from '../silences.ts';
import type { Typed } from './args.ts';
import type { Shell } from './shell.ts';
import { folderOf, orComplain } from './silence-folder.ts';
import { canonicalTargets, managerOf, targetsOf, type Target } from './silence-targets.ts';
import { untilWords } from './until-words.ts';

/** `flapd unsilence UNIT… | --all`: what was not silenced is no fault, as the time may have been up. */
export async function unsilence(typed: Typed, shell: Shell): Promise<ExitCode> {
  const isAll = typed.flags['all'] === true;
  if (isAll === typed.operands.length > 0) {
    const found = isAll ? 'both --all and a UNIT are given' : 'no UNIT is given';
    const message = `Cannot end a silence: ${found}; expected UNIT…, or --all alone`;
    throw new AppError(message, { exitCode: 2, hint: 'flapd silence' });
  }
  const typedTargets = targetsOf(typed);
  const manager = await managerOf(typed);
  const folder = folderOf(manager, shell);
  const about = { verb: 'unsilence', unit: isAll ? '--all' : typed.operands.join(' '), folder, typed };
  const { silences } = orComplain(about, () => readSilences(folder));
  const targets = await canonicalTargets(typedTargets, manager, typed, shell);
  // A silence may be older than the alias under which it was made.
  const chosen = isAll
    ? silences.map(({ unit }) => ({ unit, isPattern: false }))
    : [...typedTargets, ...targets];
  const units = new Set(chosen.flatMap((target) => unitsOf(target, silences)));
  const removed = [...units].filter((unit) => orComplain(about, () => removeSilence(folder, unit)));
  const left = silences.filter(({ unit }) => !removed.includes(unit));
  const nowMs = shell.clock.now().wallMs;
  const lines = removed.map((unit) => `${unit} is no longer silenced${stillWords(unit, left, nowMs)}.`);
  const missed = targets.filter(
    (target) => !unitsOf(target, silences).some((unit) => removed.includes(unit)),
  );
  lines.push(...missed.map(({ unit }) => `${unit} was not silenced${stillWords(unit, left, nowMs)}.`));
  if (isAll && removed.length === 0) lines.push('Nothing was silenced.');
  shell.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

/** Its own silence, torn or not, and of a pattern those that it fits. */
function unitsOf({ unit, isPattern }: Target, silences: readonly Silence[]): readonly string[] {
  const fitting = isPattern ? silences.filter((each) => matchesUnit(unit, each.unit)) : [];
  return [unit, ...fitting.map((each) => each.unit)];
}

function stillWords(unit: string, left: readonly Silence[], nowMs: number): string {
  const untilMs = silencedUntil(left, unit, nowMs);
  if (untilMs === undefined) return '';
  const by = left.find((each) => each.untilWallMs === untilMs && matchesUnit(each.unit, unit))?.unit;
  return ` by itself, but by ${by} until ${untilWords(untilMs, nowMs)}`;
}
