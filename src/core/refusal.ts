/** That something is not done, by which rule, and why, as a clause with its numbers. */
export interface Refusal {
  readonly rule: string;
  readonly reason: string;
  /** A command, or what to write where, that would change it. */
  readonly hint?: string;
}
