/**
 * - `error-reply`: the peer or the bus answered with an error; `name` is its D-Bus name, `message` its text;
 * - `timeout`: no answer in time; it may still have been carried out;
 * - `lost`: the connection is gone, whether or not the call had reached the bus;
 * - `unreachable`: there never was a connection.
 */
export type BusErrorKind = 'error-reply' | 'timeout' | 'lost' | 'unreachable';

/** The one error that the bus adapter's own promises reject with; anything else is a bug in the caller. */
export class BusError extends Error {
  readonly kind: BusErrorKind;

  constructor(kind: BusErrorKind, message: string, options: { name?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.name = options.name ?? 'BusError';
  }
}
