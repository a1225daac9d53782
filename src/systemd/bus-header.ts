import { MESSAGE_TYPE } from './bus-message.ts';
import type { BusHeader } from './bus-message.ts';
import { readHeaderFields, type Stretch, type WireBytes } from './bus-values.ts';

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
export function readSizes({ view }: WireBytes, at: number): MessageSizes {
  const byteOrder = view.getUint8(at);
  if (byteOrder !== LITTLE_ENDIAN && byteOrder !== BIG_ENDIAN) throw new Error(`byte order ${byteOrder}`);
  const version = view.getUint8(at + 3);
  if (version !== PROTOCOL_VERSION) throw new Error(`protocol version ${version}`);
  const bodyBytes = view.getUint32(at + 4, byteOrder === LITTLE_ENDIAN);
  const fieldBytes = view.getUint32(at + 12, byteOrder === LITTLE_ENDIAN);
  const headerBytes = FIXED_BYTES + Math.ceil(fieldBytes / 8) * 8;
  if (headerBytes + bodyBytes > MAX_MESSAGE_BYTES)
    throw new Error(`a message of ${headerBytes + bodyBytes} bytes`);
  return { headerBytes, fieldBytes, bodyBytes };
}

/** Reads the whole header at `at`. Throws where a field isn't of its type, or one that the type demands is missing. */
export function readHeader(wire: WireBytes, at: number, { fieldBytes }: MessageSizes): BusHeader {
  const byteOrder = wire.view.getUint8(at);
  const type = wire.view.getUint8(at + 1);
  const stretch = { start: at + FIXED_BYTES, end: at + FIXED_BYTES + fieldBytes };
  const fields =
    type === MESSAGE_TYPE.signal
      ? signalFields(wire, stretch, byteOrder)
      : readFields(wire, stretch, byteOrder);
  const header = {
    byteOrder,
    type,
    flags: wire.view.getUint8(at + 2),
    serial: wire.view.getUint32(at + 8, byteOrder === LITTLE_ENDIAN),
    ...fields,
  };
  if (!isComplete(header)) throw new Error(`a message of type ${header.type} without all that belongs to it`);
  return header;
}

type Fields = Omit<BusHeader, 'byteOrder' | 'type' | 'flags' | 'serial'>;

/**
 * Fields of signals by their bytes: those about one unit are the same in each of the fourteen that a restart brings, and to
 * find them here takes a tenth of reading them.
 */
const knownFields = new Map<string, Fields>();
const MAX_KNOWN_FIELDS = 512;
/** Systemd's have two hundred and a few, with names of ordinary length. */
const MAX_KNOWN_BYTES = 512;

function signalFields(wire: WireBytes, stretch: Stretch, byteOrder: number): Fields {
  const { start, end } = stretch;
  if (end - start > MAX_KNOWN_BYTES || byteOrder !== LITTLE_ENDIAN)
    return readFields(wire, stretch, byteOrder);
  const key = wire.bytes.toString('latin1', start, end);
  const known = knownFields.get(key);
  if (known !== undefined) return known;
  const fields = readFields(wire, stretch, byteOrder);
  if (knownFields.size >= MAX_KNOWN_FIELDS) knownFields.clear();
  knownFields.set(key, fields);
  return fields;
}

function readFields(wire: WireBytes, stretch: Stretch, byteOrder: number): Fields {
  const fields = {
    replySerial: 0,
    sender: '',
    destination: '',
    path: '',
    iface: '',
    member: '',
    errorName: '',
    signature: '',
  };
  readHeaderFields(wire, stretch, byteOrder, (code, value) => {
    if (code === 5) fields.replySerial = numberField(value);
    else if (code === 1) fields.path = stringField(value);
    else if (code === 2) fields.iface = stringField(value);
    else if (code === 3) fields.member = stringField(value);
    else if (code === 4) fields.errorName = stringField(value);
    else if (code === 6) fields.destination = stringField(value);
    else if (code === 7) fields.sender = stringField(value);
    else if (code === 8) fields.signature = stringField(value);
  });
  return fields;
}

/** "Message Types" in the D-Bus specification; a type that it doesn't know must be ignored, so any field may be missing. */
function isComplete({ type, serial, path, iface, member, replySerial, errorName }: BusHeader): boolean {
  if (type === 0 || serial === 0) return false;
  if (type === MESSAGE_TYPE.methodCall) return path !== '' && member !== '';
  if (type === MESSAGE_TYPE.methodReturn) return replySerial !== 0;
  if (type === MESSAGE_TYPE.error) return replySerial !== 0 && errorName !== '';
  return type !== MESSAGE_TYPE.signal || (path !== '' && iface !== '' && member !== '');
}

function stringField(value: unknown): string {
  if (typeof value !== 'string') throw new Error('a header field that should be a string');
  return value;
}

function numberField(value: unknown): number {
  if (typeof value !== 'number') throw new Error('a header field that should be a number');
  return value;
}
