import type { ExitView } from '../view.ts';

/**
 * What is known of one run that died. Whatever others wrote is plain and masked already (`log-text.ts`, `secrets.ts`):
 * nothing in here moves a cursor or gives a password away. An absent field means "not known".
 */
export interface Evidence {
  readonly unit: string;
  readonly exit?: ExitView;
  /** What the program itself means by its exit status. */
  readonly statusMeaning?: string;
  readonly cpuSeconds?: number;
  /** Of the run's control group at its highest: where systemd accounts memory, from v255. */
  readonly memoryPeakBytes?: number;
  /** Its last lines, oldest first. */
  readonly lines: readonly LoggedLine[];
  /** Why there are no lines, where that is not because the run was silent: `the journal can't be read …`. */
  readonly linesUnknown?: string;
  /** What PID 1's child could not do before it became the service: the record of "Failed at step …". */
  readonly spawn?: SpawnFailure;
  readonly coreDump?: CoreDump;
  /** The kernel killed a process of the unit for want of memory. */
  readonly oomKilled: boolean;
  /** Runs of the loop that ended as this one did, this one included. */
  readonly alike: number;
  readonly service?: ServiceFacts;
}

export interface LoggedLine {
  readonly at: string;
  readonly by: 'service' | 'systemd';
  readonly text: string;
}

export interface SpawnFailure {
  readonly text: string;
  readonly errno?: number;
  readonly executable?: string;
}

export interface CoreDump {
  readonly at: string;
  readonly pid: number;
  readonly signal?: string;
  readonly executable?: string;
}

export interface ServiceCommand {
  /** `ExecStart`, `ExecStartPre`, … */
  readonly setting: string;
  readonly argv: readonly string[];
}

/** What the unit's settings say of the surroundings that its processes run in. Not for showing: the environment has secrets. */
export interface ServiceFacts {
  /** `simple`, `notify`, … */
  readonly type: string;
  /** Empty: root, or the manager's own user. */
  readonly user: string;
  readonly group: string;
  readonly supplementaryGroups: readonly string[];
  readonly dynamicUser: boolean;
  /** It has a network of its own: `PrivateNetwork=`, `NetworkNamespacePath=`. */
  readonly privateNetwork: boolean;
  readonly workingDirectory: string;
  /** `RootDirectory=` or `RootImage=`: its paths are not this machine's. */
  readonly root: string;
  readonly commands: readonly ServiceCommand[];
  readonly environment: Readonly<Record<string, string>>;
  readonly environmentFiles: readonly string[];
  readonly sandbox: Sandbox;
  /** Of `AmbientCapabilities=`: CAP_NET_BIND_SERVICE. */
  readonly mayBindLowPorts: boolean;
  /** `CapabilityBoundingSet=` keeps CAP_DAC_OVERRIDE: file modes don't hold root back. */
  readonly rootReadsAll: boolean;
  readonly openFilesSoft?: number;
  readonly memoryMaxBytes?: number;
  readonly timeoutStartSeconds?: number;
  readonly watchdogSeconds?: number;
  /** Addresses of the sockets that start it: `0.0.0.0:80`, `/run/x.sock`. */
  readonly sockets: readonly string[];
}

/** Settings that hide, or write-protect, what is there for everybody else (systemd.exec(5)). */
export interface Sandbox {
  readonly protectHome: string;
  readonly protectSystem: string;
  readonly privateTmp: boolean;
  readonly inaccessiblePaths: readonly string[];
  readonly temporaryFileSystem: readonly string[];
  readonly readOnlyPaths: readonly string[];
  readonly readWritePaths: readonly string[];
  readonly noExecPaths: readonly string[];
}

export const openSandbox: Sandbox = {
  protectHome: 'no',
  protectSystem: 'no',
  privateTmp: false,
  inaccessiblePaths: [],
  temporaryFileSystem: [],
  readOnlyPaths: [],
  readWritePaths: [],
  noExecPaths: [],
};
