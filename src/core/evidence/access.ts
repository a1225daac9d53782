import type { Account, PathStep } from './inquiry.ts';

export type Access = 'read' | 'write' | 'execute';

interface Question {
  readonly steps: readonly PathStep[];
  readonly missing: string | undefined;
  readonly path: string;
  readonly access: Access;
  readonly account: Account;
  /** Root, with the capability to pass over file modes (CAP_DAC_OVERRIDE). */
  readonly isOverriding: boolean;
}

export interface AccessFault {
  readonly step: PathStep;
  /** "enter", "read", "write to": what is not allowed at that step. */
  readonly needs: string;
  /** "/srv/data is drwx------ root:0 (uid 0, gid 0)" */
  readonly words: string;
}

const bits = { read: 4, write: 2, execute: 1 } as const;

/**
 * Where on its way to a path a user is stopped by file modes (path_resolution(7)), the first such place; undefined where
 * it is not. To write what is not there, the folder it would be in must be writable.
 */
export function accessFault({
  steps,
  missing,
  path,
  access,
  account,
  isOverriding,
}: Question): AccessFault | undefined {
  for (const step of steps) {
    const isLast = step === steps.at(-1);
    const isTarget = isLast && missing === undefined && step.path === path;
    if (!isTarget && step.type === 'directory' && !may(step, 'execute', account, isOverriding))
      return fault(step, 'enter');
    if (isTarget && !may(step, access, account, isOverriding))
      return fault(step, access === 'write' ? 'write to' : access === 'execute' ? 'run' : 'read');
    if (isLast && missing !== undefined && access === 'write' && !may(step, 'write', account, isOverriding))
      return fault(step, 'create anything in');
  }
  return undefined;
}

function may(
  { mode, uid, gid, type }: PathStep,
  access: Access,
  account: Account,
  isOverriding: boolean,
): boolean {
  // Root runs only what somebody may run (capabilities(7)).
  if (isOverriding) return access !== 'execute' || type === 'directory' || (mode & 0o111) !== 0;
  const shift = uid === account.uid ? 6 : account.gids.includes(gid) ? 3 : 0;
  return ((mode >> shift) & bits[access]) !== 0;
}

function fault(step: PathStep, needs: string): AccessFault {
  return { step, needs, words: `${step.path} is ${modeText(step)} (uid ${step.uid}, gid ${step.gid})` };
}

/** "drwxr-x---", as ls writes it. */
export function modeText({ type, mode }: Pick<PathStep, 'type' | 'mode'>): string {
  const letters = 'rwxrwxrwx'.replace(/./g, (letter, at: number) =>
    ((mode >> (8 - at)) & 1) === 1 ? letter : '-',
  );
  return `${type === 'directory' ? 'd' : '-'}${letters}`;
}
