import type { Effect } from './effect.ts';
import type { Incident } from './incident.ts';
import type { Input } from './input.ts';
import type { Instant } from './instant.ts';
import { judge, judgeAnew } from './judge.ts';
import { dropOldEvidence, keptEvidence } from './evidence/kept-evidence.ts';
import { observeControlExit, observeCpu, observeSnapshot } from './observe-unit.ts';
import type { Policy } from './policy.ts';
import { policyFor } from './policy-choice.ts';
import { maxUnloadedUnits, type State } from './state.ts';
import { put } from './put.ts';
import { isInForce, type Remedy } from './remedy/remedy.ts';
import { restore } from './restore.ts';
import { runInProgress } from './run.ts';
import { dueMs, settle, settleOpened, settleRemedy } from './settle.ts';
import { hasTrouble, newRecord, type UnitRecord } from './unit-record.ts';
import { countFor, longestSpanMs } from './verdict.ts';

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/**
 * The only place where state changes. A unit's life as seen from here:
 *
 *   new run ──▶ at work ──▶ over ──▶ waits (auto-restart) ──▶ restart counted ──▶ new run …
 *                             └────▶ rests (dead, failed, or braked: refused at the start limit)
 *
 * Restarts open an incident when a rule of the unit's policy holds, or systemd gives up; time closes it.
 */
export function step(state: State, input: Input, now: Instant): Step {
  switch (input.kind) {
    case 'snapshot':
      return stepSnapshot(state, input, now);
    case 'listed':
      return stepListed(state, input.units, now);
    case 'counters':
      return stepCounters(state, input, now);
    case 'baseline':
      return update(state, input.unit, (record) => ({ ...record, nRestarts: input.nRestarts }));
    case 'restore':
      return stepRestore(state, input, now);
    case 'past-unknown':
      return stepPastUnknown(state);
    case 'booted':
      return stepBooted(state, now);
    case 'unit-new':
      return update(state, input.unit, (record) => ({
        ...record,
        loaded: true,
        nRestarts: record.nRestarts ?? 0,
      }));
    case 'unit-removed':
      return stepGone(state, input.unit, now);
    case 'cpu':
      return update(state, input.unit, (record) => observeCpu(record, input.invocationId, input.cpuMs));
    case 'control-exit':
      return update(state, input.unit, (record) =>
        observeControlExit(record, input.invocationId, input.code, input.status),
      );
    case 'service-type':
      return update(state, input.unit, (record) => ({ ...record, serviceType: input.serviceType }));
    case 'dependencies':
      return update(state, input.unit, (record) => ({ ...record, dependencies: input.dependencies }));
    case 'causes':
      return stepExplained(state, input);
    case 'advice':
      return stepFound(state, input, 'incident-advised', { advice: input.advice });
    case 'brake':
      return update(state, input.unit, (record) => ({ ...record, brakeWorks: input.works }));
    case 'remedy':
      return stepRemedy(state, input, now);
    case 'silences':
      state.silences = input.silences;
      return stepTick(state, now);
    case 'policies':
      return stepPolicies(state, input.policies, now);
    case 'tick':
      return stepTick(state, now);
  }
}

/** When time alone next changes something, such as that an incident closes; undefined while nothing is due. */
export function nextWakeMs(state: State, now: Instant): number | undefined {
  const due = [...state.open].flatMap((unit) => {
    const record = state.units.get(unit);
    return (record && dueMs(state, record, now)) ?? [];
  });
  return due.length === 0 ? undefined : Math.min(...due);
}

function recordOf(state: State, unit: string): UnitRecord {
  return state.units.get(unit) ?? newRecord(unit, policyFor(state.policies, unit));
}

function stepSnapshot(state: State, input: Input & { kind: 'snapshot' }, now: Instant): Step {
  const before = recordOf(state, input.snapshot.unit);
  const observed = observeSnapshot(before, input.snapshot, input.origin, now.monotonicMs);
  const restarted = restartedEffect(before, observed.record, now);
  const newlyBraked = observed.record.braked && !before.braked && before.nRestarts !== undefined;
  const told = settle(state, observed.record, judge(observed.record, now, newlyBraked), now);
  const ended = endedEffect(before, observed.record);
  return { state, effects: [...ended, ...restarted, ...told, ...observed.effects] };
}

function endedEffect(before: UnitRecord, after: UnitRecord): Effect[] {
  const run = after.pastRuns.at(-1);
  return run === undefined || before.pastRuns === after.pastRuns
    ? []
    : [{ kind: 'run-ended', unit: after.unit, run }];
}

function restartedEffect(before: UnitRecord, after: UnitRecord, now: Instant): Effect[] {
  const automatic = after.automatic - before.automatic;
  const external = after.external - before.external;
  if (automatic + external === 0) return [];
  const rule = after.policy.loop[0];
  const inWindow = rule === undefined ? 0 : countFor(rule, after, now.monotonicMs);
  const inferred = after.inferred - before.inferred;
  return [{ kind: 'restarted', unit: after.unit, automatic, external, inferred, inWindow }];
}

/** Everything is compared with what was known; a unit that was at rest and still is needs no reading. */
function stepListed(state: State, units: (Input & { kind: 'listed' })['units'], now: Instant): Step {
  const loaded = new Set(units.map(({ unit }) => unit));
  for (const record of [...state.units.values()]) {
    if (record.loaded && !loaded.has(record.unit)) stepGone(state, record.unit, now);
    // A reload may have changed what it builds on, and its settings.
    else if (record.dependencies !== undefined || record.brakeWorks !== undefined)
      put(state, { ...record, dependencies: undefined, brakeWorks: undefined }, []);
  }
  return {
    state,
    effects: units.flatMap(({ unit, activeState }) => reading(state.units.get(unit), unit, activeState)),
  };
}

/** A unit in between states is read whole: its last exit is there to be read now, and gone after the next start. */
function reading(known: UnitRecord | undefined, unit: string, activeState: string): readonly Effect[] {
  if (activeState === 'active') return [{ kind: 'read-counters', unit }];
  if (activeState !== 'inactive') return [{ kind: 'read-unit', unit }];
  const wasAtRest = known?.run === undefined || (known.run.exit !== undefined && !known.run.waits);
  return wasAtRest && known?.incident === undefined ? [] : [{ kind: 'read-unit', unit }];
}

function stepCounters(state: State, input: Input & { kind: 'counters' }, now: Instant): Step {
  const { unit, nRestarts, invocationId } = input;
  const known = recordOf(state, unit);
  const unchanged = known.nRestarts === nRestarts && known.run?.invocationId === invocationId;
  if (unchanged && known.run?.exit === undefined) return { state, effects: [] };
  if (known.nRestarts !== undefined) return { state, effects: [{ kind: 'read-unit', unit }] };
  put(state, { ...known, nRestarts, run: runInProgress(invocationId, now.monotonicMs) }, []);
  return { state, effects: [] };
}

function update(state: State, unit: string, change: (record: UnitRecord) => UnitRecord): Step {
  const before = recordOf(state, unit);
  const after = change(before);
  put(state, after, []);
  return { state, effects: endedEffect(before, after) };
}

/**
 * systemd unloads a unit that nothing refers to; loaded again, its restart counter starts from zero. One that was stopped
 * is kept: started again, it was restarted from outside.
 */
function stepGone(state: State, unit: string, now: Instant): Step {
  const record = state.units.get(unit);
  if (record === undefined) return { state, effects: [] };
  if (!hasTrouble(record) && record.run?.stopAsked !== true) {
    state.units.delete(unit);
    return { state, effects: [] };
  }
  const brakedUntilMs = record.braked ? now.monotonicMs : record.brakedUntilMs;
  put(state, { ...record, loaded: false, nRestarts: 0, braked: false, brakedUntilMs }, []);
  for (const oldest of state.unloaded) {
    if (state.unloaded.size <= maxUnloadedUnits) break;
    forget(state, oldest);
  }
  return { state, effects: [] };
}

function forget(state: State, unit: string): void {
  state.units.delete(unit);
  state.unloaded.delete(unit);
}

/** From here on incidents are counted and told: those of the past were, by the flapd that was running then. */
function stepRestore(state: State, input: Input & { kind: 'restore' }, now: Instant): Step {
  const { records, effects, unreported } = restore(state, input, now);
  state.incidentsTotal.loop = 0;
  state.incidentsTotal.braked = 0;
  for (const record of records) {
    const own = effects.filter((effect) => 'incident' in effect && effect.incident.unit === record.unit);
    put(state, record, own);
  }
  // One is not to find the others before they are told.
  for (const record of unreported) put(state, { ...record, incident: undefined }, []);
  const opened = unreported.flatMap((record) => settleOpened(state, record, now));
  return { state, effects: [...effects, ...opened] };
}

/** Without a past nothing can be judged, but what systemd has counted can be shown. */
function stepPastUnknown(state: State): Step {
  for (const record of [...state.units.values()]) {
    const { nRestarts = 0, automatic, external } = record;
    if (nRestarts > 0 && automatic + external === 0)
      put(state, { ...record, automatic: nRestarts, inferred: nRestarts }, []);
  }
  return { state, effects: [] };
}

/** Nothing was restarted by a reboot, and nothing goes on after it. */
function stepBooted(state: State, now: Instant): Step {
  for (const record of [...state.units.values()]) {
    if (record.run !== undefined) put(state, { ...record, run: undefined }, []);
    stepGone(state, record.unit, now);
  }
  return { state, effects: [] };
}

/** A remedy that helped ends its incident where the unit rests. */
function stepRemedy(state: State, input: Input & { kind: 'remedy' }, now: Instant): Step {
  const { remedy, known } = input;
  const before = recordOf(state, remedy.unit);
  const isNews = isNewsOf(before.remedy, remedy);
  if (isNews && known !== true) state.remediesTotal[remedy.outcome] += 1;
  const { incident } = before;
  const told = incident === undefined ? undefined : { ...incident, remedy };
  const record: UnitRecord = { ...before, remedy, incident: told };
  const news = settle(state, record, judge(record, now, false), now);
  // What is over was told by the flapd that saw it.
  const isTold = isNews && (known !== true || isInForce(remedy));
  const wasInForce = input.wasInForce ?? (before.remedy !== undefined && isInForce(before.remedy));
  const done = isNews && known !== true ? settleRemedy(state, wasInForce, remedy, now) : [];
  return {
    state,
    effects: [...(isTold ? [{ kind: 'remedy-changed' as const, remedy }] : []), ...news, ...done],
  };
}

function isNewsOf(before: Remedy | undefined, after: Remedy): boolean {
  return (
    before?.outcome !== after.outcome || before.dropIn !== after.dropIn || before.incident !== after.incident
  );
}

function stepExplained(state: State, input: Extract<Input, { kind: 'causes' }>): Step {
  const { causes, evidence, changes } = input;
  const found = { causes, evidence: evidence && keptEvidence(evidence), changes };
  const explained = stepFound(state, input, 'incident-explained', found);
  dropOldEvidence(state);
  return explained;
}

/** An incident that has closed meanwhile stays as it was told. */
function stepFound(
  state: State,
  { unit, incident: id }: { readonly unit: string; readonly incident: string },
  kind: 'incident-explained' | 'incident-advised',
  found: Partial<Pick<Incident, 'causes' | 'evidence' | 'changes' | 'advice'>>,
): Step {
  const record = state.units.get(unit);
  if (record?.incident?.id !== id) return { state, effects: [] };
  const incident = { ...record.incident, ...found };
  put(state, { ...record, incident }, []);
  return { state, effects: [{ kind, incident }] };
}

function stepPolicies(state: State, policies: readonly Policy[], now: Instant): Step {
  state.policies = policies;
  // Open incidents first, so that what opens now finds the one that it is part of.
  const records = [...state.units.values()].toSorted(
    (a, b) => Number(b.incident !== undefined) - Number(a.incident !== undefined),
  );
  const effects = records.flatMap(({ unit }) => {
    const record = recordOf(state, unit);
    return settle(state, record, judgeAnew(record, policyFor(policies, unit), now), now);
  });
  return { state, effects };
}

/** Closes what is due, and forgets units that are gone and whose past no rule looks at any more. */
function stepTick(state: State, now: Instant): Step {
  for (const unit of state.unloaded) {
    if (isPast(recordOf(state, unit), now)) forget(state, unit);
  }
  const effects = [...state.open].flatMap((unit) => {
    const record = recordOf(state, unit);
    return settle(state, record, judge(record, now, false), now);
  });
  return { state, effects };
}

function isPast(record: UnitRecord, now: Instant): boolean {
  const lastMs = Math.max(record.lastRestartMs ?? -Infinity, record.lastExit?.atMs ?? -Infinity);
  return record.incident === undefined && lastMs < now.monotonicMs - longestSpanMs(record.policy);
}
