import { isRecord } from '../kit/record.ts';
import type { LoadedService } from '../core/systemd/loaded-service.ts';
import type { ManagerDefaults } from '../core/systemd/file-restart-settings.ts';
import type { Dependencies } from '../core/trouble.ts';
import { isServiceName, unitPath } from '../core/unit-name.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { UnitFilePaths } from '../core/systemd/unit-search.ts';
import type { Argument, Bus } from './bus.ts';
import { BusError } from './bus-error.ts';
import { KeySet } from './bus-keys.ts';
import { parseLoadedService } from './loaded-service.ts';
import { parseLastRun, type LastRun } from './last-run.ts';
import { isRefusal } from './refusal.ts';
import { hexOfBytes, parseServicePart, parseUnitPart, snapshotKeys } from './snapshot-parts.ts';

export const systemdName = 'org.freedesktop.systemd1';
export const managerPath = '/org/freedesktop/systemd1';
export const managerInterface = 'org.freedesktop.systemd1.Manager';
const serviceInterface = 'org.freedesktop.systemd1.Service';
const unitInterface = 'org.freedesktop.systemd1.Unit';
/** UINT64_MAX, as near as a double comes to it. */
const infinityUsec = 2 ** 64;
const propertiesInterface = 'org.freedesktop.DBus.Properties';

/** Measured with 960 units: 2.7 s on 257; generators have 90 s of their own before systemd goes on without them. */
const reloadTimeoutMs = 120_000;

export interface ListedUnit {
  readonly unit: string;
  readonly loadState: string;
  readonly activeState: string;
  readonly subState: string;
}

/** How a control process ended: CLD_* code and status, as the Exec… properties give them. */
export interface ControlExit {
  readonly code: number;
  readonly status: number;
}

/** systemd's manager, as far as flapd asks it things. Every call is bounded in time by the bus. */
export class Manager {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Without a subscriber PID 1 sends no signals at all (dbus.c `bus_foreach_bus`). Asking twice is fine. */
  async subscribe(): Promise<void> {
    try {
      await this.#manager('Subscribe');
    } catch (error) {
      if (!(error instanceof BusError && error.name.endsWith('.AlreadySubscribed'))) throw error;
    }
  }

  /** The unique name that owns systemd's name: signals from anybody else are not systemd's. */
  async owner(): Promise<string> {
    const [name] = await this.#bus.call({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      iface: 'org.freedesktop.DBus',
      member: 'GetNameOwner',
      body: [systemdName],
    });
    return text(name);
  }

  /** "252.38-1~deb12u1" */
  async version(): Promise<string> {
    return text(await this.#property(managerPath, managerInterface, 'Version'));
  }

  /** Resolves once systemd answers at all, which it does not while it reloads. Rejects with a BusError after `withinMs`. */
  async answers(withinMs: number): Promise<void> {
    const call = { destination: systemdName, path: managerPath, iface: 'org.freedesktop.DBus.Peer' };
    await this.#bus.call({ ...call, member: 'Ping', timeoutMs: withinMs });
  }

  /** The services that are loaded now. Lists only; loads nothing. */
  async listServices(): Promise<readonly ListedUnit[]> {
    const [rows] = await this.#manager('ListUnitsByPatterns', [[], ['*.service']]);
    if (!Array.isArray(rows)) throw new Error('ListUnitsByPatterns did not answer with a list');
    return rows.map((row: unknown) => {
      const [unit, , loadState, activeState, subState] = Array.isArray(row) ? row : [];
      return {
        unit: text(unit),
        loadState: text(loadState),
        activeState: text(activeState),
        subState: text(subState),
      };
    });
  }

  /** InvocationID first, NRestarts second: a restart between the two then looks like one still to come, not like two. */
  async counters(unit: string): Promise<{ invocationId: string; nRestarts: number }> {
    const path = unitPath(unit);
    const [id, restarts] = await Promise.all([
      this.#property(path, unitInterface, 'InvocationID'),
      this.#property(path, serviceInterface, 'NRestarts'),
    ]);
    return { invocationId: hexOfBytes(id) ?? '', nRestarts: number(restarts) };
  }

  /** All of a loaded unit, in the order of {@link counters} for the same reason. */
  async snapshot(unit: string): Promise<Snapshot> {
    const path = unitPath(unit);
    const [unitProperties, serviceProperties] = await Promise.all([
      this.#properties(path, unitInterface, snapshotKeys),
      this.#properties(path, serviceInterface, snapshotKeys),
    ]);
    const unitPart = parseUnitPart(unitProperties);
    const servicePart = parseServicePart(serviceProperties);
    if (unitPart === undefined || servicePart === undefined) {
      throw new Error(`systemd's answer about ${unit} lacks properties that every version since 235 has`);
    }
    return { unit, ...unitPart, ...servicePart };
  }

  /** CPU of the last run in milliseconds; undefined where systemd does not know it (no accounting). */
  async cpuMs(unit: string): Promise<number | undefined> {
    const nsec = number(await this.#property(unitPath(unit), serviceInterface, 'CPUUsageNSec'));
    return Number.isFinite(nsec) ? nsec / 1e6 : undefined;
  }

  /** When the main process of the present run was started, on the monotonic clock; 0 where there was none. */
  async mainStartMs(unit: string): Promise<number> {
    const start = 'ExecMainStartTimestampMonotonic';
    return number(await this.#property(unitPath(unit), serviceInterface, start)) / 1000;
  }

  async serviceType(unit: string): Promise<string> {
    return text(await this.#property(unitPath(unit), serviceInterface, 'Type'));
  }

  /** `Restart=`, and `RestartSec=`: how long systemd waits at least before it does that. */
  async restartSettings(unit: string): Promise<{ restart: string; delayMs: number }> {
    const path = unitPath(unit);
    const [restart, delayUsec] = await Promise.all([
      this.#property(path, serviceInterface, 'Restart'),
      this.#property(path, serviceInterface, 'RestartUSec'),
    ]);
    const usec = number(delayUsec);
    return { restart: text(restart), delayMs: usec < infinityUsec ? usec / 1000 : Infinity };
  }

  /**
   * All that decides about restarts of a unit, in two calls (some 7 ms of PID 1's). Of a unit that is not loaded, this loads
   * it: to be asked of those that are.
   */
  async loadedService(unit: string, systemdVersion: number): Promise<LoadedService> {
    const path = unitPath(unit);
    const [unitProperties, serviceProperties] = await Promise.all([
      this.#properties(path, unitInterface),
      this.#properties(path, serviceInterface),
    ]);
    return parseLoadedService(unitProperties, serviceProperties, systemdVersion);
  }

  /**
   * The last command of `ExecStartPre=` and the like to end, a(sasbttttuii): … exit time, pid, code, status. Undefined
   * where none has.
   */
  async controlExit(unit: string, setting: string): Promise<ControlExit | undefined> {
    const commands = await this.#property(unitPath(unit), serviceInterface, setting);
    if (!Array.isArray(commands)) return undefined;
    const ended = commands
      .map((command: unknown) => (Array.isArray(command) ? command.map(Number) : []))
      .map((fields) => ({ exitUsec: fields[6] ?? 0, code: fields[8] ?? 0, status: fields[9] ?? 0 }))
      .filter(({ exitUsec, code }) => exitUsec > 0 && code > 0)
      .sort((a, b) => a.exitUsec - b.exitUsec)
      .at(-1);
    return ended === undefined ? undefined : { code: ended.code, status: ended.status };
  }

  /**
   * The services that a unit's settings tie it to. All properties in one call: it is asked for when PID 1 is busy with
   * restarts, and then each call waits its turn for longer (50 ms and more) than PID 1 takes to answer (4 ms).
   */
  async dependencies(unit: string): Promise<Dependencies> {
    const properties = await this.#properties(unitPath(unit), unitInterface, dependencyKeys);
    const required = requirements.flatMap((name) => servicesIn(properties[name]));
    return {
      requires: [...new Set(required)].slice(0, mostDependencies),
      after: servicesIn(properties['After']),
    };
  }

  /** What the run that ended last left behind, and the surroundings of the service. */
  async lastRun(unit: string): Promise<LastRun> {
    const path = unitPath(unit);
    const [unitProperties, service] = await Promise.all([
      this.#properties(path, unitInterface),
      this.#properties(path, serviceInterface),
    ]);
    const by = unitProperties['TriggeredBy'];
    const sockets = Array.isArray(by)
      ? by.filter((name) => typeof name === 'string' && name.endsWith('.socket'))
      : [];
    const listened = await Promise.all(sockets.slice(0, 8).map((name: string) => this.#listensOn(name)));
    return parseLastRun(unitProperties, service, listened.flat());
  }

  /** a(ss): kind and address, as `Stream` and `0.0.0.0:80`. */
  async #listensOn(socket: string): Promise<readonly string[]> {
    const value = await this.#property(unitPath(socket), 'org.freedesktop.systemd1.Socket', 'Listen');
    if (!Array.isArray(value)) return [];
    return value.flatMap((pair: unknown) =>
      Array.isArray(pair) && typeof pair[1] === 'string' ? [pair[1]] : [],
    );
  }

  /** What holds for units whose files do not say. */
  async restartDefaults(): Promise<ManagerDefaults> {
    const [restartUsec, intervalUsec, burst] = await Promise.all(
      ['DefaultRestartUSec', 'DefaultStartLimitIntervalUSec', 'DefaultStartLimitBurst'].map((name) =>
        this.#property(managerPath, managerInterface, name),
      ),
    );
    return {
      restartSecMs: number(restartUsec) / 1000,
      startLimitIntervalMs: number(intervalUsec) / 1000,
      startLimitBurst: number(burst),
    };
  }

  /** All names of a loaded unit: its own, and its aliases. */
  async names(unit: string): Promise<readonly string[]> {
    return texts(await this.#property(unitPath(unit), unitInterface, 'Names'));
  }

  /** The drop-ins in force of a unit; undefined of one that is not loaded, which has none in force. */
  async dropInPaths(unit: string): Promise<readonly string[] | undefined> {
    return (await this.loadedFiles(unit))?.dropIns;
  }

  /** The units that can't be started without this one, or go down with it: Requires=, Requisite=, BindsTo= of theirs. */
  async dependents(unit: string): Promise<readonly string[]> {
    const path = unitPath(unit);
    const lists = await Promise.all(
      ['RequiredBy', 'RequisiteOf', 'BoundBy'].map((name) => this.#property(path, unitInterface, name)),
    );
    return [...new Set(lists.flatMap(texts))];
  }

  /**
   * Makes systemd read its unit files again, all of them; resolves when it has (a second or more on a large host, in which
   * it answers nobody). Rejects with `…LimitsExceeded` where it limits that (253 and up, ReloadLimitIntervalSec=).
   */
  async reload(): Promise<void> {
    const call = { destination: systemdName, path: managerPath, iface: managerInterface };
    await this.#bus.call({ ...call, member: 'Reload', timeoutMs: reloadTimeoutMs });
  }

  /** Whether files of a loaded unit have changed since systemd read them; it looks at them when it is asked. */
  async needsReload(unit: string): Promise<boolean> {
    return (await this.#property(unitPath(unit), unitInterface, 'NeedDaemonReload')) === true;
  }

  /** The folders of unit files, strongest first. */
  async unitPath(): Promise<readonly string[]> {
    return texts(await this.#property(managerPath, managerInterface, 'UnitPath'));
  }

  /**
   * Which files a unit was loaded from; undefined where it is not loaded. GetUnit comes first because it loads nothing,
   * where reading a property would.
   */
  async loadedFiles(unit: string): Promise<UnitFilePaths | undefined> {
    const path = await this.#loadedPath(unit);
    if (path === undefined) return undefined;
    const [id, loadState, fragment, dropIns] = await Promise.all([
      this.#property(path, unitInterface, 'Id'),
      this.#property(path, unitInterface, 'LoadState'),
      this.#property(path, unitInterface, 'FragmentPath'),
      this.#property(path, unitInterface, 'DropInPaths'),
    ]);
    const masked = loadState === 'masked';
    const file = text(fragment) || undefined;
    const hasDropIns = file !== undefined && !masked;
    return { unit: text(id), fragment: file, masked, dropIns: hasDropIns ? texts(dropIns) : [] };
  }

  async #loadedPath(unit: string): Promise<string | undefined> {
    try {
      const [path] = await this.#manager('GetUnit', [unit]);
      return text(path);
    } catch (error) {
      // NoSuchUnit for one that is not loaded, InvalidArgs for a template, which never is.
      if (isRefusal(error)) return undefined;
      throw error;
    }
  }

  /** The name under which systemd knows a unit that is loaded under this or another name. */
  async canonicalName(unit: string): Promise<string | undefined> {
    const [path] = await this.#manager('LoadUnit', [unit]);
    const [id, loadState] = await Promise.all([
      this.#property(text(path), unitInterface, 'Id'),
      this.#property(text(path), unitInterface, 'LoadState'),
    ]);
    return loadState === 'not-found' ? undefined : text(id);
  }

  async #property(path: string, iface: string, name: string): Promise<unknown> {
    const [value] = await this.#bus.call({
      destination: systemdName,
      path,
      iface: propertiesInterface,
      member: 'Get',
      body: [iface, name],
    });
    return value;
  }

  /** All of them, but for those that are not in `keys`. */
  async #properties(path: string, iface: string, keys?: KeySet): Promise<Readonly<Record<string, unknown>>> {
    const [values] = await this.#bus.call({
      destination: systemdName,
      path,
      iface: propertiesInterface,
      member: 'GetAll',
      body: [iface],
      ...(keys === undefined ? {} : { keys }),
    });
    if (!isRecord(values)) throw new Error(`GetAll ${iface} did not answer with properties`);
    return values;
  }

  #manager(member: string, body: readonly Argument[] = []): Promise<readonly unknown[]> {
    return this.#bus.call({
      destination: systemdName,
      path: managerPath,
      iface: managerInterface,
      member,
      body,
    });
  }
}

/** More than any real unit has: of a unit that names more, the first ones are looked at. */
const mostDependencies = 256;
const requirements = ['Requires', 'Requisite', 'BindsTo', 'PartOf'] as const;
const dependencyKeys = new KeySet([...requirements, 'After']);

function servicesIn(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new Error(`expected a list from systemd, found ${typeof value}`);
  return value
    .filter((name: unknown): name is string => typeof name === 'string' && isServiceName(name))
    .slice(0, mostDependencies);
}

function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new Error(`expected a list from systemd, found ${typeof value}`);
  return value.map(text);
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`expected a string from systemd, found ${typeof value}`);
  return value;
}

function number(value: unknown): number {
  if (typeof value !== 'number') throw new Error(`expected a number from systemd, found ${typeof value}`);
  return value;
}
