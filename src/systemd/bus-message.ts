import type { KeySet } from './bus-keys.ts';
import { writeMessage, type Argument } from './bus-writer.ts';

export const MESSAGE_TYPE = { methodCall: 1, methodReturn: 2, error: 3, signal: 4 } as const;
export const NO_REPLY_EXPECTED = 1;

/** What stands in a message's header; a string that isn't there is empty, so that every header has the same shape. */
export interface BusHeader {
  /** The first byte of the message: `l` or `B`. */
  readonly byteOrder: number;
  readonly type: number;
  readonly flags: number;
  readonly serial: number;
  readonly replySerial: number;
  readonly sender: string;
  readonly destination: string;
  readonly path: string;
  readonly iface: string;
  readonly member: string;
  readonly errorName: string;
  readonly signature: string;
}

export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly iface: string;
  readonly member: string;
  readonly body?: readonly Argument[];
  readonly timeoutMs?: number;
  /** Of dicts in the answer; without it, all. */
  readonly keys?: KeySet;
}

/**
 * How much of a message's body. `nothing`: it is passed over, and costs neither memory nor time. With keys, dicts have
 * these entries only (bus-values.ts).
 */
export type Wanted = 'nothing' | 'all' | KeySet;

/** The values of `body` are as `readValues` (bus-values.ts) says. */
export interface BusSignal {
  readonly sender: string;
  readonly path: string;
  readonly iface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

/** Throws where a name, a path or the body isn't valid: a bug of the caller. */
export function encodeCall(serial: number, { destination, path, iface, member, body = [] }: BusCall): Buffer {
  return writeMessage({ type: MESSAGE_TYPE.methodCall, serial, destination, path, iface, member, body });
}

export function encodeError(serial: number, call: BusHeader, errorName: string, text: string): Buffer {
  const { sender: destination, serial: replySerial } = call;
  return writeMessage({
    type: MESSAGE_TYPE.error,
    serial,
    destination,
    replySerial,
    errorName,
    body: [text],
  });
}

export interface ConnectOptions {
  /** For all of it, up to the answer to Hello. */
  readonly timeoutMs?: number;
  /** Gets what a handler of ours threw; without it, that becomes an uncaught exception. */
  readonly onHandlerError?: (error: Error) => void;
  /** After each read while no call is pending, nothing is read for so long (0): what comes in bursts is read in one go. */
  readonly restMs?: number;
  /** How much is wanted of signals of the object at `path` (all). */
  readonly wantedOfSignal?: (path: string) => Wanted;
}
