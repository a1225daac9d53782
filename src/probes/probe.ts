import { access, constants, readFile, stat } from 'node:fs/promises';
import type { Asked } from '../core/causes/judge-causes.ts';
import type { Answer, Conclusion, Inquiries, Inquiry, PathAsk, PathFound } from '../core/inquiry.ts';
import { plainText } from '../core/log-text.ts';
import { coerceError } from '../kit/errors.ts';
import { programOutput } from '../kit/program-output.ts';
import { accountOf, isKnown } from './accounts.ts';
import { listenersOn } from './listeners.ts';
import { mountOf, readMounts } from './mount-table.ts';
import { interpreterOf, spaceAt, walkPath } from './path-walk.ts';
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

/** Looks, with the rights that there are, and changes nothing. Never rejects, and never takes longer than a second. */
export async function probe(inquiry: Inquiry, options: ProbeOptions): Promise<Asked> {
  const signal = AbortSignal.timeout(withinMs);
  const late = new Promise<Asked>((resolve) => {
    signal.addEventListener('abort', () => resolve({ kind: 'unanswered', why: 'no answer within 1s' }));
  });
  const asked = look(inquiry, options, signal).catch((error: unknown): Asked => ({
    kind: 'unanswered',
    why: plainText(coerceError(error).message, 200),
  }));
  return Promise.race([asked, late]);
}

async function look(inquiry: Inquiry, { ownUser }: ProbeOptions, signal: AbortSignal): Promise<Asked> {
  switch (inquiry.kind) {
    case 'listeners':
      return concluded(await listenersOn(inquiry.ask, signal), inquiry.conclude);
    case 'path':
      return concluded(await pathFound(inquiry.ask, ownUser), inquiry.conclude);
    case 'account':
      return concluded(await accountFound(inquiry.ask), inquiry.conclude);
    case 'command':
      return concluded(await commandFound(inquiry.ask), inquiry.conclude);
    case 'host':
      return concluded(await hostFound(inquiry.ask), inquiry.conclude);
    case 'low-ports':
      return concluded(await lowPorts(), inquiry.conclude);
    case 'text':
      return concluded(await textsFound(inquiry.ask.paths), inquiry.conclude);
  }
}

function concluded<Found>(answer: Answer<Found>, conclude: (found: Found) => Conclusion | undefined): Asked {
  return answer.ok
    ? { kind: 'concluded', conclusion: conclude(answer) }
    : { kind: 'unanswered', why: answer.why };
}

async function pathFound(
  { path, user, groups, dynamicUser }: PathAsk,
  ownUser: string,
): Promise<Answer<PathFound>> {
  const view = await ownView();
  const hidden = view.hides(path);
  if (hidden !== undefined) return { ok: false, why: `flapd sees ${hidden}; look as root: flapd explain` };
  const [walk, mounts, account] = await Promise.all([
    walkPath(path, view.prefix),
    readMounts(),
    dynamicUser || !(await seesOwners()) ? undefined : accountOf(user === '' ? ownUser : user, groups),
  ]);
  if (!walk.ok) return walk;
  const { steps, missing, realPath } = walk;
  const last = steps.at(-1);
  const [space, interpreter] = await Promise.all([
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

async function textsFound(paths: readonly string[]): Promise<Answer<Inquiries['text']['found']>> {
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
