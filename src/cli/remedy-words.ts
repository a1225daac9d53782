import type { RemedyOutcome } from '../core/remedy/remedy-outcome.ts';
import { shellWord } from '../kit/shell-word.ts';
import { untilWords } from './until-words.ts';

/** What came of it, for people: one sentence, and what to type next where that helps. */
export function outcomeWords(result: RemedyOutcome, nowMs: number): string {
  const { hint } = result;
  const undo = result.outcome === 'applied' ? `To undo: sudo flapd revert ${shellWord(result.unit)}\n` : '';
  return `${sentence(result, nowMs)}\n${undo}${hint === undefined ? '' : `Try: ${hint}\n`}`;
}

function sentence({ unit, outcome, reason, dropIn, untilWallMs }: RemedyOutcome, nowMs: number): string {
  const until =
    untilWallMs === undefined ? 'until it is reverted' : `until ${untilWords(untilWallMs, nowMs)}`;
  switch (outcome) {
    case 'applied':
      return `${unit}: applied. systemd has ${dropIn} in force, ${until}.`;
    case 'would-apply':
      return `${unit}: would be applied by ${dropIn}, ${until}. Nothing was written.`;
    case 'reverted':
      return `${unit}: reverted. ${dropIn} is removed, and systemd has it in force no more.`;
    case 'would-revert':
      return `${unit}: would be reverted by removing ${dropIn}. Nothing was removed.`;
    case 'already':
      return `${unit}: nothing to do, ${reason}.`;
    case 'refused':
      return `${unit}: not done, ${reason}.`;
    case 'no-effect':
      return `${unit}: without effect, ${reason}.`;
    case 'failed':
      return `${unit}: failed, ${reason}.`;
  }
}
