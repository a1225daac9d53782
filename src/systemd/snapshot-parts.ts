import type { Snapshot } from '../core/snapshot.ts';
import { KeySet } from './bus-keys.ts';

/** The properties of org.freedesktop.systemd1.Service that a snapshot needs. */
export type ServicePart = Pick<
  Snapshot,
  | 'result'
  | 'nRestarts'
  | 'mainPid'
  | 'controlPid'
  | 'execMainPid'
  | 'execMainCode'
  | 'execMainStatus'
  | 'execMainStartMs'
  | 'execMainExitMs'
>;

/** Those of org.freedesktop.systemd1.Unit. */
export type UnitPart = Omit<Snapshot, keyof ServicePart | 'unit'>;

/** The properties that are read below: what is not in here does not even get out of the message. */
const names = [
  'ActivationDetails',
  'ActiveState',
  'ControlPID',
  'ExecMainCode',
  'ExecMainExitTimestampMonotonic',
  'ExecMainPID',
  'ExecMainStartTimestampMonotonic',
  'ExecMainStatus',
  'InactiveEnterTimestampMonotonic',
  'InvocationID',
  'Job',
  'MainPID',
  'NRestarts',
  'Result',
  'SubState',
] as const;
type Name = (typeof names)[number];
type Properties = Readonly<Partial<Record<Name, unknown>>>;

export const snapshotKeys = new KeySet(names);

/** Undefined where a property is missing or of another type: such a message is not systemd's, or of a systemd we don't know. */
export function parseServicePart(properties: Properties): ServicePart | undefined {
  const read = reader(properties);
  const part: ServicePart = {
    result: read.text('Result'),
    nRestarts: read.number('NRestarts'),
    mainPid: read.number('MainPID'),
    controlPid: read.number('ControlPID'),
    execMainPid: read.number('ExecMainPID'),
    execMainCode: read.number('ExecMainCode'),
    execMainStatus: read.number('ExecMainStatus'),
    execMainStartMs: read.usecAsMs('ExecMainStartTimestampMonotonic'),
    execMainExitMs: read.usecAsMs('ExecMainExitTimestampMonotonic'),
  };
  return read.complete() ? part : undefined;
}

export function parseUnitPart(properties: Properties): UnitPart | undefined {
  const read = reader(properties);
  const part: UnitPart = {
    activeState: read.text('ActiveState'),
    subState: read.text('SubState'),
    jobId: read.jobId('Job'),
    invocationId: read.hex('InvocationID'),
    triggered: isTriggered(properties.ActivationDetails),
    inactiveEnterMs: read.usecAsMs('InactiveEnterTimestampMonotonic'),
  };
  return read.complete() ? part : undefined;
}

/** ActivationDetails, a(ss) from v252 on: `trigger_unit` names the timer or path unit that started the run. */
function isTriggered(details: unknown): boolean {
  return Array.isArray(details) && details.some((pair) => Array.isArray(pair) && pair[0] === 'trigger_unit');
}

/** Lower-case hex of an `ay`; empty for an empty array. */
export function hexOfBytes(value: unknown): string | undefined {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : undefined;
}

/** Reads typed values and remembers whether all of them were there. */
function reader(properties: Properties) {
  let whole = true;
  const missing = <T>(stand: T): T => {
    whole = false;
    return stand;
  };
  const number = (key: Name): number => {
    const value = properties[key];
    return typeof value === 'number' ? value : missing(0);
  };
  return {
    number,
    usecAsMs: (key: Name): number => number(key) / 1000,
    text: (key: Name): string => {
      const value = properties[key];
      return typeof value === 'string' ? value : missing('');
    },
    hex: (key: Name): string => hexOfBytes(properties[key]) ?? missing(''),
    jobId: (key: Name): number => {
      const value = properties[key];
      return Array.isArray(value) && typeof value[0] === 'number' ? value[0] : missing(0);
    },
    complete: (): boolean => whole,
  };
}
