import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Saved } from '../src/core/saved.ts';
import { readState, stateFile, writeState } from '../src/state-file.ts';

const nowMs = Date.UTC(2026, 0, 2, 12);
const saved: Saved = {
  savedAtWallMs: nowMs,
  bootId: 'boot',
  incidents: [],
  undelivered: [],
  remedies: [
    {
      unit: 'loop.service',
      incident: 'loop.service@20260102T120000.000Z',
      restartsBefore: 3,
      periodMs: 8100,
      forecast: { withinMs: 81_000, restarts: 1, rests: false, delayMs: 5000, periodMs: 13_000 },
      sections: '[Service]\nRestartSec=5s\n',
      outcome: 'no-effect',
      reason: 'it restarts as before',
      atWallMs: nowMs - 1000,
    },
  ],
  units: [
    {
      unit: 'loop.service',
      automatic: 3,
      external: 1,
      inferred: 0,
      exits: [{ exit: { process: 'main', code: 'exited', status: 78, result: 'exit-code' }, count: 4 }],
      burnedCpuMs: 12.5,
      nRestarts: 3,
      invocationId: 'a',
      endedInvocationId: 'b',
    },
  ],
};

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flapd-state-'));
  file = path.join(folder, 'state.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (): ReturnType<typeof readState> => readState(file, 'machine', nowMs + 1000);
const edit = (change: (json: Record<string, unknown>) => void): void => {
  const json = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  change(json);
  writeFileSync(file, JSON.stringify(json));
};

const incident: Saved['incidents'][number] = {
  id: 'loop.service@20260102T115900.000Z',
  unit: 'loop.service',
  kind: 'loop',
  policy: 'default',
  rule: { restarts: 5, withinMs: 120_000 },
  automatic: 5,
  external: 0,
  inferred: 0,
  exits: [],
  burnedCpuMs: undefined,
  periodMs: 8100,
  root: undefined,
  causes: [{ id: 'missing-file', state: 'confirmed', sentence: '/x does not exist.', proof: ['x'] }],
  evidence: {
    exit: {
      at: '2026-01-02T11:58:20.000Z',
      summary: 'the main process exited',
      result: 'exit-code',
      status: 1,
    },
    lines: [{ at: '2026-01-02T11:58:20.000Z', by: 'service', text: 'open /x: no such file' }],
    coreDump: { at: '2026-01-02T11:58:20.000Z', pid: 7 },
    oomKilled: false,
    settings: [{ section: 'Service', directive: 'Restart', value: 'always', file: '/etc/x', line: 3 }],
  },
  changes: [{ at: '2026-01-02T11:58:00.000Z', kind: 'drop-in', what: 'drop-in /etc/x was changed' }],
  advice: {
    unit: 'loop.service',
    target: 'loop.service',
    directives: [
      {
        section: 'Service',
        directive: 'RestartPreventExitStatus',
        from: '',
        to: '1',
        writes: '1',
        reason: 'Five times.',
      },
    ],
    dropIn: '[Service]\nRestartPreventExitStatus=1\n',
    counterfactual: {
      since: '2026-01-02T11:59:00.000Z',
      until: '2026-01-02T12:00:00.000Z',
      restarts: { was: 5, wouldBe: 0 },
      longestExtraDownSeconds: 0,
      sentence: 'With this, …',
    },
    basis: 'By 5 deaths.',
    notes: [],
  },
  leader: undefined,
  groups: [],
  toldTo: 'all',
  toldPeriodMs: undefined,
  openedAtWallMs: nowMs - 60_000,
  beganWallMs: nowMs - 100_000,
  toldWallMs: nowMs - 60_000,
  firstWallMs: nowMs - 100_000,
  firstExit: {
    invocationId: 'first',
    atWallMs: nowMs - 100_000,
    process: 'main',
    code: 'exited',
    status: 1,
    result: 'exit-code',
    uptimeMs: 200,
    during: 'running',
    requested: false,
  },
  lastWallMs: nowMs - 1000,
};

describe('the state file', () => {
  test('keeps what was found out about an incident', () => {
    const withIncident = { ...saved, incidents: [incident] };
    writeState(file, 'machine', withIncident);
    expect(read()).toEqual({ kind: 'read', saved: withIncident });
  });

  test('evidence that is not to be shown costs itself, and not the state', () => {
    writeState(file, 'machine', { ...saved, incidents: [incident] });
    const hostile = { ...incident.evidence, lines: [{ at: 'now', by: 'service', text: '\u001b[2J' }] };
    edit((json) => (json['incidents'] = [{ ...incident, evidence: hostile }]));
    const kept = { ...incident, evidence: undefined };
    expect(read()).toEqual({ kind: 'read', saved: { ...saved, incidents: [kept] } });
  });

  test('of a flapd that kept no first failures is read', () => {
    const { firstExit: _exit, evidence: _evidence, changes: _changes, ...older } = incident;
    writeState(file, 'machine', { ...saved, incidents: [incident] });
    edit((json) => (json['incidents'] = [older]));
    expect(read()).toEqual({ kind: 'read', saved: { ...saved, incidents: [older] } });
  });

  test('is read as it was written, and leaves nothing beside it', () => {
    writeState(file, 'machine', saved);
    expect(read()).toEqual({ kind: 'read', saved });
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  test('need not be there', () => {
    expect(read()).toEqual({ kind: 'none' });
  });

  test('torn at any byte is set aside whole, never read in part', () => {
    writeState(file, 'machine', saved);
    const whole = readFileSync(file);
    // The last byte is the line's end, which JSON can do without.
    for (let length = 0; length < whole.length - 1; length += 1) {
      writeFileSync(file, whole.subarray(0, length));
      const found = read();
      expect(found).toMatchObject({ kind: 'unusable', why: 'it is torn: not whole JSON' });
      const aside = found.kind === 'unusable' ? (found.asideAs ?? '') : '';
      expect(readFileSync(aside)).toHaveLength(length);
    }
  });

  test.each([
    [
      'of something else',
      (json: Record<string, unknown>) => (json['format'] = 'other'),
      /no|not a state file/,
    ],
    ['of a version to come', (json: Record<string, unknown>) => (json['version'] = 2), /version 2/],
    [
      'of another machine',
      (json: Record<string, unknown>) => (json['machineId'] = 'other'),
      /another machine/,
    ],
    [
      'from the future',
      (json: Record<string, unknown>) => (json['savedAtWallMs'] = nowMs + 3_600_000),
      /future/,
    ],
    [
      'with a negative count',
      (json: Record<string, unknown>) => (json['units'] = [{ unit: 'a', automatic: -1 }]),
      /unexpected units.0/,
    ],
    [
      'with text for a number',
      (json: Record<string, unknown>) => (json['savedAtWallMs'] = 'now'),
      /savedAtWallMs/,
    ],
  ])('%s is set aside, with the reason', (_what, change, why) => {
    writeState(file, 'machine', saved);
    edit((json) => void change(json));
    const found = read();
    expect(found).toMatchObject({ kind: 'unusable', why: expect.stringMatching(why) });
    expect(readdirSync(folder)).toEqual([
      expect.stringMatching(/^state\.json\.unusable-2026-01-02T120001000Z$/),
    ]);
  });

  test('that is a folder, a FIFO or beyond measure is not read', () => {
    mkdirSync(file);
    expect(read()).toMatchObject({ kind: 'unusable', why: 'it is no regular file' });
    rmSync(file, { recursive: true });
    execFileSync('mkfifo', [file]);
    expect(read()).toMatchObject({ kind: 'unusable', why: 'it is no regular file' });
    rmSync(file);
    writeFileSync(file, '');
    truncateSync(file, 2 ** 30);
    expect(read()).toMatchObject({ kind: 'unusable', why: 'it is too large' });
  });

  test('is replaced, not written through, where somebody put a link', () => {
    const elsewhere = path.join(folder, 'elsewhere');
    writeFileSync(elsewhere, 'untouched');
    symlinkSync(elsewhere, file);
    symlinkSync(elsewhere, `${file}.new`);
    writeState(file, 'machine', saved);
    expect(readFileSync(elsewhere, 'utf8')).toBe('untouched');
    expect(read()).toEqual({ kind: 'read', saved });
  });

  test('that was not written to its end leaves the one before in place', () => {
    writeState(file, 'machine', saved);
    const before = readFileSync(file, 'utf8');
    mkdirSync(`${file}.new`);
    expect(() => writeState(file, 'machine', { ...saved, bootId: 'other' })).toThrow(/directory/);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test.skipIf(process.getuid?.() !== 0)('on a disk that is full keeps the one before whole', () => {
    const disk = path.join(folder, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      return;
    }
    try {
      const onDisk = path.join(disk, 'state.json');
      writeState(onDisk, 'machine', saved);
      const many = { ...saved, units: Array.from({ length: 1000 }, () => saved.units[0] ?? fail()) };
      expect(() => writeState(onDisk, 'machine', many)).toThrow(/ENOSPC/);
      expect(readState(onDisk, 'machine', nowMs)).toEqual({ kind: 'read', saved });
      expect(readdirSync(disk)).toEqual(['state.json']);
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  test.skipIf(process.getuid?.() === 0)('in a folder that can’t be written is said to be so', () => {
    chmodSync(folder, 0o500);
    expect(() => writeState(file, 'machine', saved)).toThrow(/EACCES/);
    chmodSync(folder, 0o700);
  });

  test.each([
    [{ STATE_DIRECTORY: '/var/lib/flapd:/other' }, 0, 'system', '/var/lib/flapd/state.json'],
    [{}, 0, 'system', '/var/lib/flapd/state.json'],
    [{}, 0, 'user', '/var/lib/flapd/state-user.json'],
    [{ HOME: '/home/a' }, 1000, 'user', '/home/a/.local/state/flapd/state-user.json'],
    [{ HOME: '/home/a', XDG_STATE_HOME: '/s' }, 1000, 'user', '/s/flapd/state-user.json'],
  ] as const)('lies where %j, uid %i and the %s manager say: %s', (env, uid, manager, wanted) => {
    expect(stateFile(env, uid, manager)).toBe(wanted);
  });
});

function fail(): never {
  throw new Error('no unit to copy');
}
