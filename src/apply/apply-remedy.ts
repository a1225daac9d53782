import { guardRefusal } from '../core/remedy/apply-guard.ts';
import { type Directive, directiveLine } from '../core/remedy/directive.ts';
import { dropInSections } from '../core/remedy/drop-in-sections.ts';
import { type DropIn, renderDropIn } from '../core/remedy/drop-in.ts';
import { overriderOf } from '../core/remedy/later-files.ts';
import type { LoadedService } from '../core/systemd/loaded-service.ts';
import { policyFor } from '../core/policy-choice.ts';
import type { Policy } from '../core/policy.ts';
import type { Refusal } from '../core/refusal.ts';
import type { RemedyOutcome } from '../core/remedy/remedy-outcome.ts';
import { coerceError } from '../kit/errors.ts';
import { readBack } from './read-back.ts';
import { reloadFault, silenceOf } from './reload-systemd.ts';
import type { RemedyRoom } from './remedy-room.ts';
import { allDependents } from '../systemd/dependents.ts';
import type { Lifetime } from '../systemd/drop-in-files.ts';
import { pendingEdits } from '../systemd/pending-edits.ts';

export interface WantedRemedy {
  /** Under the name by which systemd knows it. */
  readonly unit: string;
  readonly directives: readonly Directive[];
  readonly why: string;
  readonly incident: string | undefined;
  /** Where a person said so; else the policy says. */
  readonly lifetime?: Lifetime | undefined;
}

interface Look {
  readonly service: LoadedService;
  readonly policy: Policy;
}

/**
 * Applies a remedy in the order of a careful administrator, each step said before it is done: look again and guard, see what
 * is at the place, render, verify, write, one reload, read back. What did not take is taken back.
 */
export async function applyRemedy(wanted: WantedRemedy, room: RemedyRoom): Promise<RemedyOutcome> {
  const { unit } = wanted;
  room.say(`Looking again at ${unit}, what is in force and who requires it.`);
  const look = await lookAgain(wanted, room);
  if ('rule' in look) return refused(unit, look);
  const lifetime = wanted.lifetime ?? look.policy.remedy.lifetime;
  const dropIn = room.files.pathOf(unit, lifetime);
  const atPlace = placeOutcome(wanted, lifetime, room);
  if (atPlace !== undefined) return { ...atPlace, dropIn };
  const override = await overrideOf(wanted, room);
  if (override !== undefined) return { unit, outcome: 'no-effect', reason: override, dropIn };

  const remedy = remedyOf(wanted, look.policy, room);
  const text = renderDropIn(remedy);
  room.say(`Asking systemd-analyze about ${unit} with ${directiveWords(wanted.directives)}.`);
  const verified = await room.verify(unit, text);
  if (verified.kind === 'complains')
    return refused(unit, { rule: 'verify', reason: `systemd-analyze says: ${verified.complaint}` }, dropIn);
  if (verified.kind === 'unknown')
    room.say(`It was not verified: ${verified.why}. systemd is asked afterwards.`);

  if (room.dryRun) {
    room.say(`A dry run: ${dropIn} is not written, and systemd not told to reload.`);
    const deed = room.files.write(unit, lifetime, text, true);
    return deed.ok
      ? done('would-apply', remedy, dropIn)
      : refused(unit, { rule: 'place', reason: deed.reason }, dropIn);
  }
  return writeAndReadBack(remedy, lifetime, text, room);
}

async function lookAgain({ unit, directives }: WantedRemedy, room: RemedyRoom): Promise<Look | Refusal> {
  const { manager, systemdVersion, policies, by } = room;
  const [service, names, dependents] = await Promise.all([
    manager.loadedService(unit, systemdVersion),
    manager.names(unit),
    allDependents(manager, unit),
  ]);
  if (service.unit !== unit)
    return { rule: 'name', reason: `it is an alias of ${service.unit}`, hint: `flapd apply ${service.unit}` };
  if (!dependents.ok) return { rule: 'deny-list', reason: dependents.found };
  const policy = policyFor(policies, unit);
  const facts = { service, names, dependents: dependents.units, policy, directives, by };
  const switchedOff = room.switchedOff();
  const refusal = guardRefusal({
    ...facts,
    switchedOff,
    ledger: room.ledger.read(),
    nowWallMs: room.nowWallMs(),
    nowMonotonicMs: room.nowMonotonicMs(),
  });
  return refusal ?? { service, policy };
}

/** What stands at the place already decides, where it is not nothing. */
function placeOutcome(
  { unit, directives }: WantedRemedy,
  lifetime: Lifetime,
  { files }: RemedyRoom,
): RemedyOutcome | undefined {
  for (const each of ['runtime', 'persistent'] as const) {
    const found = files.find(unit, each);
    if (found.kind === 'not-ours') return refused(unit, { rule: 'place', reason: found.reason });
    if (found.kind === 'absent') continue;
    const isSame =
      each === lifetime && dropInSections(found.dropIn.directives) === dropInSections(directives);
    if (isSame) return { unit, outcome: 'already', reason: 'the same remedy is in force' };
    const reason = `another remedy is in force, by ${files.pathOf(unit, each)}`;
    return refused(unit, { rule: 'place', reason, hint: `flapd revert ${unit}` });
  }
  return undefined;
}

/** Which file would take the last word from it, as a clause: written for nothing, it is not written. */
async function overrideOf({ unit, directives }: WantedRemedy, room: RemedyRoom): Promise<string | undefined> {
  const files = await room.unitFiles(unit);
  for (const directive of directives) {
    const by = overriderOf(files, directive, room.systemdVersion);
    if (by !== undefined)
      return `${by.file}:${by.line} says ${by.directive}=${by.value} after it, and so nothing was written`;
  }
  return undefined;
}

function remedyOf(
  { unit, directives, why, incident }: WantedRemedy,
  policy: Policy,
  room: RemedyRoom,
): DropIn {
  const writtenAtWallMs = room.nowWallMs();
  const { revertAfterMs } = policy.remedy;
  const untilWallMs = revertAfterMs === 0 ? undefined : writtenAtWallMs + revertAfterMs;
  return {
    unit,
    directives,
    why,
    incident,
    by: room.by,
    writtenAtWallMs,
    untilWallMs,
    version: room.flapdVersion,
  };
}

async function writeAndReadBack(
  remedy: DropIn,
  lifetime: Lifetime,
  text: string,
  room: RemedyRoom,
): Promise<RemedyOutcome> {
  const { unit } = remedy;
  const dropIn = room.files.pathOf(unit, lifetime);
  // A reload of somebody's may have begun meanwhile: what is written now is to be reloaded, and read back, after it.
  const silence = await silenceOf(room);
  if (silence !== undefined) return refused(unit, { rule: 'silent', reason: silence }, dropIn);
  const stopped = room.switchedOff();
  if (stopped !== undefined) return refused(unit, stopped, dropIn);
  // Before the deed, so that one that is cut short counts too.
  try {
    room.ledger.add({ unit, atWallMs: remedy.writtenAtWallMs, did: 'applied', by: room.by });
  } catch (error) {
    const reason = `it can't be noted that it is applied, and so nothing was written: ${coerceError(error).message}`;
    return { unit, outcome: 'failed', reason, dropIn };
  }
  await sayPendingEdits(room);
  room.say(`Writing ${dropIn}.`);
  const deed = room.files.write(unit, lifetime, text);
  if (!deed.ok) return { unit, outcome: 'failed', reason: `it could not be written: ${deed.reason}`, dropIn };
  const fault = await reloadFault(room);
  if (fault !== undefined)
    return takeBack('failed', `systemd did not reload: ${fault}`, unit, lifetime, room);
  room.say(`Reading back what systemd has in force for ${unit}.`);
  const fate = await fateOf(remedy, dropIn, room);
  return fate === undefined
    ? done('applied', remedy, dropIn)
    : takeBack(fate.outcome, fate.because, unit, lifetime, room);
}

/** Why it is to be taken back; undefined where systemd has in force what was written. */
async function fateOf(
  remedy: DropIn,
  dropIn: string,
  room: RemedyRoom,
): Promise<{ readonly outcome: 'failed' | 'no-effect'; readonly because: string } | undefined> {
  try {
    const silence = await silenceOf(room);
    if (silence !== undefined) return { outcome: 'failed', because: silence };
    const { difference } = await readBack(remedy, dropIn, room.manager, room.systemdVersion);
    return difference === undefined ? undefined : { outcome: 'no-effect', because: difference };
  } catch (error) {
    return { outcome: 'failed', because: `it could not be read back: ${coerceError(error).message}` };
  }
}

const mostNamed = 3;

/** What a person has edited, and not told systemd of: no reason to hold back, for any package does the same, but to be said. */
async function sayPendingEdits({ manager, say }: RemedyRoom): Promise<void> {
  const units = await pendingEdits(manager).catch(() => []);
  if (units.length === 0) return;
  const more = units.length > mostNamed ? ` and ${units.length - mostNamed} more` : '';
  const named = `${units.slice(0, mostNamed).join(', ')}${more}`;
  say(`Files of ${named} have changed since systemd read them: the reload brings that into force too.`);
}

async function takeBack(
  outcome: 'failed' | 'no-effect',
  because: string,
  unit: string,
  lifetime: Lifetime,
  room: RemedyRoom,
): Promise<RemedyOutcome> {
  const dropIn = room.files.pathOf(unit, lifetime);
  room.say(`Taking ${dropIn} back, because ${because}.`);
  const deed = room.files.remove(unit, lifetime);
  if (!deed.ok)
    return {
      unit,
      outcome: 'failed',
      reason: `${because}; and it could not be removed: ${deed.reason}`,
      dropIn,
    };
  // What systemd was never told of it need not be told is gone; it may have heard of it by somebody else's reload.
  const inForce = await room.manager.dropInPaths(unit).catch(() => [dropIn]);
  const fault = inForce?.includes(dropIn) === true ? await reloadFault(room) : undefined;
  if (fault === undefined) return { unit, outcome, reason: `${because}; it was taken back`, dropIn };
  const reason = `${because}; it was taken back, but systemd did not reload: ${fault}`;
  return { unit, outcome: 'failed', reason, hint: 'systemctl daemon-reload', dropIn };
}

function refused(unit: string, { reason, hint, passes }: Refusal, dropIn?: string): RemedyOutcome {
  return {
    unit,
    outcome: 'refused',
    reason,
    ...(hint === undefined ? {} : { hint }),
    ...(passes === undefined ? {} : { passes }),
    ...(dropIn === undefined ? {} : { dropIn }),
  };
}

function done(
  outcome: 'applied' | 'would-apply',
  { unit, untilWallMs }: DropIn,
  dropIn: string,
): RemedyOutcome {
  return { unit, outcome, dropIn, ...(untilWallMs === undefined ? {} : { untilWallMs }) };
}

export function directiveWords(directives: readonly Directive[]): string {
  return directives.map(directiveLine).join(', ');
}
