import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LedgerEntry } from '../../src/core/remedy/remedy-ledger.ts';
import { readLedger, writeLedger } from '../../src/apply/remedy-ledger-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flapd-ledger-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const entry: LedgerEntry = { unit: 'web.service', atWallMs: 1_777_777_777_000, did: 'applied', by: 'daemon' };

test('the ledger reads back what was written, and is empty before', () => {
  expect(readLedger(folder)).toEqual({ ok: true, entries: [] });
  writeLedger(folder, [entry, { ...entry, did: 'reverted', by: 'hand' }]);
  expect(readLedger(folder)).toEqual({
    ok: true,
    entries: [entry, { ...entry, did: 'reverted', by: 'hand' }],
  });
  expect(readdirSync(folder)).toEqual(['ledger.json']);
});

test.each([
  '',
  '{',
  '[]',
  '{"format":"flapd remedy ledger","version":2,"entries":[]}',
  '{"format":"flapd remedy ledger","version":1,"entries":[{"unit":"../x"}]}',
])('a ledger that says %j is no empty one', (text) => {
  writeFileSync(path.join(folder, 'ledger.json'), text);
  expect(readLedger(folder).ok).toBe(false);
});
