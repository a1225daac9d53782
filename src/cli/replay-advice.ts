import type { Advice } from '../core/advice/advice.ts';
import type { HistoryRun } from '../core/advice/advice-evidence.ts';
import type { LoadedService } from '../core/systemd/loaded-service.ts';
import type { Policy } from '../core/policy.ts';
import { replayedAdvice } from '../core/advice/replayed-advice.ts';
import { majorVersion } from '../core/systemd/systemd-version.ts';
import type { Replayed, ReplayedManager } from '../replay.ts';
import { BusError, connectBus } from '../systemd/bus.ts';
import { Manager } from '../systemd/manager.ts';
import { isRefusal } from '../systemd/refusal.ts';

/** By incident id: what its policy would have advised; none where it only alerts. */
export type AdviceByIncident = ReadonlyMap<string, Advice>;

/** What would have been advised on each incident. `services`: as they are set now, where that is known. */
export function adviceByIncident(
  managers: readonly ReplayedManager[],
  policies: readonly Policy[],
  services: ReadonlyMap<string, LoadedService>,
): AdviceByIncident {
  return new Map(
    managers.flatMap((manager) => {
      const runs = runsByUnit(manager);
      return manager.told.flatMap((incident) => {
        const policy = policies.find(({ name }) => name === incident.policy);
        if (policy === undefined || policy.mode === 'alert') return [];
        const { unit } = incident;
        const own = { runs: runs.get(unit) ?? [], untilMs: manager.until.monotonicMs };
        const advice = replayedAdvice({ incident, policy, ...own, service: services.get(unit) });
        return [[incident.id, advice] as const];
      });
    }),
  );
}

function runsByUnit({ chronicle }: ReplayedManager): ReadonlyMap<string, readonly HistoryRun[]> {
  const byUnit = new Map<string, HistoryRun[]>();
  for (const { unit, run, sequel } of chronicle.runs) {
    const runs = byUnit.get(unit) ?? [];
    runs.push({ ...run, sequel });
    byUnit.set(unit, runs);
  }
  return byUnit;
}

/** Of this machine's own services; none where systemd does not answer: a replay does without. */
export async function servicesNow(
  { managers }: Replayed,
  address: string,
): Promise<ReadonlyMap<string, LoadedService>> {
  const units = new Set(managers.flatMap(({ told }) => told.map(({ unit }) => unit)));
  const known = new Map<string, LoadedService>();
  if (units.size === 0) return known;
  const bus = await connectBus(address).catch(() => undefined);
  try {
    if (bus === undefined) return known;
    const manager = new Manager(bus);
    const version = majorVersion(await manager.version()) ?? 0;
    for (const unit of units) {
      const service = await serviceNow(manager, unit, version);
      if (service !== undefined) known.set(unit, service);
    }
    return known;
  } catch (error) {
    if (error instanceof BusError) return known;
    throw error;
  } finally {
    await bus?.close();
  }
}

/** One that is gone since then has the settings that its loop shows. */
async function serviceNow(
  manager: Manager,
  unit: string,
  version: number,
): Promise<LoadedService | undefined> {
  try {
    const service = await manager.loadedService(unit, version);
    return service.settings === undefined ? undefined : service;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

export interface Saved {
  readonly restarts: { readonly was: number; readonly wouldBe: number };
  /** Undefined where the CPU of no run is known. */
  readonly burnedCpuMs: { readonly was: number; readonly wouldBe: number } | undefined;
}

/** Over all incidents, from each one's opening to its end. */
export function savedBy(advices: AdviceByIncident): Saved {
  const all = [...advices.values()].flatMap(({ counterfactual }) => counterfactual ?? []);
  const cpu = all.flatMap(({ burnedCpuMs }) => burnedCpuMs ?? []);
  const sum = (counts: readonly { readonly was: number; readonly wouldBe: number }[]) => ({
    was: counts.reduce((total, { was }) => total + was, 0),
    wouldBe: counts.reduce((total, { wouldBe }) => total + wouldBe, 0),
  });
  return {
    restarts: sum(all.map(({ restarts }) => restarts)),
    burnedCpuMs: cpu.length === 0 ? undefined : sum(cpu),
  };
}
