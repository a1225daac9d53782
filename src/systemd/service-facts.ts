import {
  openSandbox,
  type Sandbox,
  type ServiceCommand,
  type ServiceFacts,
} from '../core/evidence/evidence.ts';

type Properties = Readonly<Record<string, unknown>>;

/** UINT64_MAX, as near as a double comes to it: unlimited, or not known. */
const infinity = 2 ** 64;

const commandSettings = ['ExecCondition', 'ExecStartPre', 'ExecStart', 'ExecStartPost'];
/** A command line of a megabyte is nobody's. */
const mostArguments = 200;
const mostListed = 100;

/** What a service's settings say of its surroundings; what this systemd does not know of is as if it were not set. */
export function parseServiceFacts(service: Properties, sockets: readonly string[]): ServiceFacts {
  const soft = numberOf(service, 'LimitNOFILESoft');
  const memoryMax = numberOf(service, 'MemoryMax');
  const timeoutStart = numberOf(service, 'TimeoutStartUSec');
  const watchdog = numberOf(service, 'WatchdogUSec');
  return {
    type: textOf(service, 'Type'),
    user: textOf(service, 'User'),
    group: textOf(service, 'Group'),
    supplementaryGroups: textsOf(service, 'SupplementaryGroups'),
    dynamicUser: service['DynamicUser'] === true,
    privateNetwork: service['PrivateNetwork'] === true || textOf(service, 'NetworkNamespacePath') !== '',
    workingDirectory: textOf(service, 'WorkingDirectory').replace(/^!/, ''),
    root: textOf(service, 'RootDirectory') || textOf(service, 'RootImage'),
    commands: commandSettings.flatMap((setting) => commandsOf(service[setting], setting)),
    environment: environmentOf(service),
    environmentFiles: firstOfPairs(service['EnvironmentFiles']),
    sandbox: sandboxOf(service),
    mayBindLowPorts: hasCapability(service, 'AmbientCapabilities', netBindService),
    rootReadsAll: hasCapability(service, 'CapabilityBoundingSet', dacOverride),
    ...(soft === undefined ? {} : { openFilesSoft: soft }),
    ...(memoryMax === undefined ? {} : { memoryMaxBytes: memoryMax }),
    ...(timeoutStart === undefined ? {} : { timeoutStartSeconds: timeoutStart / 1e6 }),
    ...(watchdog === undefined || watchdog === 0 ? {} : { watchdogSeconds: watchdog / 1e6 }),
    sockets,
  };
}

/** linux/capability.h */
const dacOverride = 1;
const netBindService = 10;

/** A set as a number: beyond 2^53 its low bits would be lost, and sets of all capabilities are below that. */
function hasCapability(service: Properties, name: string, bit: number): boolean {
  const value = service[name];
  if (typeof value !== 'number') return name === 'CapabilityBoundingSet';
  return value >= infinity / 2 || Math.floor(value / 2 ** bit) % 2 === 1;
}

function sandboxOf(service: Properties): Sandbox {
  return {
    ...openSandbox,
    protectHome: textOf(service, 'ProtectHome') || 'no',
    protectSystem: textOf(service, 'ProtectSystem') || 'no',
    // From v257 PrivateTmpEx= has the word; PrivateTmp= says whether it is on at all.
    privateTmp: service['PrivateTmp'] === true || service['DynamicUser'] === true,
    inaccessiblePaths: textsOf(service, 'InaccessiblePaths'),
    temporaryFileSystem: firstOfPairs(service['TemporaryFileSystem']),
    readOnlyPaths: textsOf(service, 'ReadOnlyPaths'),
    readWritePaths: [...textsOf(service, 'ReadWritePaths'), ...ownDirectories(service)],
    noExecPaths: textsOf(service, 'NoExecPaths'),
  };
}

/** `StateDirectory=` and its kin stay writable under ProtectSystem=strict (systemd.exec(5)). */
function ownDirectories(service: Properties): readonly string[] {
  const places = {
    RuntimeDirectory: '/run',
    StateDirectory: '/var/lib',
    CacheDirectory: '/var/cache',
    LogsDirectory: '/var/log',
  };
  return Object.entries(places).flatMap(([name, place]) =>
    textsOf(service, name).map((folder) => `${place}/${folder}`),
  );
}

/** a(sasbttttuii): path, argv, … */
function commandsOf(value: unknown, setting: string): readonly ServiceCommand[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, 10).flatMap((command: unknown) => {
    const [path, argv]: readonly unknown[] = Array.isArray(command) ? command : [];
    if (typeof path !== 'string' || !Array.isArray(argv)) return [];
    const words = argv.filter((word): word is string => typeof word === 'string').slice(0, mostArguments);
    // Argv[0] may be another name than that of the program (`@`).
    return [{ setting, argv: [path, ...words.slice(1)] }];
  });
}

function environmentOf(service: Properties): Readonly<Record<string, string>> {
  return Object.fromEntries(
    textsOf(service, 'Environment').map((assignment) => {
      const equals = assignment.indexOf('=');
      return [assignment.slice(0, equals), assignment.slice(equals + 1)];
    }),
  );
}

/** a(sb), a(ss): the paths. */
function firstOfPairs(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, mostListed).flatMap((pair: unknown) => {
    const [first]: readonly unknown[] = Array.isArray(pair) ? pair : [];
    return typeof first === 'string' ? [first] : [];
  });
}

function textOf(properties: Properties, name: string): string {
  const value = properties[name];
  return typeof value === 'string' ? value : '';
}

function textsOf(properties: Properties, name: string): readonly string[] {
  const value = properties[name];
  if (!Array.isArray(value)) return [];
  return value.filter((each): each is string => typeof each === 'string').slice(0, mostListed);
}

/** Undefined where it is unlimited, or not known. */
export function numberOf(properties: Properties, name: string): number | undefined {
  const value = properties[name];
  return typeof value === 'number' && value < infinity / 2 ? value : undefined;
}
