import { adviceFor, pastBesides } from '../advising.ts';
import type { Config } from '../config/load.ts';
import { presentEvidence } from '../core/evidence/evidence-view.ts';
import { policyFor } from '../core/policy-choice.ts';
import { presentAdvice } from '../core/advice/present-advice.ts';
import { newState } from '../core/state.ts';
import { majorVersion } from '../core/systemd/systemd-version.ts';
import { newRecord } from '../core/unit-record.ts';
import type { Setting } from '../core/systemd/unit-settings.ts';
import type { AdviceView, CauseView, ExitView, IncidentView, UnitView } from '../core/view.ts';
import { explainRun, type Explained } from '../explain-run.ts';
import { AppError, type ExitCode } from '../kit/errors.ts';
import { connectBus, type Bus } from '../systemd/bus.ts';
import { BusError } from '../systemd/bus-error.ts';
import { Manager } from '../systemd/manager.ts';
import { settingsOfUnit } from '../systemd/settings-of-unit.ts';
import { systemdUnreachable } from '../systemd/unreachable.ts';
import type { Typed } from './args.ts';
import { explainText } from './explain-text.ts';
import { firstFailureOf } from './first-failure.ts';
import { Lookout } from './lookout.ts';
import { busOf, configOf } from './options.ts';
import { wantsColor, type Shell } from './shell.ts';
import { readableSilences } from './silence-folder.ts';
import { serviceNameOf } from './unit-operands.ts';

/** What `flapd explain` knows of a unit: how it fares, and why its last run died. */
export interface Explanation {
  readonly unit: UnitView;
  readonly incident: IncidentView | undefined;
  /** Undefined where no run of it is known to have ended. */
  readonly explained: Explained | undefined;
  readonly settings: readonly Setting[];
  /** Undefined where systemd did not answer. */
  readonly advice: AdviceView | undefined;
  /** What makes it less than the truth. */
  readonly warning: string | undefined;
}

/** `flapd explain UNIT`: exits 1 where the unit loops or was given up. */
export async function explain(typed: Typed, shell: Shell): Promise<ExitCode> {
  const [operand, ...others] = typed.operands;
  if (operand === undefined || others.length > 0) {
    const message = 'Cannot explain no unit, or several: expected one, such as "flapd explain logstash"';
    throw new AppError(message, { exitCode: 2, hint: 'flapd explain --help' });
  }
  const name = serviceNameOf(operand);
  const config = await configOf(typed);
  const explanation = await explanationOf(name, config, typed, shell);
  if (typed.flags['json'] === true) {
    if (explanation.warning !== undefined) shell.stderr.write(`flapd: ${explanation.warning}\n`);
    shell.stdout.write(`${JSON.stringify(explanationView(explanation), undefined, 2)}\n`);
  } else {
    shell.stdout.write(
      explainText(explanation, {
        color: wantsColor(shell),
        user: config.manager === 'user',
        nowMs: shell.clock.now().wallMs,
      }),
    );
  }
  const { verdict } = explanation.unit;
  return verdict === 'looping' || verdict === 'braked' ? 1 : 0;
}

async function explanationOf(name: string, config: Config, typed: Typed, shell: Shell): Promise<Explanation> {
  const bus = busOf(typed, config, shell);
  const lookout = new Lookout({
    config,
    bus,
    names: [name],
    silences: () => readableSilences(config.manager, shell),
    clock: shell.clock,
    uid: shell.uid,
    signal: new AbortController().signal,
    // On its own unit alone, whether or not that is in an incident.
    advises: false,
  });
  try {
    const { picture, named } = await lookout.look();
    const [unit] = named ?? [];
    if (unit === undefined) throw new Error(`the look at ${name} shows no unit`);
    const incident = incidentOf(unit, picture.incidents);
    const { warning } = picture;
    return await withManager(bus.address, async (manager) => {
      const settings = await settingsOfUnit(manager, unit.unit);
      const found =
        unit.lastExit && (await explainExit(unit, unit.lastExit, incident, manager, config, bus.own));
      const explained = found && { ...found, causes: causesOf(found, unit, incident) };
      const advice = await adviceOf(unit, incident, manager, { config, shell, ownJournal: bus.own });
      return { unit, incident, explained, settings, advice, warning };
    });
  } finally {
    await lookout.close();
  }
}

/** Where the last run tells nothing, as one that somebody stopped, the daemon may know why the ones before it died. */
function causesOf(
  { causes }: Explained,
  { unit }: UnitView,
  incident: IncidentView | undefined,
): readonly CauseView[] {
  if (causes.length > 0 || incident?.unit !== unit) return causes;
  return incident.causes ?? [];
}

/** The open one that it is in, whether or not by itself. */
function incidentOf(
  { unit, incident }: UnitView,
  incidents: readonly IncidentView[],
): IncidentView | undefined {
  return incidents.find(
    (each) => each.id === incident || (each.unit === unit && each.closedAt === undefined),
  );
}

function explainExit(
  unit: UnitView,
  exit: ExitView,
  incident: IncidentView | undefined,
  manager: Manager,
  config: Config,
  ownJournal: boolean,
): Promise<Explained> {
  return explainRun({
    manager,
    managerKind: config.manager,
    unit: unit.unit,
    exit,
    firstExit: incident?.unit === unit.unit ? incident.firstExit : undefined,
    exits: unit.exits,
    operatorCauses: config.causes,
    firstFailureMs: Date.parse(incident?.beganAt ?? exit.at),
    ...(ownJournal ? {} : { noJournal: 'the journal need not be that of the systemd on another bus' }),
  });
}

/** A daemon may have advised on it already; else this asks what `flapd advise` asks, but knows no other units. */
async function adviceOf(
  { unit, verdict }: UnitView,
  incident: IncidentView | undefined,
  manager: Manager,
  {
    config,
    shell,
    ownJournal,
  }: { readonly config: Config; readonly shell: Shell; readonly ownJournal: boolean },
): Promise<AdviceView | undefined> {
  if (incident?.unit === unit && incident.advice !== undefined) return incident.advice;
  const state = newState(config.policies);
  const record = newRecord(unit, policyFor(config.policies, unit));
  state.units.set(unit, { ...record, braked: verdict === 'braked' });
  try {
    const now = shell.clock.now();
    const advice = await adviceFor({
      unit,
      manager,
      systemdVersion: majorVersion(await manager.version()) ?? 0,
      state,
      root: incident?.unit === unit ? incident.root : undefined,
      now,
      past: { manager: config.manager, ...pastBesides, ...(ownJournal ? {} : { backMs: 0 }) },
    });
    return presentAdvice(advice, now);
  } catch (error) {
    if (error instanceof BusError) return undefined;
    throw error;
  }
}

async function withManager<T>(address: string, ask: (manager: Manager) => Promise<T>): Promise<T> {
  const bus: Bus = await connectBus(address).catch((error: unknown) => {
    throw systemdUnreachable(error, address);
  });
  try {
    return await ask(new Manager(bus));
  } finally {
    await bus.close();
  }
}

/** The shape of `--json`. */
function explanationView(explanation: Explanation): Readonly<Record<string, unknown>> {
  const { unit, incident, explained, settings, advice } = explanation;
  const first = firstFailureOf(explanation);
  return {
    unit: unit.unit,
    verdict: unit.verdict,
    ...(incident === undefined ? {} : { incident: incident.id }),
    ...(unit.lastExit === undefined ? {} : { lastExit: unit.lastExit }),
    ...(explained === undefined ? {} : { evidence: presentEvidence(explained.evidence, settings) }),
    ...(first === undefined ? {} : { firstFailure: first }),
    causes: explained?.causes ?? [],
    ...(advice === undefined ? {} : { advice }),
    changes: explained?.changes ?? [],
  };
}
