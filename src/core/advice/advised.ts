import { type Directive, directiveNames, type DirectiveName } from '../remedy/directive.ts';
import { signalName } from '../systemd/exit-status.ts';
import { growingDelaySince } from '../systemd/restart-delay.ts';
import type { ExitSet, RestartSettings } from '../systemd/restart-settings.ts';
import { formatTimeSpan } from '../time-span.ts';

/** A directive to be written, and the sentence that says why. */
export interface Advised {
  readonly directive: Directive;
  readonly reason: string;
}

/** Directives that only a newer systemd knows; all others every version since 235 does. */
const since: Partial<Readonly<Record<DirectiveName, number>>> = {
  RestartSteps: growingDelaySince,
  RestartMaxDelaySec: growingDelaySince,
};

export function isKnownTo(name: DirectiveName, systemdVersion: number): boolean {
  return systemdVersion >= (since[name] ?? 0);
}

/** The settings as they are once a drop-in with these directives is in force, whatever other files say. */
export function settingsWith(settings: RestartSettings, directives: readonly Directive[]): RestartSettings {
  return directives.reduce(settingWith, settings);
}

function settingWith(settings: RestartSettings, directive: Directive): RestartSettings {
  if (!isKnownTo(directive.name, settings.systemdVersion)) return settings;
  switch (directive.name) {
    case 'RestartPreventExitStatus':
      return { ...settings, preventExitStatus: union(settings.preventExitStatus, directive.exits) };
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

/** The value in force, as a unit file would have it; empty for an empty list. */
export function settingText(name: DirectiveName, settings: RestartSettings): string {
  switch (name) {
    case 'RestartPreventExitStatus':
      return exitSetText(settings.preventExitStatus);
    case 'RestartSec':
      return formatTimeSpan(settings.restartSecMs);
    case 'RestartMaxDelaySec':
      return formatTimeSpan(settings.restartMaxDelayMs);
    case 'RestartSteps':
      return String(settings.restartSteps);
    case 'StartLimitIntervalSec':
      return formatTimeSpan(settings.startLimitIntervalMs);
    case 'StartLimitBurst':
      return String(settings.startLimitBurst);
  }
}

/** In the order of a drop-in, without what changes nothing. */
export function onlyChanges(advised: readonly Advised[], settings: RestartSettings): readonly Advised[] {
  return directiveNames.flatMap((name) =>
    advised.filter(
      ({ directive }) =>
        directive.name === name &&
        settingText(name, settingsWith(settings, [directive])) !== settingText(name, settings),
    ),
  );
}

function exitSetText({ statuses, signals }: ExitSet): string {
  return [...statuses.map(String), ...signals.map((signal) => signalName(signal) ?? String(signal))].join(
    ' ',
  );
}

function union(a: ExitSet, b: ExitSet): ExitSet {
  const both = (own: readonly number[], more: readonly number[]): readonly number[] =>
    [...new Set([...own, ...more])].sort((x, y) => x - y);
  return { statuses: both(a.statuses, b.statuses), signals: both(a.signals, b.signals) };
}
