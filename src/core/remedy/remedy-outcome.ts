import type { Passing } from '../refusal.ts';

/**
 * What came of a wish to apply or revert a remedy:
 * - `applied`, `reverted`: done, and read back from systemd;
 * - `would-apply`, `would-revert`: a dry run came to the point of writing;
 * - `already`: it is as it was wished to be;
 * - `refused`: by a rule, and nothing was written;
 * - `no-effect`: written, and something overrides it; taken back;
 * - `failed`: something went wrong; `reason` says what stands where now.
 */
export interface RemedyOutcome {
  readonly unit: string;
  readonly outcome:
    | 'applied'
    | 'reverted'
    | 'would-apply'
    | 'would-revert'
    | 'already'
    | 'refused'
    | 'no-effect'
    | 'failed';
  /** Why, as a clause; undefined where there is nothing to explain. */
  readonly reason?: string;
  readonly hint?: string;
  /** Of what was refused: before then it is of no use to ask again. */
  readonly passes?: Passing;
  /** The file that it is about. */
  readonly dropIn?: string;
  readonly untilWallMs?: number;
}

/** Whether the host is now as it was wished to be, or would be. */
export function isDone({ outcome }: RemedyOutcome): boolean {
  return outcome !== 'refused' && outcome !== 'no-effect' && outcome !== 'failed';
}
