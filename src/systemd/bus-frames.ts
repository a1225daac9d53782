import { FIXED_BYTES, readHeader, readSizes } from './bus-header.ts';
import type { KeySet } from './bus-keys.ts';
import type { BusHeader, Wanted } from './bus-message.ts';
import { readValues, wireBytes, type WireBytes } from './bus-values.ts';

/** No message flapd wants comes near: names have at most 255 bytes, unit paths a few hundred. */
const MAX_HEADER_BYTES = 64 * 1024;

export interface FrameEvents {
  header(header: BusHeader): Wanted;
  message(header: BusHeader, body: readonly unknown[]): void;
}

/**
 * Cuts the byte stream into messages. dbus-next's own cutter believes every length: a garbage one buffers up to 1 GiB,
 * throws out of the stream's listener, or (0, or negative after its `>> 3`) leaves it deaf for ever.
 */
export class FrameReader {
  readonly #events: FrameEvents;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** How much must be there before it's worth looking again. */
  #neededBytes = FIXED_BYTES;
  #bytesToSkip = 0;
  /** Of the message whose body comes next. */
  #header: BusHeader | undefined;
  #keys: KeySet | undefined;

  constructor(events: FrameEvents) {
    this.#events = events;
  }

  /** `chunk` may be overwritten after the return. Throws on what isn't D-Bus: then nothing after it can be trusted. */
  push(chunk: Buffer): void {
    const skipped = Math.min(this.#bytesToSkip, chunk.length);
    this.#bytesToSkip -= skipped;
    let data = skipped === 0 ? chunk : chunk.subarray(skipped);
    if (this.#heldBytes > 0 && this.#heldBytes + data.length >= this.#neededBytes) {
      data = Buffer.concat([...this.#held, data]);
      this.#held = [];
      this.#heldBytes = 0;
    }
    let at = 0;
    if (this.#heldBytes === 0 && data.length >= this.#neededBytes) {
      const wire = wireBytes(data);
      while (data.length - at >= this.#neededBytes) at += this.#take(wire, at);
    }
    if (at < data.length) this.#hold(data.subarray(at));
  }

  #hold(data: Buffer): void {
    this.#held.push(Buffer.from(data));
    this.#heldBytes += data.length;
  }

  /** Takes the next part of the bytes, which has `#neededBytes` from `at` on; returns how many bytes that was. */
  #take(wire: WireBytes, at: number): number {
    if (this.#header !== undefined) return this.#takeBody(wire, at, this.#header);
    const sizes = readSizes(wire, at);
    const { headerBytes, bodyBytes } = sizes;
    const there = wire.bytes.length - at;
    if (headerBytes > MAX_HEADER_BYTES) return this.#skip(there, headerBytes + bodyBytes);
    if (there < headerBytes) {
      this.#neededBytes = headerBytes;
      return 0;
    }
    const header = readHeader(wire, at, sizes);
    const wanted = this.#events.header(header);
    if (wanted === 'nothing') return this.#skip(there, headerBytes + bodyBytes);
    this.#header = header;
    this.#keys = wanted === 'all' ? undefined : wanted;
    this.#neededBytes = bodyBytes;
    return headerBytes;
  }

  #takeBody(wire: WireBytes, at: number, header: BusHeader): number {
    const bodyBytes = this.#neededBytes;
    this.#header = undefined;
    this.#neededBytes = FIXED_BYTES;
    const body = readValues(wire, { start: at, end: at + bodyBytes }, header, this.#keys);
    this.#events.message(header, body);
    return bodyBytes;
  }

  /** Passes over `byteLength` bytes, of which there are some now. */
  #skip(there: number, byteLength: number): number {
    const skipped = Math.min(byteLength, there);
    this.#bytesToSkip = byteLength - skipped;
    this.#neededBytes = FIXED_BYTES;
    return skipped;
  }
}
