import { parseExitSet } from './exit-set-text.ts';
import { growingDelaySince } from './restart-delay.ts';
import {
  restartModes,
  restartSettings,
  serviceTypes,
  type ExitSet,
  type RestartSettings,
  type ServiceType,
} from './restart-settings.ts';
import { parseTimeSpan } from '../time-span.ts';
import { inForceOf, valueOf, type Setting } from './unit-settings.ts';
import { unsignedOf } from './unsigned-text.ts';

/** What holds for units that do not say: `DefaultRestartSec=` and its kin of systemd-system.conf(5). */
export interface ManagerDefaults {
  readonly restartSecMs: number;
  readonly startLimitIntervalMs: number;
  readonly startLimitBurst: number;
}

/** What a service's files come to, read as systemd reads them, loaded or not. */
export function restartSettingsIn(
  settings: readonly Setting[],
  defaults: ManagerDefaults,
  systemdVersion: number,
): RestartSettings {
  const text = (directive: string, section = 'Service'): string | undefined =>
    valueOf(settings, section, directive)?.value;
  const span = (directive: string, unset: number, section?: string): number => {
    const parsed = parseTimeSpan(text(directive, section) ?? '');
    return parsed.ok ? parsed.ms : unset;
  };
  const number = (directive: string, unset: number, section?: string): number =>
    unsignedOf(text(directive, section) ?? '') ?? unset;
  const grows = systemdVersion >= growingDelaySince;
  return {
    type: serviceTypeIn(settings),
    restart: wordIn(restartSettings, text('Restart')) ?? 'no',
    restartSecMs: span('RestartSec', defaults.restartSecMs),
    restartSteps: grows ? number('RestartSteps', 0) : 0,
    restartMaxDelayMs: grows ? span('RestartMaxDelaySec', Infinity) : Infinity,
    restartMode: wordIn(restartModes, text('RestartMode')) ?? 'normal',
    preventExitStatus: exitSetIn(settings, 'RestartPreventExitStatus'),
    forceExitStatus: exitSetIn(settings, 'RestartForceExitStatus'),
    successExitStatus: exitSetIn(settings, 'SuccessExitStatus'),
    startLimitIntervalMs: span('StartLimitIntervalSec', defaults.startLimitIntervalMs, 'Unit'),
    startLimitBurst: number('StartLimitBurst', defaults.startLimitBurst, 'Unit'),
    systemdVersion,
  };
}

/** Without Type= it follows from what else is there (service.c `service_add_extras`). */
function serviceTypeIn(settings: readonly Setting[]): ServiceType {
  const typed = wordIn(serviceTypes, valueOf(settings, 'Service', 'Type')?.value);
  if (typed !== undefined) return typed;
  if (valueOf(settings, 'Service', 'BusName') !== undefined) return 'dbus';
  return hasCommand(settings, 'ExecStart') ? 'simple' : 'oneshot';
}

export function hasCommand(settings: readonly Setting[], directive: string): boolean {
  return inForceOf(settings, 'Service', directive).some(({ value }) => value !== '');
}

function wordIn<T extends string>(known: readonly T[], value: string | undefined): T | undefined {
  return known.find((each) => each === value);
}

function exitSetIn(settings: readonly Setting[], directive: string): ExitSet {
  const sets = inForceOf(settings, 'Service', directive).map(({ value }) => parseExitSet(value));
  const inOrder = (numbers: readonly number[]): readonly number[] =>
    [...new Set(numbers)].sort((a, b) => a - b);
  return {
    statuses: inOrder(sets.flatMap(({ statuses }) => statuses)),
    signals: inOrder(sets.flatMap(({ signals }) => signals)),
  };
}
