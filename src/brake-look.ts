import { brakeOf } from './core/systemd/brake.ts';
import { median } from './core/median.ts';
import type { State } from './core/state.ts';
import { majorVersion } from './core/systemd/systemd-version.ts';
import type { Look } from './looking-into.ts';
import type { Manager } from './systemd/manager.ts';

export interface BrakeLookDeps {
  /** Undefined while systemd can't be heard: then there is nobody to ask. */
  readonly manager: () => Manager | undefined;
  readonly state: () => State;
  /** Whether the unit's own start limit could stop its loop. */
  readonly onBrake: (unit: string, works: boolean) => void;
}

/** Finds out whether the start limit of a unit that loops can trip at the pace of its loop. */
export function brakeLook({ manager, state, onBrake }: BrakeLookDeps): Look {
  return {
    what: ({ unit }) => `the start limit of ${unit}`,
    find: async ({ unit }, signal) => {
      const asked = manager();
      if (asked === undefined) return;
      const { settings } = await asked.loadedService(unit, majorVersion(await asked.version()) ?? 0);
      const uptimes = (state().units.get(unit)?.pastRuns ?? []).flatMap(({ exit }) => exit.uptimeMs ?? []);
      const uptimeMs = median(uptimes);
      if (signal.aborted || settings === undefined || uptimeMs === undefined) return;
      onBrake(unit, brakeOf(settings, uptimeMs).kind === 'works');
    },
  };
}
