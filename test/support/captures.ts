import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Input } from '../../src/core/input.ts';
import type { Instant } from '../../src/core/instant.ts';
import type { JournalRecord } from '../../src/core/journal-record.ts';
import { parseJournalLine } from '../../src/systemd/journal-line.ts';
import { JournalTimes } from '../../src/systemd/journal-times.ts';
import { SnapshotPairs } from '../../src/systemd/snapshot-pairs.ts';

/** Recordings of real buses and journals; they lie beside the project, not in it. */
const folder = fileURLToPath(new URL('../../../shared/captures/', import.meta.url));

export const haveCaptures = existsSync(folder);

export type CaptureVersion = '252' | '262';

export function scenarios(version: CaptureVersion): readonly string[] {
  return readdirSync(`${folder}${version}`)
    .filter((name) => name.endsWith('.bus.jsonl'))
    .map((name) => name.replace('.bus.jsonl', ''));
}

/** A value as `busctl --json=short` writes it: variants are `{type, data}`, byte arrays are lists of numbers. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { type, data } = value as { type?: string; data?: unknown };
  return type === 'ay' ? Uint8Array.from(data as number[]) : data;
}

export interface TimedInput {
  readonly input: Input;
  readonly at: Instant;
}

/** What flapd would have been given, had it listened to this bus. */
export function busInputs(version: CaptureVersion, scenario: string): readonly TimedInput[] {
  const pairs = new SnapshotPairs();
  let reloading = false;
  return linesOf(`${version}/${scenario}.bus.jsonl`).flatMap((line): readonly TimedInput[] => {
    const message = JSON.parse(line) as Record<string, unknown>;
    const wallMs = Number(message['timestamp-realtime']) / 1000;
    const at = { wallMs, monotonicMs: wallMs };
    const body = (message['payload'] as { data?: unknown[] } | undefined)?.data ?? [];
    if (message['member'] === 'Reloading') reloading = body[0] === true;
    if (!reloading && (message['member'] === 'UnitNew' || message['member'] === 'UnitRemoved')) {
      const unit = String(body[0]);
      const kind = message['member'] === 'UnitNew' ? 'unit-new' : 'unit-removed';
      return unit.endsWith('.service') ? [{ at, input: { kind, unit } }] : [];
    }
    if (message['member'] !== 'PropertiesChanged') return [];
    const changed = Object.entries(body[1] as Record<string, unknown>).map(([key, value]) => [
      key,
      plain(value),
    ]);
    const snapshot = pairs.take(String(message['path']), [body[0], Object.fromEntries(changed), body[2]]);
    return snapshot === undefined ? [] : [{ at, input: { kind: 'snapshot', origin: 'signal', snapshot } }];
  });
}

/** The records of the journal of the same time; empty where none was recorded. */
export function journalRecords(version: CaptureVersion, scenario: string): readonly JournalRecord[] {
  const file = `${version}/${scenario}.journal.jsonl`;
  if (!existsSync(`${folder}${file}`)) return [];
  const times = new JournalTimes({ wallMs: 0, monotonicMs: 0 });
  return linesOf(file).flatMap((line) => parseJournalLine(line, times) ?? []);
}

function linesOf(file: string): readonly string[] {
  return readFileSync(`${folder}${file}`, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}
