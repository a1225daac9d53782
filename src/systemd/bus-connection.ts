import { coerceError } from '../kit/errors.ts';
import { CallTable } from './bus-calls.ts';
import { FrameReader } from './bus-frames.ts';
import { encodeError, MESSAGE_TYPE, NO_REPLY_EXPECTED } from './bus-message.ts';
import type { BusCall, BusHeader, BusSignal, ConnectOptions, Wanted } from './bus-message.ts';
import { Wire } from './bus-wire.ts';
import type { WireStage } from './bus-wire.ts';

const BUS_NAME = 'org.freedesktop.DBus';
const UNKNOWN_METHOD = 'org.freedesktop.DBus.Error.UnknownMethod';

/** One connection from Hello to its loss or its close. */
export class BusConnection {
  /** Settled once authentication is over. */
  readonly opened: Promise<void>;
  name = '';
  lost: { readonly reason: Error; readonly during: WireStage } | undefined;

  readonly #wire: Wire;
  readonly #calls: CallTable;
  readonly #onHandlerError: (error: Error) => void;
  readonly #wantedOfSignal: (path: string) => Wanted;
  readonly #signalHandlers: ((signal: BusSignal) => void)[] = [];
  readonly #lostHandlers: ((reason: Error) => void)[] = [];
  #closing: Promise<void> | undefined;

  constructor(socketPath: string, options: Required<Omit<ConnectOptions, 'timeoutMs'>>) {
    this.#onHandlerError = options.onHandlerError;
    this.#wantedOfSignal = options.wantedOfSignal;
    const frames = new FrameReader({
      header: (header) => this.#takeHeader(header),
      message: (header, body) => this.#takeMessage(header, body),
    });
    const opening = { resolve: () => {}, reject: (_reason: Error) => {} };
    this.opened = new Promise((resolve, reject) => Object.assign(opening, { resolve, reject }));
    this.#wire = new Wire(socketPath, options.restMs, {
      open: () => opening.resolve(),
      data: (chunk) => {
        pushOrThrow(frames, chunk);
        return this.#calls.idle;
      },
      lost: (reason, during) => {
        this.#lose(reason, during);
        opening.reject(reason);
      },
    });
    this.#calls = new CallTable((message) => this.#wire.send(message));
  }

  async hello(timeoutMs: number): Promise<void> {
    const [name] = await this.#callBus('Hello', undefined, timeoutMs);
    if (typeof name !== 'string' || !name.startsWith(':'))
      throw new Error('Hello was answered without a name');
    this.name = name;
  }

  call(call: BusCall): Promise<readonly unknown[]> {
    return this.#calls.call(call);
  }

  async addMatch(rule: string): Promise<void> {
    await this.#callBus('AddMatch', rule);
  }

  async removeMatch(rule: string): Promise<void> {
    await this.#callBus('RemoveMatch', rule);
  }

  onSignal(handler: (signal: BusSignal) => void): void {
    this.#signalHandlers.push(handler);
  }

  onLost(handler: (reason: Error) => void): void {
    this.#lostHandlers.push(handler);
    const { lost } = this;
    if (lost !== undefined) queueMicrotask(() => this.#run(handler, lost.reason));
  }

  giveUp(reason: Error): void {
    this.#wire.lose(reason);
  }

  close(): Promise<void> {
    this.#calls.loseAll('it was closed');
    this.#closing ??= this.#wire.close();
    return this.#closing;
  }

  #callBus(member: string, argument?: string, timeoutMs?: number): Promise<readonly unknown[]> {
    const call = { destination: BUS_NAME, path: '/org/freedesktop/DBus', iface: BUS_NAME, member };
    const body = argument === undefined ? {} : { body: [argument] };
    return this.call({ ...call, ...body, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  }

  #takeHeader(header: BusHeader): Wanted {
    const { type, sender, destination } = header;
    if (this.#wire.stage !== 'open') return 'nothing';
    if (destination !== '' && destination !== this.name && this.name !== '') return 'nothing';
    if (type === MESSAGE_TYPE.methodReturn || type === MESSAGE_TYPE.error) {
      return this.#calls.wantedOf(header.replySerial);
    }
    if (type === MESSAGE_TYPE.methodCall) {
      this.#refuse(header);
      return 'nothing';
    }
    // A signal sent to us alone passes by our match rules, and every local user may send one (`send_type="signal"` in
    // dbus-daemon's system.conf): it could pose as systemd's. systemd broadcasts; only the bus itself writes to us.
    if (type !== MESSAGE_TYPE.signal || (destination !== '' && sender !== BUS_NAME)) return 'nothing';
    return sender === BUS_NAME ? 'all' : this.#wantedOfSignal(header.path);
  }

  #takeMessage(header: BusHeader, body: readonly unknown[]): void {
    if (header.type === MESSAGE_TYPE.methodReturn) {
      this.#calls.resolve(header.replySerial, body);
    } else if (header.type === MESSAGE_TYPE.error) {
      this.#calls.reject(header.replySerial, header.errorName, body);
    } else {
      const { sender, path, iface, member } = header;
      const signal = { sender, path, iface, member, body };
      for (const handler of this.#signalHandlers) this.#run(handler, signal);
    }
  }

  #refuse(call: BusHeader): void {
    if ((call.flags & NO_REPLY_EXPECTED) !== 0 || call.sender === '') return;
    this.#wire.send(encodeError(this.#calls.nextSerial(), call, UNKNOWN_METHOD, 'flapd has no methods'));
  }

  #lose(reason: Error, during: WireStage): void {
    this.lost = { reason, during };
    this.#calls.loseAll(reason.message);
    for (const handler of this.#lostHandlers) this.#run(handler, reason);
  }

  /** What a handler throws is nobody's fault on the bus: it reaches the program, and the next handler still runs. */
  #run<Told>(handle: (told: Told) => void, told: Told): void {
    try {
      handle(told);
    } catch (error) {
      this.#report(coerceError(error));
    }
  }

  #report(error: Error): void {
    try {
      this.#onHandlerError(error);
    } catch (worse) {
      throwOutside(coerceError(worse));
    }
  }
}

function pushOrThrow(frames: FrameReader, chunk: Buffer): void {
  try {
    frames.push(chunk);
  } catch (error) {
    throw new Error(`the bus sent what is not D-Bus: ${coerceError(error).message}`, { cause: error });
  }
}

/** An uncaught exception, with its stack, from where the bus isn't in between. */
export function throwOutside(error: Error): void {
  queueMicrotask(() => {
    throw error;
  });
}
