import type { Account } from '../core/evidence/inquiry.ts';
import { programOutput } from '../kit/program-output.ts';

const withinMs = 900;

type Entry =
  | { readonly kind: 'found'; readonly fields: readonly string[] }
  | { readonly kind: 'missing' | 'no-answer' };

/** The user database is asked as the C library would, with whatever directory stands behind it (nsswitch.conf(5)). */
async function getent(database: 'passwd' | 'group', key: string): Promise<Entry> {
  const output = await programOutput(['getent', database, '--', key], { timeoutMs: withinMs });
  if (output?.code === 0)
    return { kind: 'found', fields: (output.stdout.split('\n', 1)[0] ?? '').split(':') };
  // 2: not in the database (getent(1)).
  return { kind: output?.code === 2 ? 'missing' : 'no-answer' };
}

/** Undefined where there is none, or the database does not say; an empty name is root's. */
export async function accountOf(user: string, groups: readonly string[]): Promise<Account | undefined> {
  const entry = isRoot(user)
    ? ({ kind: 'found', fields: ['root', 'x', '0', '0'] } as const)
    : await getent('passwd', user);
  if (entry.kind !== 'found') return undefined;
  const [name = '', , uid, gid] = entry.fields;
  const [member, ...named] = await Promise.all([
    programOutput(['getent', 'initgroups', '--', name], { timeoutMs: withinMs }),
    ...groups.slice(0, 16).map((group) => getent('group', group)),
  ]);
  const supplementary = (member?.stdout ?? '').split(/\s+/).slice(1).filter(Boolean).map(Number);
  const extra = named.map((group) => (group.kind === 'found' ? Number(group.fields[2] ?? 'NaN') : NaN));
  const gids = [Number(gid), ...supplementary, ...extra].filter(Number.isInteger);
  return { name, uid: Number(uid), gids: [...new Set(gids)] };
}

/** Whether there is such a user, or group; undefined where the database gives no answer. */
export async function isKnown(database: 'passwd' | 'group', key: string): Promise<boolean | undefined> {
  if (key === '' || isRoot(key)) return true;
  const { kind } = await getent(database, key);
  return kind === 'no-answer' ? undefined : kind === 'found';
}

function isRoot(user: string): boolean {
  return user === '' || user === 'root' || user === '0';
}
