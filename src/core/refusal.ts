/** That something is not done, by which rule, and why, as a clause with its numbers. */
export interface Refusal {
  readonly rule: string;
  readonly reason: string;
  /** A command, or what to write where, that would change it. */
  readonly hint?: string;
  /** Before then it is of no use to ask again. */
  readonly passes?: Passing;
}

/** When a reason passes by itself, and whether it holds for all units of the host. */
export interface Passing {
  readonly atWallMs: number;
  readonly of: 'unit' | 'host';
}
