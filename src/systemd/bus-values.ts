import signatures from 'dbus-next/lib/signature.js';
import type { TypeNode } from 'dbus-next/lib/signature.js';
import type { KeySet } from './bus-keys.ts';

const LITTLE_ENDIAN = 0x6c;
const TWO_POW_32 = 2 ** 32;

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
 * Reads plain values in one pass, and stays inside the message. dbus-next's own reader loops for ever on `a()` and on a
 * string length that leads back, and takes `undefined` for bytes past the end of `a(y)` until the array's claimed 4 GiB
 * are used up. Here positions only grow, and every number that is read is read inside the bytes.
 */
class Reader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #isLittle: boolean;
  readonly #keys: KeySet | undefined;
  #pos = 0;

  constructor(bytes: Buffer, byteOrder: number, keys: KeySet | undefined) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#isLittle = byteOrder === LITTLE_ENDIAN;
    this.#keys = keys;
  }

  readBody(types: readonly TypeNode[]): unknown[] {
    const values = this.#members(types);
    this.#expectAt(this.#bytes.length);
    return values;
  }

  readFields(): [code: number, value: unknown][] {
    const fields: [number, unknown][] = [];
    while (this.#pos < this.#bytes.length) {
      this.#align(8);
      fields.push([this.#uint8(), this.#variant()]);
    }
    this.#expectAt(this.#bytes.length);
    return fields;
  }

  #value(type: TypeNode): unknown {
    switch (type.type) {
      case 's':
      case 'o':
        return this.#text(this.#uint32());
      case 'g':
        return this.#text(this.#uint8());
      case 'u':
        return this.#uint32();
      case 't':
        return this.#uint64();
      case 'b':
        return this.#uint32() !== 0;
      case 'v':
        return this.#variant();
      case 'a':
        return this.#array(only(type.child));
      case '(':
        this.#align(8);
        return this.#members(type.child);
      case 'i':
        return this.#view.getInt32(this.#take(4), this.#isLittle);
      case 'x':
        return this.#int64();
      case 'y':
        return this.#uint8();
      case 'n':
        return this.#view.getInt16(this.#take(2), this.#isLittle);
      case 'q':
        return this.#view.getUint16(this.#take(2), this.#isLittle);
      case 'd':
        return this.#view.getFloat64(this.#take(8), this.#isLittle);
      default:
        // `h` too: no file descriptor is ever asked for.
        throw new Error(`a value of type "${type.type}"`);
    }
  }

  #members(types: readonly TypeNode[]): unknown[] {
    // Only what takes up room lets a loop over an array end.
    if (types.length === 0) throw new Error('a struct without members');
    return types.map((type) => this.#value(type));
  }

  #variant(): unknown {
    return this.#value(only(typesOf(this.#text(this.#uint8()))));
  }

  #array(element: TypeNode): unknown {
    const end = this.#arrayEnd(element.type);
    if (element.type === '{') return this.#dict(element.child, end);
    if (element.type === 'y') {
      // A copy: the message lies in the buffer that the next read overwrites.
      const bytes = Buffer.from(this.#bytes.subarray(this.#pos, end));
      this.#pos = end;
      return bytes;
    }
    const values: unknown[] = [];
    while (this.#pos < end) values.push(this.#value(element));
    this.#expectAt(end);
    return values;
  }

  /** Reads the length that an array begins with. */
  #arrayEnd(elementType: string): number {
    const byteLength = this.#uint32();
    if ('({xtd'.includes(elementType)) this.#align(8);
    const end = this.#pos + byteLength;
    if (end > this.#bytes.length) throw new Error(`an array of ${byteLength} bytes reaches past the end`);
    return end;
  }

  #dict(entry: readonly TypeNode[], end: number): Record<string, unknown> {
    const [keyType, valueType, more] = entry;
    if (keyType === undefined || valueType === undefined || more !== undefined)
      throw new Error('a dict entry that is not of key and value');
    const values: Record<string, unknown> = {};
    while (this.#pos < end) {
      this.#align(8);
      const key = this.#wantedKey(keyType);
      if (key === undefined) this.#passOver(valueType);
      // Assigning to `__proto__` would set the prototype and lose the entry.
      else if (key === '__proto__')
        Object.defineProperty(values, key, { value: this.#value(valueType), enumerable: true });
      else values[key] = this.#value(valueType);
    }
    this.#expectAt(end);
    return values;
  }

  #wantedKey(type: TypeNode): string | undefined {
    if (this.#keys === undefined || type.type !== 's') return String(this.#value(type));
    const byteLength = this.#uint32();
    return this.#keys.nameAt(this.#bytes, this.#skip(byteLength + 1), byteLength);
  }

  /** To where the value ends, by lengths alone. */
  #passOver({ type, child }: TypeNode): void {
    if (type === 'v') this.#passOver(this.#variantType());
    else if (type === 'a') this.#pos = this.#arrayEnd(only(child).type);
    else if (type === 's' || type === 'o') this.#skip(this.#uint32() + 1);
    else if (type === '(') {
      this.#align(8);
      for (const member of child) this.#passOver(member);
    } else if (type in bytesOf) this.#take(bytesOf[type] ?? 1);
    else this.#value({ type, child });
  }

  /** Of what is passed over; the types of one letter, which most are, without making a string of it. */
  #variantType(): TypeNode {
    const length = this.#uint8();
    const at = this.#skip(length + 1);
    const letter = length === 1 ? oneLetterTypes[this.#bytes[at] ?? 0] : undefined;
    return letter ?? only(typesOf(this.#bytes.toString('utf8', at, at + length)));
  }

  #text(byteLength: number): string {
    const at = this.#skip(byteLength + 1);
    return byteLength === 0 ? '' : this.#bytes.toString('utf8', at, at + byteLength);
  }

  #uint8(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  #uint32(): number {
    return this.#view.getUint32(this.#take(4), this.#isLittle);
  }

  #uint64(): number {
    const at = this.#take(8);
    const high = this.#view.getUint32(this.#isLittle ? at + 4 : at, this.#isLittle);
    const low = this.#view.getUint32(this.#isLittle ? at : at + 4, this.#isLittle);
    if (low === TWO_POW_32 - 1 && high === TWO_POW_32 - 1) return Infinity;
    return high * TWO_POW_32 + low;
  }

  #int64(): number {
    const at = this.#take(8);
    const high = this.#view.getInt32(this.#isLittle ? at + 4 : at, this.#isLittle);
    const low = this.#view.getUint32(this.#isLittle ? at : at + 4, this.#isLittle);
    return high * TWO_POW_32 + low;
  }

  /** Where a number of this size begins. */
  #take(byteLength: number): number {
    this.#align(byteLength);
    return this.#skip(byteLength);
  }

  #skip(byteLength: number): number {
    const at = this.#pos;
    this.#pos = at + byteLength;
    if (this.#pos > this.#bytes.length)
      throw new Error(`a value of ${byteLength} bytes reaches past the end`);
    return at;
  }

  #align(bytes: number): void {
    const over = this.#pos % bytes;
    if (over !== 0) this.#pos += bytes - over;
  }

  #expectAt(end: number): void {
    if (this.#pos !== end) throw new Error(`values that end at byte ${this.#pos} instead of ${end}`);
  }
}

/** Of types that are always of one size. */
const bytesOf: Readonly<Record<string, number>> = {
  y: 1,
  n: 2,
  q: 2,
  b: 4,
  i: 4,
  u: 4,
  h: 4,
  x: 8,
  t: 8,
  d: 8,
};

/** By the letter's code. */
const oneLetterTypes: readonly (TypeNode | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  const letter = String.fromCharCode(code);
  return letter in bytesOf || 'sov'.includes(letter) ? { type: letter, child: [] } : undefined;
});

function only(types: readonly TypeNode[]): TypeNode {
  const [type] = types;
  if (type === undefined || types.length > 1) throw new Error('what is to be of one type has none or more');
  return type;
}

/**
 * The values of `bytes`, which start at a multiple of 8 in their message, as plain JS: variants unwrapped however deep,
 * structs and arrays as arrays, dicts as objects, `ay` as a Buffer of its own, every number as `number`. A 64-bit number
 * beyond 2^53 is rounded, and UINT64_MAX, systemd's "infinity" and "not set", is Infinity.
 *
 * With `keys`, dicts that go by strings have these entries only; the others are passed over.
 *
 * Throws on whatever isn't exactly the values of `signature`.
 */
export function readValues(bytes: Buffer, signature: string, byteOrder: number, keys?: KeySet): unknown[] {
  if (signature === '' && bytes.length === 0) return [];
  return new Reader(bytes, byteOrder, keys).readBody(typesOf(signature));
}

/** The header fields in `bytes`, which start at a multiple of 8: pairs of field code and value. */
export function readHeaderFields(bytes: Buffer, byteOrder: number): readonly (readonly [number, unknown])[] {
  return new Reader(bytes, byteOrder, undefined).readFields();
}
