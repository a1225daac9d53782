import { unitNameOfPath } from '../core/unit-name.ts';
import type { Input } from '../core/input.ts';
import { connectBus, type Bus, type BusSignal, type Wanted } from './bus.ts';
import { Manager, managerPath, systemdName } from './manager.ts';
import { matchRules } from './match-rules.ts';
import { requireSystemd } from './require-systemd.ts';
import { servicePathEnding, SnapshotPairs } from './snapshot-pairs.ts';
import { snapshotKeys } from './snapshot-parts.ts';

/** A restart's 14 messages come in three bursts: 3 wake-ups instead of 14, for 10 ms more until an incident is told. */
const restMs = 10;

/**
 * Signals about units that are no services are not even decoded: timers, mounts and devices are most of a host's. Of a
 * service's hundred properties, those that a snapshot needs.
 */
function wantedOfSignal(path: string): Wanted {
  if (path.endsWith(servicePathEnding)) return snapshotKeys;
  return path === managerPath ? 'all' : 'nothing';
}

export interface ConnectionEvents {
  /** A signal of PID 1's, as an input. */
  readonly onInput: (input: Input) => void;
  /** Signals may have been lost or left out: everything must be compared. */
  readonly onStale: (why: string) => void;
  readonly onSignal: () => void;
}

/**
 * One connection to systemd: what its signals say, until the bus is lost. Signals from anybody but the owner of
 * systemd's name are dropped: any local user may send one straight to our unique name, match rules or not.
 */
export class Connection {
  readonly manager: Manager;
  readonly #bus: Bus;
  readonly #events: ConnectionEvents;
  readonly #pairs = new SnapshotPairs();
  #owner = '';
  /** Between Reloading(true) and (false) every unit is removed and announced again, which says nothing (facts §1.7). */
  #reloading = false;

  private constructor(bus: Bus, events: ConnectionEvents) {
    this.#bus = bus;
    this.manager = new Manager(bus);
    this.#events = events;
  }

  /** Subscribes and matches; what happens from here on is seen. Listing is the caller's. */
  static async open(address: string, events: ConnectionEvents): Promise<Connection> {
    const bus = await connectBus(address, { restMs, wantedOfSignal });
    const connection = new Connection(bus, events);
    try {
      bus.onSignal((signal) => connection.#take(signal));
      await requireSystemd(connection.manager);
      await connection.manager.subscribe();
      for (const rule of matchRules) await bus.addMatch(rule);
      connection.#owner = await connection.manager.owner();
      return connection;
    } catch (error) {
      await bus.close();
      throw error;
    }
  }

  /** systemd has said that it begins to reload, and not yet that it has: it answers nothing meanwhile. */
  get reloading(): boolean {
    return this.#reloading;
  }

  onLost(handler: (reason: Error) => void): void {
    this.#bus.onLost(handler);
  }

  close(): Promise<void> {
    return this.#bus.close();
  }

  #take(signal: BusSignal): void {
    if (signal.sender === 'org.freedesktop.DBus') return this.#takeOwner(signal);
    if (signal.sender !== this.#owner) return;
    this.#events.onSignal();
    switch (signal.member) {
      case 'PropertiesChanged':
        return this.#takeChange(signal);
      case 'UnitNew':
      case 'UnitRemoved':
        return this.#takeUnit(signal);
      case 'Reloading':
        return this.#takeReloading(signal.body[0] === true);
    }
  }

  #takeChange(signal: BusSignal): void {
    const snapshot = this.#pairs.take(signal.path, signal.body);
    if (snapshot !== undefined) this.#events.onInput({ kind: 'snapshot', origin: 'signal', snapshot });
  }

  #takeUnit(signal: BusSignal): void {
    const path = signal.body[1];
    const unit = typeof path === 'string' ? unitNameOfPath(path) : undefined;
    if (this.#reloading || unit === undefined || !unit.endsWith('.service')) return;
    this.#events.onInput({ kind: signal.member === 'UnitNew' ? 'unit-new' : 'unit-removed', unit });
  }

  #takeReloading(begins: boolean): void {
    this.#reloading = begins;
    if (!begins) this.#events.onStale('systemd has reloaded its units');
  }

  /** PID 1 that re-executes comes back under another name, its subscribers kept, its signals of that time not sent. */
  #takeOwner(signal: BusSignal): void {
    const [name, , owner] = signal.body;
    if (signal.member !== 'NameOwnerChanged' || name !== systemdName || typeof owner !== 'string') return;
    this.#owner = owner;
    // The end of a reload that the old one began may have been told to nobody.
    this.#reloading = false;
    if (owner !== '') this.#events.onStale('systemd has come back to the bus');
  }
}
