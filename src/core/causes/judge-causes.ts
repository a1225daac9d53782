import type { Evidence } from '../evidence/evidence.ts';
import type { Conclusion, Inquiry } from '../evidence/inquiry.ts';
import type { CauseView } from '../view.ts';
import { matchers } from './matchers.ts';
import type { Suspicion } from './suspicion.ts';

/** What is suspected, of which something may still be asked. */
export interface Suspect extends Suspicion {
  readonly id: string;
  readonly isGeneral: boolean;
}

/** Causes that are told: more would be a list of everything that can go wrong. */
const mostCauses = 4;

const mostProof = 6;

const generalIds: ReadonlySet<string> = new Set(
  matchers.filter(({ isGeneral }) => isGeneral === true).map(({ id }) => id),
);

const ownIds: ReadonlySet<string> = new Set(matchers.map(({ id }) => id));

const ranks: Readonly<Record<CauseView['state'], number>> = { confirmed: 0, likely: 1, 'could-not-check': 2 };

/** Every cause that the evidence speaks for. Where somebody asked it to stop, there is nothing to explain. */
export function suspectsOf(evidence: Evidence): readonly Suspect[] {
  const { exit } = evidence;
  if (exit === undefined || exit.requested === true) return [];
  return matchers.flatMap((matcher) => {
    const suspicion = matcher.match(evidence);
    return suspicion === undefined
      ? []
      : [{ id: matcher.id, isGeneral: matcher.isGeneral === true, ...suspicion }];
  });
}

/** What came of the question; `unanswered`: why there is no answer. */
export type Asked =
  | { readonly kind: 'none' }
  | { readonly kind: 'unanswered'; readonly why: string }
  | { readonly kind: 'concluded'; readonly conclusion: Conclusion | undefined };

export function causeOf({ id, sentence, proof, state }: Suspect, asked: Asked): CauseView | undefined {
  if (asked.kind === 'none') return { id, state, sentence, proof: proof.slice(0, mostProof) };
  if (asked.kind === 'unanswered') {
    const why = `could not check: ${asked.why}`;
    return { id, state: 'could-not-check', sentence, proof: [...proof.slice(0, mostProof - 1), why] };
  }
  const { conclusion } = asked;
  if (conclusion === undefined) return undefined;
  const lines = proof.slice(0, mostProof - conclusion.seen.length);
  return {
    id,
    state: conclusion.state,
    sentence: conclusion.sentence,
    proof: [...lines, ...conclusion.seen],
  };
}

/** The likeliest first: what names its object before what says only how it ended, then the surer one. */
export function rankCauses(causes: readonly { suspect: Suspect; cause: CauseView }[]): readonly CauseView[] {
  return causes
    .toSorted(
      (a, b) =>
        Number(a.suspect.isGeneral) - Number(b.suspect.isGeneral) ||
        ranks[a.cause.state] - ranks[b.cause.state],
    )
    .map(({ cause }) => cause)
    .slice(0, mostCauses);
}

/** Who wrote one for the service knows it better than flapd, but not better than what flapd has seen to be so. */
export function rankWithOperators(
  own: readonly CauseView[],
  operators: readonly CauseView[],
): readonly CauseView[] {
  const isPlain = ({ id, state }: CauseView): boolean => state === 'confirmed' && !generalIds.has(id);
  return [...own.filter(isPlain), ...operators, ...own.filter((cause) => !isPlain(cause))].slice(
    0,
    mostCauses,
  );
}

/**
 * The latest run may only echo what the loop's first failure said ("lock file exists"): what that one names stands above
 * what is no surer of the latest. What both name is told once.
 */
export function withFirstFailure(
  latest: readonly CauseView[],
  first: readonly CauseView[],
  firstAt: string,
): readonly CauseView[] {
  const source = `so the loop's first failure, at ${firstAt}; its latest run does not say it`;
  const only = first
    .filter((cause) => !latest.some((each) => isSame(each, cause)))
    .map((cause) => ({ ...cause, proof: [...cause.proof.slice(0, mostProof - 1), source] }));
  return [...only, ...latest].toSorted((a, b) => rankOf(a) - rankOf(b)).slice(0, mostCauses);
}

function isSame(a: CauseView, b: CauseView): boolean {
  return a.id === b.id && (a.sentence === b.sentence || generalIds.has(a.id));
}

/** Both lists as they are ranked each by itself: {@link rankCauses}, {@link rankWithOperators}. */
function rankOf({ id, state }: CauseView): number {
  if (!ownIds.has(id)) return 1;
  if (generalIds.has(id)) return 4 + ranks[state];
  return state === 'confirmed' ? 0 : 1 + ranks[state];
}

/** Asks what is to be asked by `look`, which never rejects, and judges. */
export async function judgeCauses(
  evidence: Evidence,
  look: (inquiry: Inquiry) => Promise<Asked>,
): Promise<readonly CauseView[]> {
  const judged = await Promise.all(
    suspectsOf(evidence).map(async (suspect) => {
      const asked = suspect.inquiry === undefined ? ({ kind: 'none' } as const) : await look(suspect.inquiry);
      const cause = causeOf(suspect, asked);
      return cause === undefined ? [] : [{ suspect, cause }];
    }),
  );
  return rankCauses(judged.flat());
}
