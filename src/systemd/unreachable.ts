import { existsSync } from 'node:fs';
import { AppError } from '../kit/errors.ts';
import { BusError } from './bus-error.ts';

/** sd_booted(3): systemd makes this folder where it is PID 1. */
const bootedSign = '/run/systemd/system';

/** What to tell whoever wanted systemd and got this error; one that is not about the bus is a bug, and stays as it is. */
export function systemdUnreachable(
  error: unknown,
  address: string,
  exists: (path: string) => boolean = existsSync,
): unknown {
  if (!(error instanceof BusError)) return error;
  if (error.kind === 'unreachable') {
    const notBooted = !exists(bootedSign) && !exists(address.replace(/^unix:path=/, ''));
    const message = notBooted
      ? `Cannot reach systemd: it is not what started this machine ("${bootedSign}" does not exist); expected it as PID 1`
      : error.message;
    const hint = notBooted ? 'cat /proc/1/comm' : 'busctl status';
    return new AppError(message, { exitCode: 3, hint, cause: error });
  }
  const found = error.message.replace(/\.$/, '');
  const message = `Cannot reach systemd over "${address}": ${found}; expected the bus on which it answers`;
  return new AppError(message, { exitCode: 3, hint: 'busctl status', cause: error });
}
