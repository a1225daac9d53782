import { BusError } from './bus-error.ts';
import { encodeCall } from './bus-message.ts';
import type { BusCall, Wanted } from './bus-message.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_SERIAL = 0xff_ff_ff_ff;
/**
 * dbus-daemon refuses the 129th call that waits for a reply (`max_replies_per_connection`, bus/config-parser.c), so the
 * rest wait here.
 */
const MAX_IN_FLIGHT = 100;

interface Entry {
  readonly call: BusCall;
  readonly resolve: (body: readonly unknown[]) => void;
  readonly reject: (error: unknown) => void;
  timer: NodeJS.Timeout | undefined;
  serial: number;
}

/** Every call that has no answer yet. Each of them ends: by its reply, by its own time limit, or by `loseAll`. */
export class CallTable {
  readonly #send: (message: Buffer) => void;
  readonly #inFlight = new Map<number, Entry>();
  readonly #waiting = new Set<Entry>();
  #lastSerial = 0;
  #lostBecause: string | undefined;

  constructor(send: (message: Buffer) => void) {
    this.#send = send;
  }

  nextSerial(): number {
    this.#lastSerial = this.#lastSerial === MAX_SERIAL ? 1 : this.#lastSerial + 1;
    return this.#lastSerial;
  }

  call(call: BusCall): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      const entry: Entry = { call, resolve, reject, timer: undefined, serial: 0 };
      if (this.#lostBecause !== undefined) {
        reject(lostError(call, this.#lostBecause));
        return;
      }
      entry.timer = setTimeout(() => this.#expire(entry), call.timeoutMs ?? DEFAULT_TIMEOUT_MS);
      this.#waiting.add(entry);
      this.#sendWaiting();
    });
  }

  /** No answer is waited for. */
  get idle(): boolean {
    return this.#inFlight.size === 0;
  }

  /** Of an answer. */
  wantedOf(serial: number): Wanted {
    const entry = this.#inFlight.get(serial);
    return entry === undefined ? 'nothing' : (entry.call.keys ?? 'all');
  }

  resolve(serial: number, body: readonly unknown[]): void {
    this.#finish(serial)?.resolve(body);
  }

  reject(serial: number, errorName: string, body: readonly unknown[]): void {
    const entry = this.#finish(serial);
    const text = typeof body[0] === 'string' && body[0] !== '' ? body[0] : errorName;
    entry?.reject(new BusError('error-reply', text, { name: errorName }));
  }

  /** Rejects all calls, those to come too. */
  loseAll(because: string): void {
    this.#lostBecause = because;
    const entries = [...this.#inFlight.values(), ...this.#waiting];
    this.#inFlight.clear();
    this.#waiting.clear();
    for (const { call, timer, reject } of entries) {
      clearTimeout(timer);
      reject(lostError(call, because));
    }
  }

  #sendWaiting(): void {
    for (const entry of this.#waiting) {
      if (this.#inFlight.size >= MAX_IN_FLIGHT) return;
      this.#waiting.delete(entry);
      entry.serial = this.nextSerial();
      this.#inFlight.set(entry.serial, entry);
      try {
        this.#send(encodeCall(entry.serial, entry.call));
      } catch (error) {
        this.#inFlight.delete(entry.serial);
        clearTimeout(entry.timer);
        entry.reject(error);
      }
    }
  }

  #finish(serial: number): Entry | undefined {
    const entry = this.#inFlight.get(serial);
    if (entry === undefined) return undefined;
    this.#inFlight.delete(serial);
    clearTimeout(entry.timer);
    this.#sendWaiting();
    return entry;
  }

  #expire(entry: Entry): void {
    this.#waiting.delete(entry);
    this.#finish(entry.serial);
    const { destination, timeoutMs = DEFAULT_TIMEOUT_MS } = entry.call;
    const message = `Cannot call "${nameOf(entry.call)}": no answer from ${destination} within ${timeoutMs} ms`;
    entry.reject(new BusError('timeout', message));
  }
}

function lostError(call: BusCall, because: string): BusError {
  return new BusError('lost', `Cannot call "${nameOf(call)}": the bus connection is gone: ${because}`);
}

function nameOf(call: BusCall): string {
  return `${call.iface}.${call.member}`;
}
