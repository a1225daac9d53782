import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { type LedgerEntry, mostLedgerEntries } from '../core/remedy/remedy-ledger.ts';
import { isServiceName } from '../core/unit-name.ts';
import { codeOf, coerceError } from '../kit/errors.ts';

/** Where what applies remedies keeps its own, also from the daemon. It is of this boot, as most remedies are. */
export const applyFolder = '/run/flapd-apply';

const format = 'flapd remedy ledger';

const file = v.strictObject({
  format: v.literal(format),
  version: v.literal(1),
  entries: v.pipe(
    v.array(
      v.strictObject({
        unit: v.pipe(v.string(), v.check(isServiceName)),
        atWallMs: v.pipe(v.number(), v.minValue(0)),
        did: v.picklist(['applied', 'reverted']),
        by: v.picklist(['hand', 'daemon']),
      }),
    ),
    v.maxLength(mostLedgerEntries),
  ),
});

export type LedgerRead =
  | { readonly ok: true; readonly entries: readonly LedgerEntry[] }
  | { readonly ok: false; readonly found: string };

/** What was done lately. A ledger that can't be read is no empty one: without it nobody knows what was. */
export function readLedger(folder: string): LedgerRead {
  try {
    const parsed = v.safeParse(file, JSON.parse(readFileSync(path.join(folder, 'ledger.json'), 'utf8')));
    return parsed.success
      ? { ok: true, entries: parsed.output.entries }
      : { ok: false, found: `${path.join(folder, 'ledger.json')} is not as flapd writes it` };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { ok: true, entries: [] };
    return {
      ok: false,
      found: `${path.join(folder, 'ledger.json')} can't be read: ${coerceError(error).message}`,
    };
  }
}

/** Throws where it can't be written: then nothing else is to be done either. */
export function writeLedger(folder: string, entries: readonly LedgerEntry[]): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const target = path.join(folder, 'ledger.json');
  rmSync(`${target}.new`, { force: true });
  writeFileSync(`${target}.new`, `${JSON.stringify({ format, version: 1, entries })}\n`, {
    mode: 0o600,
    flag: 'wx',
  });
  renameSync(`${target}.new`, target);
}
