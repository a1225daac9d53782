import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { notificationEvents } from './core/notification.ts';
import { remedyStates } from './core/remedy/remedy.ts';
import type { Saved } from './core/saved.ts';
import { codeOf, coerceError } from './kit/errors.ts';
import { isRecord } from './kit/record.ts';
import { changesView, evidenceView } from './view-schema.ts';

const format = 'flapd state';
const version = 1;

/** Several times what 5,000 units in trouble take. */
const mostBytes = 64 * 1024 * 1024;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(1024));
const optional = <T extends v.GenericSchema>(schema: T) => v.optional(schema);

const exitKind = {
  process: optional(text),
  code: optional(v.picklist(['exited', 'killed', 'dumped'])),
  status: optional(count),
  result: text,
};
const exits = v.array(v.object({ exit: v.object(exitKind), count }));
const exit = v.object({
  ...exitKind,
  invocationId: text,
  atWallMs: v.number(),
  uptimeMs: optional(v.number()),
  during: text,
  requested: v.boolean(),
});
const causes = v.array(
  v.object({
    id: text,
    state: v.picklist(['confirmed', 'likely', 'could-not-check']),
    sentence: v.string(),
    proof: v.array(v.string()),
    hint: optional(v.string()),
    runbook: optional(v.string()),
  }),
);
const wasAndWouldBe = v.object({ was: v.number(), wouldBe: v.number() });
const advice = v.object({
  unit: text,
  target: text,
  directives: v.array(
    v.object({
      section: v.picklist(['Unit', 'Service']),
      directive: text,
      from: v.string(),
      to: v.string(),
      writes: v.string(),
      reason: v.string(),
    }),
  ),
  dropIn: v.exactOptional(v.string()),
  counterfactual: v.exactOptional(
    v.object({
      since: v.string(),
      until: v.string(),
      restarts: wasAndWouldBe,
      burnedCpuSeconds: v.exactOptional(wasAndWouldBe),
      longestExtraDownSeconds: v.number(),
      sentence: v.string(),
    }),
  ),
  none: v.exactOptional(v.string()),
  basis: v.string(),
  notes: v.array(v.string()),
});
const forecast = v.object({
  withinMs: v.number(),
  restarts: count,
  rests: v.boolean(),
  delayMs: optional(v.number()),
  periodMs: optional(v.number()),
});
const rule = v.object({ restarts: count, withinMs: v.number() });
const counters = {
  automatic: count,
  external: count,
  inferred: count,
  exits,
  burnedCpuMs: optional(v.number()),
};

/** As much of it as whoever is told it goes by. */
const undelivered = v.object({
  sink: text,
  notification: v.object({
    event: v.picklist(notificationEvents),
    atWallMs: v.number(),
    isTest: v.boolean(),
    incident: v.looseObject({
      id: text,
      unit: text,
      kind: v.picklist(['loop', 'braked']),
      openedAt: v.string(),
      policy: text,
      restarts: count,
      exits: v.array(v.looseObject({ result: text, count })),
      groups: v.array(text),
      sentence: v.string(),
    }),
  }),
});

const file = v.object({
  format: v.literal(format),
  version: v.literal(version),
  machineId: text,
  savedAtWallMs: v.number(),
  bootId: text,
  incidents: v.array(
    v.object({
      ...counters,
      id: text,
      unit: text,
      kind: v.picklist(['loop', 'braked']),
      policy: text,
      rule: optional(rule),
      openedAtWallMs: v.number(),
      // Absent where a flapd of before it had them wrote the file.
      beganWallMs: optional(v.number()),
      toldWallMs: optional(v.number()),
      toldPeriodMs: optional(v.number()),
      toldTo: v.optional(v.union([v.literal('all'), v.array(text)]), 'all'),
      root: optional(text),
      causes: optional(causes),
      // Nothing that counts hangs on these: a line that is not to be shown costs them, not the state.
      evidence: v.fallback(optional(evidenceView), undefined),
      changes: v.fallback(optional(changesView), undefined),
      advice: optional(advice),
      leader: optional(v.object({ unit: text, id: text })),
      groups: v.optional(v.array(text), []),
      firstWallMs: v.number(),
      firstExit: optional(exit),
      lastWallMs: v.number(),
      periodMs: optional(v.number()),
    }),
  ),
  units: v.array(
    v.object({
      ...counters,
      unit: text,
      nRestarts: optional(count),
      invocationId: optional(text),
      endedInvocationId: optional(text),
    }),
  ),
  // Absent where a flapd of before it applied any wrote the file.
  remedies: v.optional(
    v.array(
      v.object({
        unit: text,
        incident: optional(text),
        restartsBefore: count,
        periodMs: optional(v.number()),
        // Both absent where a flapd of before it had them wrote the file.
        forecast: optional(forecast),
        sections: v.optional(v.string(), ''),
        outcome: v.picklist(remedyStates),
        reason: optional(v.string()),
        atWallMs: v.number(),
      }),
    ),
    [],
  ),
  undelivered: v.optional(v.array(undelivered), []),
});

export type StateRead =
  | { readonly kind: 'read'; readonly saved: Saved }
  | { readonly kind: 'none' }
  /** There was a file, but not one to go by; it is kept beside, under `asideAs` where that could be done. */
  | { readonly kind: 'unusable'; readonly why: string; readonly asideAs: string | undefined };

/** Reads what was saved. A torn, foreign or future file is set aside: it never stops a start, and never is lost. */
export function readState(file_: string, machineId: string, nowWallMs: number): StateRead {
  let content: string;
  try {
    const found = statSync(file_);
    // Reading a FIFO would wait for ever; what is so large flapd did not write.
    if (!found.isFile()) return { kind: 'unusable', why: 'it is no regular file', asideAs: undefined };
    if (found.size > mostBytes)
      return { kind: 'unusable', why: 'it is too large', asideAs: setAside(file_, nowWallMs) };
    content = readFileSync(file_, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'none' };
    return { kind: 'unusable', why: coerceError(error).message, asideAs: undefined };
  }
  const problem = problemOf(content, machineId, nowWallMs);
  if (typeof problem !== 'string') return { kind: 'read', saved: problem };
  return { kind: 'unusable', why: problem, asideAs: setAside(file_, nowWallMs) };
}

function problemOf(content: string, machineId: string, nowWallMs: number): Saved | string {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    return 'it is torn: not whole JSON';
  }
  if (!isRecord(json) || json['format'] !== format) return 'it is not a state file of flapd';
  if (json['version'] !== version)
    return `it is of version ${String(json['version'])}, and this flapd knows version ${version}`;
  const parsed = v.safeParse(file, json);
  if (!parsed.success) return `it has an unexpected ${v.getDotPath(parsed.issues[0]) ?? 'content'}`;
  const { machineId: from, format: _format, version: _version, ...saved } = parsed.output;
  if (from !== machineId) return 'it is of another machine';
  if (saved.savedAtWallMs > nowWallMs + 60_000) return 'it is from the future: the clock was set back';
  const incidents = saved.incidents.map((incident) => ({
    ...incident,
    beganWallMs: incident.beganWallMs ?? incident.firstWallMs,
    toldWallMs: incident.toldWallMs ?? incident.openedAtWallMs,
  }));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a key that is absent reads as undefined
  return { ...saved, incidents } as Saved;
}

function setAside(file_: string, nowWallMs: number): string | undefined {
  const aside = `${file_}.unusable-${new Date(nowWallMs).toISOString().replaceAll(/[:.]/g, '')}`;
  try {
    renameSync(file_, aside);
    return aside;
  } catch {
    return undefined;
  }
}

/** Writes beside, syncs, renames: a reader, or a crash at any point, finds the old file or the new one. */
export function writeState(file_: string, machineId: string, saved: Saved): void {
  const beside = `${file_}.new`;
  try {
    // Made anew, never written through what a crash, or somebody else, has left there.
    rmSync(beside, { force: true });
    const fd = openSync(beside, 'wx', 0o640);
    try {
      // Not writeSync: on a disk that fills up it may write a part, and says so in its answer only.
      writeFileSync(fd, `${JSON.stringify({ format, version, machineId, ...saved })}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, file_);
  } catch (error) {
    dropQuietly(beside);
    throw error;
  }
}

/** Why it could not be written says more than why its rest can't be removed. */
function dropQuietly(beside: string): void {
  try {
    rmSync(beside, { force: true });
  } catch {
    // The next write tries again.
  }
}

/** Where state is kept: what systemd gives the unit (StateDirectory=), or the places of systemd's file-hierarchy(7). */
export function stateFile(env: NodeJS.ProcessEnv, uid: number, manager: 'system' | 'user'): string {
  const name = manager === 'system' ? 'state.json' : 'state-user.json';
  const given = env['STATE_DIRECTORY']?.split(':')[0];
  if (given) return path.join(given, name);
  if (uid === 0) return path.join('/var/lib/flapd', name);
  const home = env['XDG_STATE_HOME'] || path.join(env['HOME'] ?? '/', '.local/state');
  return path.join(home, 'flapd', name);
}

export async function makeStateFolder(file_: string): Promise<void> {
  await mkdir(path.dirname(file_), { recursive: true, mode: 0o750 });
}
