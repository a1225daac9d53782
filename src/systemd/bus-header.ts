import { MESSAGE_TYPE } from './bus-message.ts';
import type { BusHeader } from './bus-message.ts';
import { readHeaderFields } from './bus-values.ts';

export const FIXED_BYTES = 16;
/** The most a D-Bus message may have: "Maximum length of a message" in the D-Bus specification. */
const MAX_MESSAGE_BYTES = 128 * 1024 * 1024;
const LITTLE_ENDIAN = 0x6c;
const BIG_ENDIAN = 0x42;
const PROTOCOL_VERSION = 1;

export interface MessageSizes {
  /** The fixed part, the header fields and the padding behind them. */
  readonly headerBytes: number;
  readonly fieldBytes: number;
  readonly bodyBytes: number;
}

/** Reads the fixed part of the header at `at`. Throws on what can't be the beginning of a message. */
export function readSizes(data: Buffer, at: number): MessageSizes {
  const byteOrder = data.readUInt8(at);
  if (byteOrder !== LITTLE_ENDIAN && byteOrder !== BIG_ENDIAN) throw new Error(`byte order ${byteOrder}`);
  const version = data.readUInt8(at + 3);
  if (version !== PROTOCOL_VERSION) throw new Error(`protocol version ${version}`);
  const bodyBytes = readUint32(data, at + 4, byteOrder);
  const fieldBytes = readUint32(data, at + 12, byteOrder);
  const headerBytes = FIXED_BYTES + Math.ceil(fieldBytes / 8) * 8;
  if (headerBytes + bodyBytes > MAX_MESSAGE_BYTES)
    throw new Error(`a message of ${headerBytes + bodyBytes} bytes`);
  return { headerBytes, fieldBytes, bodyBytes };
}

/** Reads the whole header at `at`. Throws where a field isn't of its type, or one that the type demands is missing. */
export function readHeader(data: Buffer, at: number, sizes: MessageSizes): BusHeader {
  const byteOrder = data.readUInt8(at);
  const header = {
    byteOrder,
    type: data.readUInt8(at + 1),
    flags: data.readUInt8(at + 2),
    serial: readUint32(data, at + 8, byteOrder),
    replySerial: 0,
    sender: '',
    destination: '',
    path: '',
    iface: '',
    member: '',
    errorName: '',
    signature: '',
  };
  const start = at + FIXED_BYTES;
  for (const [code, value] of readHeaderFields(data.subarray(start, start + sizes.fieldBytes), byteOrder)) {
    if (code === 5) header.replySerial = numberField(value);
    else if (code === 1) header.path = stringField(value);
    else if (code === 2) header.iface = stringField(value);
    else if (code === 3) header.member = stringField(value);
    else if (code === 4) header.errorName = stringField(value);
    else if (code === 6) header.destination = stringField(value);
    else if (code === 7) header.sender = stringField(value);
    else if (code === 8) header.signature = stringField(value);
  }
  if (!isComplete(header)) throw new Error(`a message of type ${header.type} without all that belongs to it`);
  return header;
}

/** "Message Types" in the D-Bus specification; a type that it doesn't know must be ignored, so any field may be missing. */
function isComplete({ type, serial, path, iface, member, replySerial, errorName }: BusHeader): boolean {
  if (type === 0 || serial === 0) return false;
  if (type === MESSAGE_TYPE.methodCall) return path !== '' && member !== '';
  if (type === MESSAGE_TYPE.methodReturn) return replySerial !== 0;
  if (type === MESSAGE_TYPE.error) return replySerial !== 0 && errorName !== '';
  return type !== MESSAGE_TYPE.signal || (path !== '' && iface !== '' && member !== '');
}

function readUint32(data: Buffer, at: number, byteOrder: number): number {
  return byteOrder === LITTLE_ENDIAN ? data.readUInt32LE(at) : data.readUInt32BE(at);
}

function stringField(value: unknown): string {
  if (typeof value !== 'string') throw new Error('a header field that should be a string');
  return value;
}

function numberField(value: unknown): number {
  if (typeof value !== 'number') throw new Error('a header field that should be a number');
  return value;
}
