import type { LoadedService } from '../core/systemd/loaded-service.ts';
import { growingDelaySince } from '../core/systemd/restart-delay.ts';
import {
  restartModes,
  restartSettings,
  serviceTypes,
  type ExitSet,
  type RestartSettings,
} from '../core/systemd/restart-settings.ts';
import { isUnitName } from '../core/unit-name.ts';

type Properties = Readonly<Record<string, unknown>>;

/**
 * From the answers to GetAll on both interfaces. Throws where a property that this version has is missing or of another
 * type, or has a value that flapd has never heard of: what can't be read exactly can't be advised on.
 */
export function parseLoadedService(
  unit: Properties,
  service: Properties,
  systemdVersion: number,
): LoadedService {
  return {
    unit: text(unit, 'Id'),
    loadState: text(unit, 'LoadState'),
    unitFileState: text(unit, 'UnitFileState'),
    transient: flag(unit, 'Transient'),
    fragmentPath: text(unit, 'FragmentPath') || undefined,
    dropInPaths: texts(unit, 'DropInPaths'),
    needsReload: flag(unit, 'NeedDaemonReload'),
    // Until a unit file is read, as of one that is masked or not there, its type is empty (measured: 252, 257, 262).
    settings: service['Type'] === '' ? undefined : parseRestartSettings(unit, service, systemdVersion),
    startLimitAction: text(unit, 'StartLimitAction'),
    failureAction: text(unit, 'FailureAction'),
    randomDelayMs: systemdVersion < randomDelaySince ? 0 : spanMs(service, 'RestartRandomizedDelayUSec'),
    nRestarts: number(service, 'NRestarts'),
    activeSinceMs:
      text(unit, 'ActiveState') === 'active' ? spanMs(unit, 'ActiveEnterTimestampMonotonic') : undefined,
    requiredBy: units(unit, 'RequiredBy', 'RequisiteOf'),
    boundBy: units(unit, 'BoundBy'),
  };
}

/** The version that brought RestartRandomizedDelaySec=. */
const randomDelaySince = 262;

function parseRestartSettings(
  unit: Properties,
  service: Properties,
  systemdVersion: number,
): RestartSettings {
  const grows = systemdVersion >= growingDelaySince;
  return {
    type: oneOf(serviceTypes, service, 'Type'),
    restart: oneOf(restartSettings, service, 'Restart'),
    restartSecMs: spanMs(service, 'RestartUSec'),
    restartSteps: grows ? number(service, 'RestartSteps') : 0,
    restartMaxDelayMs: grows ? spanMs(service, 'RestartMaxDelayUSec') : Infinity,
    restartMode: grows ? oneOf(restartModes, service, 'RestartMode') : 'normal',
    preventExitStatus: exitSet(service, 'RestartPreventExitStatus'),
    forceExitStatus: exitSet(service, 'RestartForceExitStatus'),
    successExitStatus: exitSet(service, 'SuccessExitStatus'),
    startLimitIntervalMs: spanMs(unit, 'StartLimitIntervalUSec'),
    startLimitBurst: number(unit, 'StartLimitBurst'),
    systemdVersion,
  };
}

function oneOf<T extends string>(known: readonly T[], properties: Properties, name: string): T {
  const value = properties[name];
  return known.find((each) => each === value) ?? unexpected(properties, name, `one of ${known.join(', ')}`);
}

function text(properties: Properties, name: string): string {
  const value = properties[name];
  return typeof value === 'string' ? value : unexpected(properties, name, 'a string');
}

function texts(properties: Properties, name: string): readonly string[] {
  const value = properties[name];
  return isListOf(value, (each) => typeof each === 'string')
    ? value
    : unexpected(properties, name, 'a list of strings');
}

/** More than any real unit is required by: of one that has more, the first ones are told. */
const mostUnits = 256;

function units(properties: Properties, ...names: readonly string[]): readonly string[] {
  return [...new Set(names.flatMap((name) => texts(properties, name)).filter(isUnitName))].slice(
    0,
    mostUnits,
  );
}

function flag(properties: Properties, name: string): boolean {
  const value = properties[name];
  return typeof value === 'boolean' ? value : unexpected(properties, name, 'a boolean');
}

function number(properties: Properties, name: string): number {
  const value = properties[name];
  return typeof value === 'number' ? value : unexpected(properties, name, 'a number');
}

/** USEC_INFINITY comes as Infinity from the bus. */
function spanMs(properties: Properties, name: string): number {
  return number(properties, name) / 1000;
}

/** `(aiai)`: exit statuses, signals. */
function exitSet(properties: Properties, name: string): ExitSet {
  const value = properties[name];
  if (Array.isArray(value) && value.length === 2) {
    const [statuses, signals]: readonly unknown[] = value;
    if (isListOf(statuses, isInteger) && isListOf(signals, isInteger)) return { statuses, signals };
  }
  return unexpected(properties, name, 'exit statuses and signals');
}

function isInteger(value: unknown): value is number {
  return Number.isInteger(value);
}

function isListOf<T>(value: unknown, is: (each: unknown) => each is T): value is readonly T[] {
  return Array.isArray(value) && value.every(is);
}

function unexpected(properties: Properties, name: string, expected: string): never {
  const value = properties[name];
  const found = value === undefined ? 'nothing' : typeof value === 'string' ? `"${value}"` : typeof value;
  throw new Error(`Cannot read ${name} of the unit: systemd says ${found}; expected ${expected}`);
}
