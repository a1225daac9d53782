import type { Directive } from './directive.ts';
import type { ExitSet, RestartSettings } from './restart-settings.ts';

/** What would be in force with these directives read last. */
export function settingsUnder(settings: RestartSettings, directives: readonly Directive[]): RestartSettings {
  return directives.reduce(withDirective, settings);
}

/** Whether all of the directives are in force: what systemd says after a reload, compared with what was written. */
export function missingFrom(
  settings: RestartSettings,
  directives: readonly Directive[],
): Directive | undefined {
  return directives.find((directive) => {
    const { preventExitStatus, ...rest } = withDirective(settings, directive);
    const { preventExitStatus: has, ...same } = settings;
    return !includesAll(has, preventExitStatus) || JSON.stringify(rest) !== JSON.stringify(same);
  });
}

function withDirective(settings: RestartSettings, directive: Directive): RestartSettings {
  switch (directive.name) {
    case 'RestartPreventExitStatus':
      return { ...settings, preventExitStatus: joined(settings.preventExitStatus, directive.exits) };
    case 'RestartSec':
      return { ...settings, restartSecMs: directive.ms };
    case 'RestartMaxDelaySec':
      return { ...settings, restartMaxDelayMs: directive.ms };
    case 'RestartSteps':
      return { ...settings, restartSteps: directive.count };
    case 'StartLimitIntervalSec':
      return { ...settings, startLimitIntervalMs: directive.ms };
    case 'StartLimitBurst':
      return { ...settings, startLimitBurst: directive.count };
  }
}

/** Assignments of this list add up (systemd.service(5)). */
function joined(a: ExitSet, b: ExitSet): ExitSet {
  return {
    statuses: [...new Set([...a.statuses, ...b.statuses])],
    signals: [...new Set([...a.signals, ...b.signals])],
  };
}

function includesAll(set: ExitSet, other: ExitSet): boolean {
  return (
    other.statuses.every((status) => set.statuses.includes(status)) &&
    other.signals.every((signal) => set.signals.includes(signal))
  );
}
