/** What flapd wrote or took back lately on this host, whoever asked: cooldown and budget go by it. */
export interface LedgerEntry {
  readonly unit: string;
  readonly atWallMs: number;
  readonly did: 'applied' | 'reverted';
  /** A person typed it, or the daemon asked. */
  readonly by: 'hand' | 'daemon';
}

/** After this long an entry says nothing any more. */
export const ledgerSpanMs = 3_600_000;

/** Far more than the budget lets come about; by hand there may be more, of which the last count. */
export const mostLedgerEntries = 1000;

/** The ledger with one entry more. What lies in the future was written before the clock was set back, and counts. */
export function withEntry(ledger: readonly LedgerEntry[], entry: LedgerEntry): readonly LedgerEntry[] {
  const recent = ledger.filter(({ atWallMs }) => atWallMs > entry.atWallMs - ledgerSpanMs);
  return [...recent, entry].slice(-mostLedgerEntries);
}
