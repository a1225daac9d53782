import type { RemedyState } from './remedy.ts';

const endings: Readonly<Record<RemedyState, string>> = {
  pending: 'is in force, and watched',
  helped: 'helped',
  'no-effect': 'had no effect, and is taken back',
  worse: 'made it worse, and is taken back',
  reverted: 'is taken back',
  refused: 'is not applied',
  failed: 'could not be applied',
};

/** What a person has applied flapd takes back at its time, and not before. */
const stays: Partial<Readonly<Record<RemedyState, string>>> = {
  'no-effect': 'had no effect, and is left to whoever applied it',
  worse: 'made it worse, and is left to whoever applied it',
};

interface Told {
  readonly unit: string;
  readonly outcome: RemedyState;
  readonly reason?: string | undefined;
  /** While it is in force. */
  readonly dropIn?: string | undefined;
}

/**
 * "logstash.service: RestartPreventExitStatus=1 helped: it rests in failed after 1 restart." `what` may be empty: of what was
 * refused no directive need be known.
 */
export function remedySentence({ unit, outcome, reason, dropIn }: Told, what: string): string {
  const why = reason === undefined ? '' : `: ${reason}`;
  const ending = (dropIn === undefined ? undefined : stays[outcome]) ?? endings[outcome];
  return `${unit}: ${what || 'a remedy'} ${ending}${why}.`;
}
