import signatures from 'dbus-next/lib/signature.js';
import type { TypeNode } from 'dbus-next/lib/signature.js';
import type { KeySet } from './bus-keys.ts';

const LITTLE_ENDIAN = 0x6c;
const TWO_POW_32 = 2 ** 32;

/** systemd uses a few dozen signatures; a peer that invents more may not fill the memory. */
const MAX_CACHED_SIGNATURES = 256;
const typesBySignature = new Map<string, readonly TypeNode[]>();

/** Bytes of messages, and the same bytes to read numbers from; made once for all messages of a read. */
export interface WireBytes {
  readonly bytes: Buffer;
  readonly view: DataView;
}

export function wireBytes(bytes: Buffer): WireBytes {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/** Where in the bytes something stands; `start` is a multiple of 8 in its message. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

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
 *
 * It reads three hundred properties for each restart, mostly not in optimised code (src/kit/heap.ts). There each step of an
 * iterator makes an object, and a private field takes three times as long as a plain one: so there are neither, and no
 * strings that nobody wants.
 */
class Reader {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly isLittle: boolean;
  readonly keys: KeySet | undefined;
  readonly start: number;
  readonly end: number;
  pos: number;

  constructor(wire: WireBytes, { start, end }: Stretch, byteOrder: number, keys: KeySet | undefined) {
    this.bytes = wire.bytes;
    this.view = wire.view;
    this.isLittle = byteOrder === LITTLE_ENDIAN;
    this.keys = keys;
    this.start = start;
    this.end = end;
    this.pos = start;
  }

  readBody(types: readonly TypeNode[]): unknown[] {
    const values = this.keys === undefined ? this.members(types) : this.upToDict(types);
    this.expectAt(this.end);
    return values;
  }

  readFields(take: (code: number, value: unknown) => void): void {
    while (this.pos < this.end) {
      this.align(8);
      take(this.uint8(), this.variant());
    }
    this.expectAt(this.end);
  }

  /** Behind the properties that changed stand the names of some that did too, but whose values are to be asked for. */
  upToDict(types: readonly TypeNode[]): unknown[] {
    const values: unknown[] = [];
    let isBehind = false;
    for (let index = 0; index < types.length; index += 1) {
      const type = memberOf(types, index);
      if (isBehind) this.passOver(type);
      else values.push(this.value(type));
      isBehind ||= type.type === 'a' && only(type.child).type === '{';
    }
    return values;
  }

  value(type: TypeNode): unknown {
    switch (type.type) {
      case 's':
      case 'o':
        return this.text(this.uint32());
      case 'g':
        return this.text(this.uint8());
      case 'u':
        return this.uint32();
      case 't':
        return this.uint64();
      case 'b':
        return this.uint32() !== 0;
      case 'v':
        return this.variant();
      case 'a':
        return this.array(only(type.child));
      case '(':
        this.align(8);
        return this.members(type.child);
      case 'i':
        return this.view.getInt32(this.take(4), this.isLittle);
      case 'x':
        return this.int64();
      case 'y':
        return this.uint8();
      case 'n':
        return this.view.getInt16(this.take(2), this.isLittle);
      case 'q':
        return this.view.getUint16(this.take(2), this.isLittle);
      case 'd':
        return this.view.getFloat64(this.take(8), this.isLittle);
      default:
        // `h` too: no file descriptor is ever asked for.
        throw new Error(`a value of type "${type.type}"`);
    }
  }

  members(types: readonly TypeNode[]): unknown[] {
    // Only what takes up room lets a loop over an array end.
    if (types.length === 0) throw new Error('a struct without members');
    const values: unknown[] = [];
    for (let index = 0; index < types.length; index += 1) values.push(this.value(memberOf(types, index)));
    return values;
  }

  variant(): unknown {
    return this.value(this.variantType());
  }

  array(element: TypeNode): unknown {
    const end = this.arrayEnd(element.type);
    if (element.type === '{') return this.dict(element.child, end);
    if (element.type === 'y') {
      // A copy: the message lies in the buffer that the next read overwrites.
      const bytes = Buffer.from(this.bytes.subarray(this.pos, end));
      this.pos = end;
      return bytes;
    }
    const values: unknown[] = [];
    while (this.pos < end) values.push(this.value(element));
    this.expectAt(end);
    return values;
  }

  /** Reads the length that an array begins with. */
  arrayEnd(elementType: string): number {
    const byteLength = this.uint32();
    if ('({xtd'.includes(elementType)) this.align(8);
    const end = this.pos + byteLength;
    if (end > this.end) throw new Error(`an array of ${byteLength} bytes reaches past the end`);
    return end;
  }

  dict(entry: readonly TypeNode[], end: number): Record<string, unknown> {
    if (entry.length !== 2) throw new Error('a dict entry that is not of key and value');
    const keyType = memberOf(entry, 0);
    const valueType = memberOf(entry, 1);
    if (this.keys !== undefined && keyType.type === 's' && valueType.type === 'v')
      return this.wantedOf(this.keys, end);
    const values: Record<string, unknown> = {};
    while (this.pos < end) {
      this.align(8);
      const key = String(this.value(keyType));
      // Assigning to `__proto__` would set the prototype and lose the entry.
      if (key === '__proto__')
        Object.defineProperty(values, key, { value: this.value(valueType), enumerable: true });
      else values[key] = this.value(valueType);
    }
    this.expectAt(end);
    return values;
  }

  /**
   * Of properties, those that are wanted. Of the others, twenty in each message, nothing is looked at but where they end,
   * and for numbers, which most are, that is done right here: with calls it takes three times as long.
   */
  wantedOf(keys: KeySet, end: number): Record<string, unknown> {
    const { bytes, view, isLittle, start } = this;
    const values: Record<string, unknown> = {};
    while (this.pos < end) {
      const entryAt = start + ((this.pos - start + 7) & ~7);
      const keyAt = entryAt + 4;
      const keyBytes = entryAt < end ? view.getUint32(entryAt, isLittle) : 0;
      const signatureAt = keyAt + keyBytes + 1;
      this.pos = signatureAt;
      if (signatureAt + 3 > end) throw new Error('a property that reaches past the end');
      const key = keys.nameAt(bytes, keyAt, keyBytes);
      const numberBytes = bytes[signatureAt] === 1 ? (bytesOfLetter[bytes[signatureAt + 1] ?? 0] ?? 0) : 0;
      if (key !== undefined) values[key] = this.variant();
      else if (numberBytes === 0) this.passOver(this.variantType());
      else this.pos = start + ((signatureAt + 3 - start + numberBytes - 1) & -numberBytes) + numberBytes;
    }
    this.expectAt(end);
    return values;
  }

  /** To where the value ends, by lengths alone. */
  passOver({ type, child }: TypeNode): void {
    if (type === 'v') this.passOver(this.variantType());
    else if (type === 'a') this.pos = this.arrayEnd(only(child).type);
    else if (type === 's' || type === 'o') this.skip(this.uint32() + 1);
    else if (type === '(') {
      this.align(8);
      for (let index = 0; index < child.length; index += 1) this.passOver(memberOf(child, index));
    } else if (type in bytesOf) this.take(bytesOf[type] ?? 1);
    else this.value({ type, child });
  }

  /** The types of one letter, which most are, without making a string of it. */
  variantType(): TypeNode {
    const length = this.uint8();
    const at = this.skip(length + 1);
    const letter = length === 1 ? oneLetterTypes[this.bytes[at] ?? 0] : undefined;
    return letter ?? only(typesOf(this.bytes.toString('utf8', at, at + length)));
  }

  text(byteLength: number): string {
    const at = this.skip(byteLength + 1);
    return byteLength === 0 ? '' : this.bytes.toString('utf8', at, at + byteLength);
  }

  uint8(): number {
    return this.view.getUint8(this.skip(1));
  }

  uint32(): number {
    return this.view.getUint32(this.take(4), this.isLittle);
  }

  uint64(): number {
    const at = this.take(8);
    const high = this.view.getUint32(this.isLittle ? at + 4 : at, this.isLittle);
    const low = this.view.getUint32(this.isLittle ? at : at + 4, this.isLittle);
    if (low === TWO_POW_32 - 1 && high === TWO_POW_32 - 1) return Infinity;
    return high * TWO_POW_32 + low;
  }

  int64(): number {
    const at = this.take(8);
    const high = this.view.getInt32(this.isLittle ? at + 4 : at, this.isLittle);
    const low = this.view.getUint32(this.isLittle ? at : at + 4, this.isLittle);
    return high * TWO_POW_32 + low;
  }

  /** Where a number of this size begins. */
  take(byteLength: number): number {
    this.align(byteLength);
    return this.skip(byteLength);
  }

  skip(byteLength: number): number {
    const at = this.pos;
    this.pos = at + byteLength;
    if (this.pos > this.end) throw new Error(`a value of ${byteLength} bytes reaches past the end`);
    return at;
  }

  align(bytes: number): void {
    const over = (this.pos - this.start) % bytes;
    if (over !== 0) this.pos += bytes - over;
  }

  expectAt(end: number): void {
    if (this.pos !== end) throw new Error(`values that end ${this.pos - end} bytes from where they should`);
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

/** By the letter's code; 0 of all others. */
const bytesOfLetter: readonly number[] = Array.from(
  { length: 256 },
  (_, code) => bytesOf[String.fromCharCode(code)] ?? 0,
);

/** By the letter's code. */
const oneLetterTypes: readonly (TypeNode | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  const letter = String.fromCharCode(code);
  return letter in bytesOf || 'sogv'.includes(letter) ? { type: letter, child: [] } : undefined;
});

function only(types: readonly TypeNode[]): TypeNode {
  if (types.length !== 1) throw new Error('what is to be of one type has none or more');
  return memberOf(types, 0);
}

function memberOf(types: readonly TypeNode[], index: number): TypeNode {
  const type = types[index];
  if (type === undefined) throw new Error('a type that is not there');
  return type;
}

/**
 * The values in a stretch of bytes, as plain JS: variants unwrapped however deep,
 * structs and arrays as arrays, dicts as objects, `ay` as a Buffer of its own, every number as `number`. A 64-bit number
 * beyond 2^53 is rounded, and UINT64_MAX, systemd's "infinity" and "not set", is Infinity.
 *
 * With `keys`, dicts of properties (`a{sv}`) have these entries only; the others are passed over, and so is what stands in
 * the body behind a dict.
 *
 * Throws on whatever isn't exactly the values of `signature`.
 */
export function readValues(
  wire: WireBytes,
  stretch: Stretch,
  { signature, byteOrder }: { readonly signature: string; readonly byteOrder: number },
  keys?: KeySet,
): unknown[] {
  if (signature === '' && stretch.start === stretch.end) return [];
  return new Reader(wire, stretch, byteOrder, keys).readBody(typesOf(signature));
}

/** Hands over the code and the value of each header field. Throws on whatever isn't exactly header fields. */
export function readHeaderFields(
  wire: WireBytes,
  stretch: Stretch,
  byteOrder: number,
  take: (code: number, value: unknown) => void,
): void {
  new Reader(wire, stretch, byteOrder, undefined).readFields(take);
}
