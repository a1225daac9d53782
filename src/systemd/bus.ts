import { coerceError } from '../kit/errors.ts';
import { socketPathOf } from './bus-address.ts';
import { BusConnection, throwOutside } from './bus-connection.ts';
import { BusError } from './bus-error.ts';
import type { BusCall, BusSignal, ConnectOptions } from './bus-message.ts';
import { describeUnreachable } from './bus-unreachable.ts';

export { BusError } from './bus-error.ts';
export type { BusErrorKind } from './bus-error.ts';
export type { Argument } from './bus-writer.ts';
export type { BusCall, BusSignal, ConnectOptions, Wanted } from './bus-message.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * The one way to D-Bus. Of dbus-next only its reader of signatures is used (bus-values.ts): its MessageBus and its connection have
 * no notion of a lost bus, a time limit or a wrong length, and its reading and writing of values makes the garbage of ten.
 *
 * It doesn't reconnect: a lost bus stays lost, and the next one is another `connectBus`.
 */
export interface Bus {
  /** Our unique name. */
  readonly name: string;
  /** Rejects with a `BusError` where there is no good answer, at the latest after `timeoutMs` (10 s). */
  call(call: BusCall): Promise<readonly unknown[]>;
  addMatch(rule: string): Promise<void>;
  removeMatch(rule: string): Promise<void>;
  /**
   * Broadcast signals that match a rule of ours, and the bus's own. Comes before `addMatch`: the first signal may arrive
   * together with its reply.
   */
  onSignal(handler: (signal: BusSignal) => void): void;
  /** Called once when the bus is lost, or soon if it already is; never because of `close`. */
  onLost(handler: (reason: Error) => void): void;
  /** Rejects the pending calls as `lost`. Takes at most half a second, and may be called again. */
  close(): Promise<void>;
}

/** Connects, authenticates and says Hello; rejects with a `BusError` of kind `unreachable`. */
export async function connectBus(address: string, options: ConnectOptions = {}): Promise<Bus> {
  const { timeoutMs = CONNECT_TIMEOUT_MS, onHandlerError = throwOutside } = options;
  const { restMs = 0, wantedOfSignal = () => 'all' as const } = options;
  const place = socketPathOf(address);
  if (!place.ok) throw new BusError('unreachable', place.message);
  const { socketPath } = place;
  const connection = new BusConnection(socketPath, { onHandlerError, restMs, wantedOfSignal });
  const timer = setTimeout(() => connection.giveUp(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    await connection.opened;
    await connection.hello(timeoutMs);
    return connection;
  } catch (thrown) {
    const { reason: error, during } = connection.lost ?? { reason: coerceError(thrown), during: 'open' };
    await connection.close();
    const message = await describeUnreachable({ address, socketPath, during, error });
    throw new BusError('unreachable', message, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
