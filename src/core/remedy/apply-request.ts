import type { Directive } from './directive.ts';
import type { RemedyOutcome } from './remedy-outcome.ts';

/** What the daemon, which may write nothing, asks of what runs as root. */
export type ApplyRequest =
  | {
      readonly verb: 'apply';
      readonly unit: string;
      readonly directives: readonly Directive[];
      /** One sentence with the numbers, for the file. */
      readonly why: string;
      readonly incident: string;
    }
  | { readonly verb: 'revert'; readonly units: readonly string[] }
  /** What a crash may have left half done is set right. */
  | { readonly verb: 'recover' };

/** What came of it, one for each unit that was asked about. */
export interface ApplyAnswer {
  readonly outcomes: readonly RemedyOutcome[];
  /** Why nothing was even looked at, as a clause. */
  readonly refused?: string;
}

/** Units of one request: more remedies than the budget lets be in force in a day. */
export const mostUnitsAtOnce = 256;

/** Several times what the longest request takes. */
export const mostRequestBytes = 65_536;
