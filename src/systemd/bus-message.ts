import marshallCompat from 'dbus-next/lib/marshall-compat.js';
import messageType from 'dbus-next/lib/message-type.js';

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
  readonly signature?: string;
  /** Must match `signature`; a variant can't be written. */
  readonly body?: readonly unknown[];
  readonly timeoutMs?: number;
}

/** The values of `body` are as `readValues` (bus-values.ts) says. */
export interface BusSignal {
  readonly sender: string;
  readonly path: string;
  readonly iface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

/** Throws where a name, a path or the body isn't valid: a bug of the caller. */
export function encodeCall(serial: number, call: BusCall): Buffer {
  const { destination, path, iface, member, signature = '', body = [] } = call;
  return encode({
    type: MESSAGE_TYPE.methodCall,
    serial,
    destination,
    path,
    interface: iface,
    member,
    signature,
    body,
  });
}

export function encodeError(serial: number, call: BusHeader, errorName: string, text: string): Buffer {
  const { sender: destination, serial: replySerial } = call;
  const type = MESSAGE_TYPE.error;
  return encode({ type, serial, destination, replySerial, errorName, signature: 's', body: [text] });
}

function encode(fields: ConstructorParameters<typeof messageType.Message>[0]): Buffer {
  const [bytes] = marshallCompat.marshallMessage(new messageType.Message(fields));
  return bytes;
}

export interface ConnectOptions {
  /** For all of it, up to the answer to Hello. */
  readonly timeoutMs?: number;
  /** Gets what a handler of ours threw; without it, that becomes an uncaught exception. */
  readonly onHandlerError?: (error: Error) => void;
  /** After each read while no call is pending, nothing is read for so long (0): what comes in bursts is read in one go. */
  readonly restMs?: number;
  /** Whether signals of this object are wanted; those that are not are passed over unread. */
  readonly wantsSignal?: (path: string) => boolean;
}
