import { isRecord } from '../kit/record.ts';
import { unitNameOfPath } from '../core/unit-name.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { parseServicePart, parseUnitPart, type ServicePart } from './snapshot-parts.ts';

const serviceInterface = 'org.freedesktop.systemd1.Service';
const unitInterface = 'org.freedesktop.systemd1.Unit';

/** Units whose names are kept with their paths: a signal that is not its unit's first has its name ready. */
const mostNames = 512;

/** Bus label of the suffix: ".service" with its dot escaped. */
export const servicePathEnding = '_2eservice';

/**
 * Puts the two PropertiesChanged signals of one change together. PID 1 sends the Service part first and the Unit part
 * right after it (dbus-unit.c, "clients may rely on this order"), so at most one part waits at a time.
 */
export class SnapshotPairs {
  #path = '';
  #service: ServicePart | undefined;
  readonly #names = new Map<string, string>();
  #unreadable = 0;

  /** Signals of services that lacked what every systemd since v235 sends. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** The snapshot that this signal completes, if it does. */
  take(path: string, body: readonly unknown[]): Snapshot | undefined {
    const [iface, changed] = body;
    if (!path.endsWith(servicePathEnding) || !isRecord(changed)) return undefined;
    if (iface === serviceInterface) {
      this.#path = path;
      this.#service = this.#checked(parseServicePart(changed));
      return undefined;
    }
    if (iface !== unitInterface || this.#path !== path || this.#service === undefined) return undefined;
    const service = this.#service;
    this.#service = undefined;
    const name = this.#nameOf(path);
    const unit = this.#checked(parseUnitPart(changed));
    return unit === undefined || name === undefined ? undefined : { unit: name, ...unit, ...service };
  }

  #nameOf(path: string): string | undefined {
    const known = this.#names.get(path);
    if (known !== undefined) return known;
    const name = unitNameOfPath(path);
    if (this.#names.size >= mostNames) this.#names.clear();
    if (name !== undefined) this.#names.set(path, name);
    return name;
  }

  #checked<T>(part: T | undefined): T | undefined {
    if (part === undefined) this.#unreadable += 1;
    return part;
  }
}
