import { settingsWith } from './advised.ts';
import type { Directive } from '../remedy/directive.ts';
import type { ExitSet, RestartSettings } from '../systemd/restart-settings.ts';

/** The first directive that is not in force: what systemd says after a reload, compared with what was written. */
export function missingDirective(
  settings: RestartSettings,
  directives: readonly Directive[],
): Directive | undefined {
  return directives.find((directive) => {
    const { preventExitStatus, ...rest } = settingsWith(settings, [directive]);
    const { preventExitStatus: has, ...same } = settings;
    return !includesAll(has, preventExitStatus) || JSON.stringify(rest) !== JSON.stringify(same);
  });
}

function includesAll(set: ExitSet, other: ExitSet): boolean {
  return (
    other.statuses.every((status) => set.statuses.includes(status)) &&
    other.signals.every((signal) => set.signals.includes(signal))
  );
}
