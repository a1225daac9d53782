import {
  openSandbox,
  type Evidence,
  type LoggedLine,
  type ServiceFacts,
} from '../../src/core/evidence/evidence.ts';
import type {
  Account,
  Inquiry,
  Listener,
  PathAsk,
  PathFound,
  PathStep,
} from '../../src/core/evidence/inquiry.ts';
import { judgeCauses, type Asked } from '../../src/core/causes/judge-causes.ts';
import type { CauseView, ExitView } from '../../src/core/view.ts';

export const at = '2026-11-24T12:00:00.000Z';

export function exited(status: number, name?: string): ExitView {
  return {
    at,
    summary: `the main process exited with status ${status}`,
    process: 'main',
    code: 'exited',
    status,
    ...(name === undefined ? {} : { name }),
    result: 'exit-code',
    uptimeSeconds: 0.4,
  };
}

export const service: ServiceFacts = {
  type: 'simple',
  user: '',
  group: '',
  supplementaryGroups: [],
  dynamicUser: false,
  privateNetwork: false,
  workingDirectory: '',
  root: '',
  commands: [{ setting: 'ExecStart', argv: ['/usr/bin/app'] }],
  environment: {},
  environmentFiles: [],
  sandbox: openSandbox,
  mayBindLowPorts: false,
  rootReadsAll: true,
  sockets: [],
};

const own = (text: string): LoggedLine => ({ at, by: 'service', text });
export const bySystemd = (text: string): LoggedLine => ({ at, by: 'systemd', text });

/** A run of app.service that exited with status 1 after these lines, the fifth in a row. */
export function evidenceOf(lines: readonly string[], more: Partial<Evidence> = {}): Evidence {
  return {
    unit: 'app.service',
    exit: exited(1, 'FAILURE'),
    lines: lines.map(own),
    oomKilled: false,
    alike: 5,
    service,
    ...more,
  };
}

/** The machine as a test wants it: what each kind of question is answered. */
export interface World {
  readonly listeners?: readonly Listener[];
  /** What is there; all folders above it are, too. */
  readonly paths?: Readonly<Record<string, Partial<PathStep>>>;
  readonly mounts?: Readonly<Record<string, readonly string[]>>;
  readonly freeBytes?: number;
  readonly freeInodes?: number;
  readonly accounts?: Readonly<Record<string, Account>>;
  readonly groups?: readonly string[];
  readonly interpreter?: { readonly path: string; readonly exists: boolean };
  readonly commands?: Readonly<Record<string, string>>;
  readonly hosts?: Readonly<Record<string, string>>;
  readonly texts?: Readonly<Record<string, string>>;
  readonly unprivilegedFrom?: number;
}

const root: Account = { name: 'root', uid: 0, gids: [0] };

function foundAt({ path, whom }: PathAsk, world: World): PathFound {
  const there = Object.keys(world.paths ?? {});
  const has = (name: string): boolean =>
    name === '/' || there.some((each) => each === name || each.startsWith(`${name}/`));
  const names = path.split('/').slice(1);
  const chain = ['/', ...names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)];
  const missing = chain.find((name) => !has(name));
  const steps = chain
    .slice(0, missing === undefined ? undefined : chain.indexOf(missing))
    .map((name): PathStep => {
      const isLeaf = there.includes(name) && !there.some((each) => each.startsWith(`${name}/`));
      const type = isLeaf ? 'file' : 'directory';
      const mode = type === 'file' ? 0o644 : 0o755;
      return { path: name, type, mode, uid: 0, gid: 0, hasAcl: false, ...world.paths?.[name] };
    });
  const point = Object.keys(world.mounts ?? {})
    .filter((each) => path === each || path.startsWith(`${each}/`))
    .sort((a, b) => b.length - a.length)[0];
  const options = point === undefined ? ['rw', 'relatime'] : (world.mounts?.[point] ?? []);
  return {
    path,
    steps,
    missing,
    mount: { point: point ?? '/', type: point === undefined ? 'ext4' : 'tmpfs', options },
    space: { freeBytes: world.freeBytes ?? 2 ** 33, freeInodes: world.freeInodes ?? 100_000 },
    account: whom && (['', 'root'].includes(whom.user) ? root : world.accounts?.[whom.user]),
    interpreter: world.interpreter,
  };
}

function answer(inquiry: Inquiry, world: World): Asked {
  const concluded = (conclusion: Extract<Asked, { kind: 'concluded' }>['conclusion']): Asked => ({
    kind: 'concluded',
    conclusion,
  });
  switch (inquiry.kind) {
    case 'listeners': {
      const listeners = (world.listeners ?? []).filter(({ port }) => port === inquiry.ask.port);
      return concluded(inquiry.conclude({ listeners }));
    }
    case 'path':
      return concluded(inquiry.conclude(foundAt(inquiry.ask, world)));
    case 'account': {
      const { user, group } = inquiry.ask;
      const userKnown = user === 'root' || user in (world.accounts ?? {});
      return concluded(inquiry.conclude({ userKnown, groupKnown: (world.groups ?? []).includes(group) }));
    }
    case 'command':
      return concluded(inquiry.conclude({ at: world.commands?.[inquiry.ask.name] }));
    case 'host': {
      const address = world.hosts?.[inquiry.ask];
      const detail = address ?? 'no such name';
      return concluded(inquiry.conclude({ resolved: address !== undefined, detail }));
    }
    case 'low-ports':
      return concluded(inquiry.conclude({ firstUnprivileged: world.unprivilegedFrom ?? 1024 }));
    case 'text': {
      const files = inquiry.ask.paths.flatMap((path) => {
        const text = world.texts?.[path];
        return text === undefined ? [] : [{ path, text }];
      });
      return concluded(inquiry.conclude({ files }));
    }
  }
}

export function causesIn(evidence: Evidence, world: World = {}): Promise<readonly CauseView[]> {
  return judgeCauses(evidence, async (inquiry) => answer(inquiry, world));
}
