import { BusError } from './bus-error.ts';
import type { Manager } from './manager.ts';

/**
 * Rejects with a BusError that says so where systemd is not on the bus. To be asked before anything is: a call to a name
 * that nobody owns makes dbus-daemon start whatever a service file names for it, and complain about that.
 */
export async function requireSystemd(manager: Manager): Promise<void> {
  try {
    await manager.owner();
  } catch (error) {
    if (!(error instanceof BusError && error.name.endsWith('.NameHasNoOwner'))) throw error;
    const { name } = error;
    throw new BusError('error-reply', 'the bus answers, but systemd is not on it', { name, cause: error });
  }
}
