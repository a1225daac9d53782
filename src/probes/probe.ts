import { access, constants, readFile, stat } from 'node:fs/promises';
import type { Asked } from '../core/causes/judge-causes.ts';
import type {
  Account,
  Answer,
  Conclusion,
  Inquiries,
  Inquiry,
  InquiryKind,
  PathAsk,
  PathFound,
  Whom,
} from '../core/evidence/inquiry.ts';
import { plainText } from '../core/log-text.ts';
import { coerceError } from '../kit/errors.ts';
import { programOutput } from '../kit/program-output.ts';
import { accountOf, isKnown } from './accounts.ts';
import { listenersOn } from './listeners.ts';
import { mountOf, readMounts } from './mount-table.ts';
import { interpreterOf, spaceAt, walkPath, withAcls } from './path-walk.ts';
import { ownView } from './view.ts';

/** For each question, whatever it takes to answer it. */
const withinMs = 1000;

/** Scripts and environment files are some kilobytes. */
const mostTextBytes = 64 * 1024;

/** systemd.exec(5): what a service has that sets no PATH. */
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface ProbeOptions {
  /** Services of a user's manager run as that user where they name none. */
  readonly ownUser: string;
}

/** Answers an inquiry: looks, with the rights that there are, and changes nothing. Never rejects, and never takes longer than a second. */
export type Probe = (inquiry: Inquiry) => Promise<Asked>;

/** For one explanation: what its runs ask more than once is looked at once. */
export function probing({ ownUser }: ProbeOptions): Probe {
  const look: Looks = {
    listeners: once(listenersOn),
    path: once((ask) => pathFound(ask, ownUser)),
    account: once(accountFound),
    command: once(commandFound),
    host: once(hostFound),
    'low-ports': once(lowPorts),
    text: once(textsFound),
  };
  return (inquiry) => {
    const signal = AbortSignal.timeout(withinMs);
    const late = new Promise<Asked>((resolve) => {
      signal.addEventListener('abort', () => resolve({ kind: 'unanswered', why: 'no answer within 1s' }));
    });
    const asked = answered(inquiry, look, signal).catch((error: unknown): Asked => ({
      kind: 'unanswered',
      why: plainText(coerceError(error).message, 200),
    }));
    return Promise.race([asked, late]);
  };
}

type Look<Kind extends InquiryKind> = (
  ask: Inquiries[Kind]['ask'],
  signal: AbortSignal,
) => Promise<Answer<Inquiries[Kind]['found']>>;
type Looks = { readonly [Kind in InquiryKind]: Look<Kind> };

function once<Ask, Found>(
  look: (ask: Ask, signal: AbortSignal) => Promise<Found>,
): (ask: Ask, signal: AbortSignal) => Promise<Found> {
  const known = new Map<string, Promise<Found>>();
  return (ask, signal) => {
    const key = JSON.stringify(ask) ?? '';
    const found = known.get(key) ?? look(ask, signal);
    known.set(key, found);
    return found;
  };
}

async function answered(inquiry: Inquiry, look: Looks, signal: AbortSignal): Promise<Asked> {
  switch (inquiry.kind) {
    case 'listeners':
      return concluded(await look.listeners(inquiry.ask, signal), inquiry.conclude);
    case 'path':
      return concluded(await look.path(inquiry.ask, signal), inquiry.conclude);
    case 'account':
      return concluded(await look.account(inquiry.ask, signal), inquiry.conclude);
    case 'command':
      return concluded(await look.command(inquiry.ask, signal), inquiry.conclude);
    case 'host':
      return concluded(await look.host(inquiry.ask, signal), inquiry.conclude);
    case 'low-ports':
      return concluded(await look['low-ports'](inquiry.ask, signal), inquiry.conclude);
    case 'text':
      return concluded(await look.text(inquiry.ask, signal), inquiry.conclude);
  }
}

function concluded<Found>(answer: Answer<Found>, conclude: (found: Found) => Conclusion | undefined): Asked {
  return answer.ok
    ? { kind: 'concluded', conclusion: conclude(answer) }
    : { kind: 'unanswered', why: answer.why };
}

async function pathFound({ path, whom }: PathAsk, ownUser: string): Promise<Answer<PathFound>> {
  const view = await ownView();
  const hidden = view.hides(path);
  if (hidden !== undefined) return { ok: false, why: `flapd sees ${hidden}; look as root: flapd explain` };
  const [walk, mounts, account] = await Promise.all([
    walkPath(path, view.prefix),
    readMounts(),
    whom && accountIn(whom, ownUser),
  ]);
  if (!walk.ok) return walk;
  const { missing, realPath } = walk;
  const last = walk.steps.at(-1);
  const [steps, space, interpreter] = await Promise.all([
    whom === undefined ? walk.steps : withAcls(walk.steps, view.prefix),
    last === undefined ? undefined : spaceAt(view.prefix + last.path),
    missing === undefined && last?.type === 'file' ? interpreterOf(realPath, view.prefix) : undefined,
  ]);
  const mount = mountOf(mounts, realPath);
  return {
    ok: true,
    path: realPath,
    steps,
    missing,
    mount,
    space,
    account,
    interpreter,
  };
}

async function accountIn({ user, groups, dynamicUser }: Whom, ownUser: string): Promise<Account | undefined> {
  if (dynamicUser || !(await seesOwners())) return undefined;
  return accountOf(user === '' ? ownUser : user, groups);
}

/** In a user namespace of its own (PrivateUsers=) flapd sees the files of most users as nobody's. */
async function seesOwners(): Promise<boolean> {
  const map = await readFile('/proc/self/uid_map', 'utf8');
  const lengths = map
    .trim()
    .split('\n')
    .map((line) => Number(line.trim().split(/\s+/)[2] ?? 0));
  return lengths.reduce((sum, length) => sum + length, 0) > 60_000;
}

async function accountFound({
  user,
  group,
}: Inquiries['account']['ask']): Promise<Answer<Inquiries['account']['found']>> {
  const [userKnown, groupKnown] = await Promise.all([isKnown('passwd', user), isKnown('group', group)]);
  if (userKnown === undefined || groupKnown === undefined)
    return { ok: false, why: 'the user database gives no answer' };
  return { ok: true, userKnown, groupKnown };
}

async function commandFound({
  name,
  path,
}: Inquiries['command']['ask']): Promise<Answer<{ at: string | undefined }>> {
  for (const folder of (path === '' ? usualPath : path).split(':').slice(0, 64)) {
    const file = `${folder}/${name}`;
    try {
      await access(file, constants.X_OK);
      if ((await stat(file)).isFile()) return { ok: true, at: file };
    } catch {
      // Not there; the next folder may have it.
    }
  }
  return { ok: true, at: undefined };
}

/** By the C library, as the service would, and with what stands in /etc/hosts. */
async function hostFound(name: string): Promise<Answer<Inquiries['host']['found']>> {
  const output = await programOutput(['getent', 'ahosts', '--', name], { timeoutMs: withinMs - 100 });
  if (output?.code === 0) {
    const address = output.stdout.split(/\s/, 1)[0] ?? '';
    return { ok: true, resolved: true, detail: plainText(address, 64) };
  }
  if (output?.code === 2) return { ok: true, resolved: false, detail: 'no such name' };
  return { ok: false, why: `no answer about ${name} within 1s` };
}

async function lowPorts(): Promise<Answer<{ firstUnprivileged: number }>> {
  const text = await readFile('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8');
  return { ok: true, firstUnprivileged: Number(text) };
}

async function textsFound({ paths }: Inquiries['text']['ask']): Promise<Answer<Inquiries['text']['found']>> {
  const { prefix } = await ownView();
  const files = await Promise.all(
    paths.map(async (path) => {
      try {
        const stats = await stat(prefix + path);
        // A pipe would be waited for.
        if (!stats.isFile() || stats.size > mostTextBytes) return [];
        return [{ path, text: await readFile(prefix + path, 'utf8') }];
      } catch {
        return [];
      }
    }),
  );
  const read = files.flat();
  return read.length === 0
    ? { ok: false, why: "its scripts and environment files can't be read" }
    : { ok: true, files: read };
}
