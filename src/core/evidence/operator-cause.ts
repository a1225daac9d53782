import { tellingWindow } from '../causes/telling-lines.ts';
import type { Evidence } from './evidence.ts';
import { matchesUnit } from '../unit-pattern.ts';
import type { CauseView } from '../view.ts';

/** A cause that an operator knows of: what a line of the log looks like, and what it means. */
export interface OperatorCause {
  readonly name: string;
  /** Units that it is for, as patterns. */
  readonly match: readonly string[];
  /** Whether a line speaks of it, in time that grows with the line and no faster. */
  readonly fits: (line: string) => boolean;
  readonly title: string;
  readonly hint: string | undefined;
  readonly runbook: string | undefined;
}

const mostProof = 4;

/** Those that the last lines of a run speak of. `breathe` lets others go on between two of them. */
export async function operatorCausesOf(
  { unit, exit, lines }: Evidence,
  causes: readonly OperatorCause[],
  breathe: () => Promise<void>,
): Promise<readonly CauseView[]> {
  if (exit === undefined || exit.requested === true) return [];
  const last = tellingWindow(lines);
  const found: CauseView[] = [];
  for (const { name, match, fits, title, hint, runbook } of causes) {
    if (!match.some((pattern) => matchesUnit(pattern, unit))) continue;
    const proof: string[] = [];
    for (const { text } of last) {
      if (!proof.includes(text) && fits(text)) proof.push(text);
      await breathe();
    }
    if (proof.length === 0) continue;
    found.push({
      id: name,
      state: 'likely',
      sentence: /[.!?]$/.test(title) ? title : `${title}.`,
      proof: proof.slice(-mostProof),
      ...(hint === undefined ? {} : { hint }),
      ...(runbook === undefined ? {} : { runbook }),
    });
  }
  return found;
}
