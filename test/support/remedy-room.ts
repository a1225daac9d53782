import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LoadedService } from '../../src/core/systemd/loaded-service.ts';
import { builtInPolicy, type Policy } from '../../src/core/policy.ts';
import { type LedgerEntry, withEntry } from '../../src/core/remedy/remedy-ledger.ts';
import { settingsWith } from '../../src/core/advice/advised.ts';
import type { RemedyManager, RemedyRoom } from '../../src/apply/remedy-room.ts';
import { DropInFiles, unitFolders } from '../../src/systemd/drop-in-files.ts';
import { settingsOf } from '../core/systemd/ending-cases.ts';

/** A tree of its own with the real writer, and a systemd that says of every unit that it is loaded and as it was written. */
export interface TestRoom {
  readonly room: RemedyRoom;
  /** Stands for `/`. */
  readonly root: string;
  readonly said: string[];
  readonly ledger: () => readonly LedgerEntry[];
  /** Every file below, by its path in the tree, and what it holds. */
  files(): Readonly<Record<string, string>>;
  remove(): void;
}

/** Each write is synced, which on a disk that others use takes ten times as long as all the rest. */
const inMemory = ['/dev/shm'].find((folder) => existsSync(folder));

export const applyPolicy: Policy = {
  ...builtInPolicy,
  name: 'mine',
  match: ['allowed.service'],
  mode: 'apply',
};

export function testRoom(
  change: Partial<RemedyRoom> = {},
  managerChange: Partial<RemedyManager> = {},
): TestRoom {
  const root = mkdtempSync(path.join(inMemory ?? tmpdir(), 'flapd-room-'));
  for (const folder of Object.values(unitFolders)) mkdirSync(path.join(root, folder), { recursive: true });
  const files = new DropInFiles({ root, owner: process.getuid?.() ?? 0 });
  const said: string[] = [];
  let ledger: readonly LedgerEntry[] = [];
  const inForce = (unit: string): LoadedService => {
    const found = files.find(unit, 'runtime');
    const directives = found.kind === 'ours' ? found.dropIn.directives : [];
    const paths = found.kind === 'ours' ? [files.pathOf(unit, 'runtime')] : [];
    return { ...loaded(unit), dropInPaths: paths, settings: settingsWith(plain, directives) };
  };
  const room: RemedyRoom = {
    manager: {
      loadedService: async (unit) => inForce(unit),
      names: async (unit) => [unit],
      dependents: async () => [],
      dropInPaths: async (unit) => inForce(unit).dropInPaths,
      canonicalName: async (unit) => unit,
      listServices: async () => [],
      needsReload: async () => false,
      answers: async () => {},
      reload: async () => {},
      ...managerChange,
    },
    systemdVersion: 257,
    files,
    policies: [applyPolicy, builtInPolicy],
    switchedOff: () => undefined,
    ledger: { read: () => ledger, add: (entry) => void (ledger = withEntry(ledger, entry)) },
    unitFiles: async () => [],
    pace: async () => {},
    wait: async () => {},
    verify: async () => ({ kind: 'fine' }),
    nowWallMs: () => Date.UTC(2026, 4, 2, 12),
    nowMonotonicMs: () => 86_400_000,
    by: 'daemon',
    dryRun: false,
    say: (sentence) => said.push(sentence),
    flapdVersion: '0.1.0',
    ...change,
  };
  return {
    room,
    root,
    said,
    ledger: () => ledger,
    files: () =>
      Object.fromEntries(
        readdirSync(root, { recursive: true, withFileTypes: true })
          .filter((entry) => !entry.isDirectory())
          .map((entry) => path.join(entry.parentPath, entry.name))
          .map((file) => [file.slice(root.length), readFileSync(file, 'utf8')]),
      ),
    remove: () => rmSync(root, { recursive: true }),
  };
}

const plain = settingsOf();

export function loaded(unit: string): LoadedService {
  return {
    unit,
    loadState: 'loaded',
    unitFileState: 'enabled',
    transient: false,
    fragmentPath: `/usr/lib/systemd/system/${unit}`,
    dropInPaths: [],
    needsReload: false,
    settings: plain,
    startLimitAction: 'none',
    failureAction: 'none',
    randomDelayMs: 0,
    nRestarts: 7,
    activeSinceMs: undefined,
    requiredBy: [],
    boundBy: [],
  };
}
