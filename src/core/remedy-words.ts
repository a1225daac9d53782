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

/**
 * "logstash.service: RestartPreventExitStatus=1 helped: it rests in failed after 1 restart." `what` may be empty: of what was
 * refused no directive need be known.
 */
export function remedySentence(
  {
    unit,
    outcome,
    reason,
  }: { readonly unit: string; readonly outcome: RemedyState; readonly reason?: string | undefined },
  what: string,
): string {
  const why = reason === undefined ? '' : `: ${reason}`;
  return `${unit}: ${what || 'a remedy'} ${endings[outcome]}${why}.`;
}
