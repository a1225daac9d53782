import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { coerceError } from '../kit/errors.ts';

const READ_BUFFER_BYTES = 64 * 1024;
/** libdbus gives up at the same length (`MAX_BUFFER`, dbus/dbus-auth.c). */
const MAX_LINE_BYTES = 16 * 1024;
/** A bus that leaves so much unread has stopped reading; flapd's calls have a few hundred bytes each. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024;
const CLOSE_TIMEOUT_MS = 500;
export const CLOSED_BY_BUS = 'the bus closed the connection';
const NEWLINE = 0x0a;

export interface WireEvents {
  /** Authenticated: messages may be sent. */
  open(): void;
  /**
   * Bytes of messages, valid until the return; whatever it throws ends the connection. True lets the wire rest: nothing
   * on it is urgent.
   */
  data(chunk: Buffer): boolean;
  /** At most once, and not because of `close`. */
  lost(reason: Error, during: WireStage): void;
}

export type WireStage = 'connecting' | 'authenticating' | 'open' | 'over';

/** A bus socket: SASL EXTERNAL, then bytes. */
export class Wire {
  readonly #events: WireEvents;
  readonly #socket: Socket;
  #stage: WireStage = 'connecting';
  #line = '';
  readonly #restMs: number;
  #rest: NodeJS.Timeout | undefined;

  constructor(socketPath: string, restMs: number, events: WireEvents) {
    this.#events = events;
    this.#restMs = restMs;
    // One buffer for all reads, where each `data` event would come with up to 64 KiB of its own.
    const buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
    const callback = (byteLength: number) => this.#read(buffer.subarray(0, byteLength));
    this.#socket = createConnection({ path: socketPath, onread: { buffer, callback } });
    this.#socket.on('connect', () => this.#authenticate());
    this.#socket.on('error', (error) => this.lose(error));
    this.#socket.on('end', () => this.lose(new Error(CLOSED_BY_BUS)));
    this.#socket.on('close', () => this.lose(new Error(CLOSED_BY_BUS)));
  }

  get stage(): WireStage {
    return this.#stage;
  }

  send(message: Buffer): void {
    if (this.#stage !== 'open') return;
    this.#endRest();
    this.#socket.write(message);
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) {
      this.lose(new Error(`the bus has left ${this.#socket.writableLength} bytes unread`));
    }
  }

  /** Gives the connection up. */
  lose(reason: Error): void {
    if (this.#stage === 'over') return;
    const during = this.#stage;
    this.#stage = 'over';
    clearTimeout(this.#rest);
    this.#socket.destroy();
    this.#events.lost(reason, during);
  }

  /** Sends what is still to be sent, and is done within half a second whatever the bus does. */
  close(): Promise<void> {
    this.#stage = 'over';
    return new Promise((resolve) => {
      if (this.#socket.closed) {
        resolve();
        return;
      }
      this.#endRest();
      const timer = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS);
      this.#socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#socket.end();
    });
  }

  #authenticate(): void {
    if (this.#stage !== 'connecting') return;
    this.#stage = 'authenticating';
    const uid = Buffer.from(String(process.geteuid?.() ?? 0)).toString('hex');
    this.#socket.write(`\0AUTH EXTERNAL ${uid}\r\n`);
  }

  /** Exceptions may not leave: there is nobody above but the event loop. */
  #read(chunk: Buffer): boolean {
    try {
      if (this.#stage === 'authenticating') this.#readLine(chunk);
      else if (this.#stage === 'open' && this.#events.data(chunk) && this.#restMs > 0)
        return this.#takeRest();
    } catch (error) {
      this.lose(coerceError(error));
    }
    return true;
  }

  /**
   * Reads no more for a moment, so that what comes in bursts costs one wake-up a burst: PID 1 sends the 14 messages of a
   * restart in three, each of them in less than 2 ms.
   */
  #takeRest(): boolean {
    this.#rest = setTimeout(() => this.#endRest(), this.#restMs);
    return false;
  }

  /** Also when something is asked: the answer shall be read when it comes. */
  #endRest(): void {
    if (this.#rest === undefined) return;
    clearTimeout(this.#rest);
    this.#rest = undefined;
    this.#socket.resume();
  }

  #readLine(chunk: Buffer): void {
    const end = chunk.indexOf(NEWLINE);
    this.#line += chunk.toString('latin1', 0, end === -1 ? chunk.length : end);
    if (this.#line.length > MAX_LINE_BYTES) throw new Error('not a D-Bus server: its first line has no end');
    if (end === -1) return;
    const line = this.#line.trimEnd();
    if (line.startsWith('REJECTED')) throw new Error(`authentication as this user refused (${quote(line)})`);
    if (!/^OK [0-9A-Fa-f]+$/u.test(line)) throw new Error(`not a D-Bus server: it answered ${quote(line)}`);
    this.#socket.write('BEGIN\r\n');
    this.#stage = 'open';
    this.#events.open();
    if (end + 1 < chunk.length) this.#events.data(chunk.subarray(end + 1));
  }
}

/** Whatever a stranger sent, fit for a message. */
function quote(line: string): string {
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line);
}
