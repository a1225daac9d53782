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
  const { Result, NRestarts, MainPID, ControlPID, ExecMainPID, ExecMainCode, ExecMainStatus } = properties;
  const { ExecMainStartTimestampMonotonic: startUsec, ExecMainExitTimestampMonotonic: exitUsec } = properties;
  if (typeof Result !== 'string' || typeof NRestarts !== 'number') return undefined;
  if (typeof MainPID !== 'number' || typeof ControlPID !== 'number') return undefined;
  if (typeof ExecMainPID !== 'number' || typeof ExecMainCode !== 'number') return undefined;
  if (typeof ExecMainStatus !== 'number') return undefined;
  if (typeof startUsec !== 'number' || typeof exitUsec !== 'number') return undefined;
  return {
    result: Result,
    nRestarts: NRestarts,
    mainPid: MainPID,
    controlPid: ControlPID,
    execMainPid: ExecMainPID,
    execMainCode: ExecMainCode,
    execMainStatus: ExecMainStatus,
    execMainStartMs: startUsec / 1000,
    execMainExitMs: exitUsec / 1000,
  };
}

export function parseUnitPart(properties: Properties): UnitPart | undefined {
  const { ActiveState, SubState, Job, InvocationID, InactiveEnterTimestampMonotonic: usec } = properties;
  const jobId: unknown = Array.isArray(Job) ? Job[0] : undefined;
  const invocationId = hexOfBytes(InvocationID);
  if (typeof ActiveState !== 'string' || typeof SubState !== 'string') return undefined;
  if (typeof jobId !== 'number' || invocationId === undefined || typeof usec !== 'number') return undefined;
  return {
    activeState: ActiveState,
    subState: SubState,
    jobId,
    invocationId,
    triggered: isTriggered(properties.ActivationDetails),
    inactiveEnterMs: usec / 1000,
  };
}

/** ActivationDetails, a(ss) from v252 on: `trigger_unit` names the timer or path unit that started the run. */
function isTriggered(details: unknown): boolean {
  return Array.isArray(details) && details.some((pair) => Array.isArray(pair) && pair[0] === 'trigger_unit');
}

/** Lower-case hex of an `ay`; empty for an empty array. */
export function hexOfBytes(value: unknown): string | undefined {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : undefined;
}
