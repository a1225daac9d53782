import { adviceFor, pastBesides } from './advising.ts';
import type { Advice } from './core/advice/advice.ts';
import type { Instant } from './core/instant.ts';
import type { State } from './core/state.ts';
import { majorVersion } from './core/systemd/systemd-version.ts';
import type { Manager } from './systemd/manager.ts';

/** What is advised on a unit whose policy says apply. Rejects where systemd does not answer. */
export async function adviseRemedy(
  unit: string,
  manager: Manager | undefined,
  state: State,
  now: Instant,
): Promise<Advice> {
  if (manager === undefined) throw new Error('systemd is not to be heard');
  const systemdVersion = majorVersion(await manager.version()) ?? 0;
  return adviceFor({
    unit,
    manager,
    systemdVersion,
    state,
    now,
    past: { manager: 'system', ...pastBesides },
  });
}
