import DBusBuffer from 'dbus-next/lib/dbus-buffer.js';
import signatures from 'dbus-next/lib/signature.js';
import type { TypeNode } from 'dbus-next/lib/signature.js';

const LITTLE_ENDIAN = 0x6c;
const TWO_POW_32 = 2 ** 32;
const READER_OPTIONS = { ayBuffer: true };

/** systemd uses a few dozen signatures; a peer that invents more may not fill the memory. */
const MAX_CACHED_SIGNATURES = 256;
const typesBySignature = new Map<string, readonly TypeNode[]>();

function typesOf(signature: string): readonly TypeNode[] {
  const known = typesBySignature.get(signature);
  if (known !== undefined) return known;
  const types = signatures.parseSignature(signature);
  if (typesBySignature.size >= MAX_CACHED_SIGNATURES) typesBySignature.clear();
  typesBySignature.set(signature, types);
  return types;
}

/**
 * dbus-next's reader, made to give plain values in one pass and to stay inside the message: its own reader loops for
 * ever on `a()`, and takes `undefined` for bytes past the end of `a(y)` until the array's claimed 4 GiB are used up.
 */
class PlainReader extends DBusBuffer {
  override readStruct(members: readonly TypeNode[]): unknown[] {
    // Only what takes up room lets a loop over an array end.
    if (members.length === 0) throw new Error('a struct without members');
    return super.readStruct(members);
  }

  override readVariant(): unknown {
    const types = typesOf(String(this.readSimpleType('g')));
    const [type] = types;
    if (type === undefined || types.length > 1) throw new Error('a variant that is not of exactly one type');
    return this.readTree(type);
  }

  override readArray(element: TypeNode, byteLength: number): unknown {
    if ('({xtd'.includes(element.type)) this.align(3);
    const end = this.pos + byteLength;
    if (!(end <= this.buffer.length)) throw new Error(`an array of ${byteLength} bytes reaches past the end`);
    if (element.type === '{') return this.#readDict(element.child, end);
    if (element.type === 'y') {
      // A copy: the message lies in the buffer that the next read overwrites.
      const bytes = Buffer.from(this.buffer.subarray(this.pos, end));
      this.pos = end;
      return bytes;
    }
    const values: unknown[] = [];
    while (this.pos < end) values.push(this.readTree(element));
    this.#expectAt(end);
    return values;
  }

  override readString(byteLength: number): string {
    // dbus-next aligns by `>>`: beyond 2^31 that leads back to where it was, and round again.
    if (!(this.pos + byteLength < this.buffer.length)) throw new Error('a string that reaches past the end');
    return super.readString(byteLength);
  }

  override readSimpleType(type: string): unknown {
    if (type === 't') return this.#readUint64();
    if (type === 'x') return this.#readInt64();
    return super.readSimpleType(type);
  }

  readBody(types: readonly TypeNode[]): unknown[] {
    const values = this.readStruct(types);
    this.#expectAt(this.buffer.length);
    return values;
  }

  readFields(): [code: unknown, value: unknown][] {
    const fields: [unknown, unknown][] = [];
    while (this.pos < this.buffer.length) {
      this.align(3);
      fields.push([this.readSimpleType('y'), this.readVariant()]);
    }
    this.#expectAt(this.buffer.length);
    return fields;
  }

  #readDict(entry: readonly TypeNode[], end: number): Record<string, unknown> {
    const [keyType, valueType] = entry;
    if (keyType === undefined || valueType === undefined)
      throw new Error('a dict entry without key and value');
    const values: Record<string, unknown> = {};
    while (this.pos < end) {
      this.align(3);
      const key = String(this.readTree(keyType));
      const value = this.readTree(valueType);
      // Assigning to `__proto__` would set the prototype and lose the entry.
      if (key === '__proto__') Object.defineProperty(values, key, { value, enumerable: true });
      else values[key] = value;
    }
    this.#expectAt(end);
    return values;
  }

  #expectAt(end: number): void {
    if (this.pos !== end) throw new Error(`values that end at byte ${this.pos} instead of ${end}`);
  }

  #readUint64(): number {
    const [low, high] = this.#readHalves();
    if (low === TWO_POW_32 - 1 && high === TWO_POW_32 - 1) return Infinity;
    return high * TWO_POW_32 + low;
  }

  #readInt64(): number {
    const [low, high] = this.#readHalves();
    return (high | 0) * TWO_POW_32 + low;
  }

  // dbus-next takes the first half for the low one in either byte order.
  #readHalves(): [low: number, high: number] {
    this.align(3);
    const first = this.readInt32();
    const second = this.readInt32();
    return this.endian === LITTLE_ENDIAN ? [first, second] : [second, first];
  }
}

/**
 * The values of `bytes`, which start at a multiple of 8 in their message, as plain JS: variants unwrapped however deep,
 * structs and arrays as arrays, dicts as objects, `ay` as a Buffer of its own, every number as `number`. A 64-bit number
 * beyond 2^53 is rounded, and UINT64_MAX, systemd's "infinity" and "not set", is Infinity.
 *
 * Throws on whatever isn't exactly the values of `signature`.
 */
export function readValues(bytes: Buffer, signature: string, byteOrder: number): unknown[] {
  if (signature === '' && bytes.length === 0) return [];
  return new PlainReader(bytes, 0, byteOrder, undefined, READER_OPTIONS).readBody(typesOf(signature));
}

/** The header fields in `bytes`, which start at a multiple of 8: pairs of field code and value. */
export function readHeaderFields(bytes: Buffer, byteOrder: number): readonly (readonly [unknown, unknown])[] {
  return new PlainReader(bytes, 0, byteOrder, undefined, READER_OPTIONS).readFields();
}
