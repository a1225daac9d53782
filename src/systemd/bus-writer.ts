/** What flapd ever says on a bus: strings, lists of them, and numbers, which are uint32. */
export type Argument = string | number | readonly string[];

/** Of a message to be sent; a string that isn't there is left out. */
export interface OutgoingMessage {
  readonly type: number;
  /** From 1 on. */
  readonly serial: number;
  readonly replySerial?: number;
  readonly destination: string;
  readonly path?: string;
  readonly iface?: string;
  readonly member?: string;
  readonly errorName?: string;
  readonly body: readonly Argument[];
}

const LITTLE_ENDIAN = 0x6c;
const PROTOCOL_VERSION = 1;
/** The most bytes that one UTF-16 unit has in UTF-8. */
const BYTES_PER_CHAR = 3;
/** Length, NUL and padding of a string, or code, signature and padding of a header field. */
const BYTES_AROUND = 16;
/** "Valid Names" in the D-Bus specification: a bus hangs up on whoever sends another one. */
const MAX_NAME_LENGTH = 255;
const PATH = /^(?:\/|(?:\/[A-Za-z0-9_]+)+)$/u;
const INTERFACE = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+$/u;
const MEMBER = /^[A-Za-z_][A-Za-z0-9_]*$/u;
const BUS_NAME = /^:?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+$/u;

/**
 * The bytes of a message. dbus-next's writer takes 35 KB of garbage to ask for one property, half of all that a restart
 * costs in memory; this takes what it returns.
 *
 * Throws where a name, a path or a string isn't valid: a bug of the caller.
 */
export function writeMessage(message: OutgoingMessage): Buffer {
  const { type, serial, replySerial, destination, path, iface, member, errorName, body } = message;
  const headerRoom =
    roomFor(path) + roomFor(iface) + roomFor(member) + roomFor(errorName) + roomFor(destination);
  const writer = new Writer(body.reduce(addRoom, headerRoom + 128));
  writer.byte(LITTLE_ENDIAN);
  writer.byte(type);
  writer.byte(0);
  writer.byte(PROTOCOL_VERSION);
  writer.uint32(0);
  writer.uint32(serial);
  writer.uint32(0);
  const fieldsAt = writer.length;
  writer.name(1, 'o', path, PATH, 'object path');
  writer.name(2, 's', iface, INTERFACE, 'interface name');
  writer.name(3, 's', member, MEMBER, 'member name');
  writer.name(4, 's', errorName, INTERFACE, 'error name');
  if (replySerial !== undefined) {
    writer.field(5, 'u');
    writer.uint32(replySerial);
  }
  writer.name(6, 's', destination, BUS_NAME, 'bus name');
  const signature = body.map(typeOf).join('');
  if (signature !== '') {
    writer.field(8, 'g');
    writer.signature(signature);
  }
  writer.setUint32(12, writer.length - fieldsAt);
  writer.align(8);
  const bodyAt = writer.length;
  for (const argument of body) writer.argument(argument);
  writer.setUint32(4, writer.length - bodyAt);
  return writer.written();
}

function roomFor(text = ''): number {
  return text.length * BYTES_PER_CHAR + BYTES_AROUND;
}

function addRoom(sum: number, argument: Argument): number {
  if (typeof argument === 'number') return sum + BYTES_AROUND;
  if (typeof argument === 'string') return sum + roomFor(argument);
  return argument.reduce(addRoom, sum + BYTES_AROUND);
}

function typeOf(argument: Argument): string {
  if (typeof argument === 'number') return 'u';
  return typeof argument === 'string' ? 's' : 'as';
}

/** Little-endian, into as much room as is asked for; what is not written is zero, as padding must be. */
class Writer {
  readonly #buffer: Buffer;
  length = 0;

  constructor(roomBytes: number) {
    this.#buffer = Buffer.alloc(roomBytes);
  }

  written(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  byte(value: number): void {
    this.#buffer[this.length] = value;
    this.length += 1;
  }

  align(bytes: number): void {
    this.length = Math.ceil(this.length / bytes) * bytes;
  }

  uint32(value: number): void {
    this.align(4);
    this.length = this.#buffer.writeUInt32LE(value, this.length);
  }

  setUint32(at: number, value: number): void {
    this.#buffer.writeUInt32LE(value, at);
  }

  signature(signature: string): void {
    this.byte(signature.length);
    this.length += this.#buffer.write(signature, this.length) + 1;
  }

  /** The beginning of a header field: its code, and the type of the value that follows. */
  field(code: number, type: string): void {
    this.align(8);
    this.byte(code);
    this.signature(type);
  }

  name(code: number, type: 'o' | 's', name: string | undefined, valid: RegExp, what: string): void {
    if (name === undefined) return;
    const isTooLong = type === 's' && name.length > MAX_NAME_LENGTH;
    if (isTooLong || !valid.test(name)) throw new Error(`Invalid ${what}: ${JSON.stringify(name)}`);
    this.field(code, type);
    this.#text(name);
  }

  argument(argument: Argument): void {
    if (typeof argument === 'number') return this.uint32(argument);
    if (typeof argument === 'string') return this.#text(argument);
    this.uint32(0);
    const at = this.length;
    for (const text of argument) this.#text(text);
    this.setUint32(at - 4, this.length - at);
  }

  #text(text: string): void {
    if (text.includes('\0')) throw new Error(`Invalid string: ${JSON.stringify(text)} has a NUL`);
    this.uint32(0);
    const at = this.length;
    const byteLength = this.#buffer.write(text, at);
    this.setUint32(at - 4, byteLength);
    this.length = at + byteLength + 1;
  }
}
