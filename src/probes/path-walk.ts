import { lstat, open, readlink, stat, statfs } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import type { PathStep } from '../core/evidence/inquiry.ts';
import { programOutput } from '../kit/program-output.ts';

export interface Walk {
  /** Free of symbolic links, as far as it goes. */
  readonly realPath: string;
  readonly steps: readonly PathStep[];
  readonly missing: string | undefined;
}

export type WalkResult = ({ readonly ok: true } & Walk) | { readonly ok: false; readonly why: string };

/** As the kernel's (path_resolution(7)). */
const mostLinks = 40;
const mostParts = 200;

/**
 * Goes to a path by hand, from `/` on: each folder on the way is a step, links are followed. `prefix` is where that `/`
 * is; an absolute link stays below it.
 */
export async function walkPath(path: string, prefix: string): Promise<WalkResult> {
  const left = partsOf(path);
  let links = 0;
  let real = '';
  const steps: PathStep[] = [stepOf('/', await stat(`${prefix}/`))];
  while (left.length > 0) {
    const part = left.shift() ?? '';
    if (part === '..') {
      real = real.slice(0, Math.max(0, real.lastIndexOf('/')));
      continue;
    }
    const here = `${real}/${part}`;
    const found = await lookAt(prefix + here);
    if (found.kind === 'missing') return { ok: true, realPath: here, steps, missing: here };
    if (found.kind === 'refused')
      return { ok: false, why: `this user may not look into ${real === '' ? '/' : real}` };
    if (found.stats.isSymbolicLink()) {
      links += 1;
      if (links > mostLinks || left.length > mostParts) return { ok: false, why: `${here} leads in circles` };
      const target = await readlink(prefix + here);
      left.unshift(...partsOf(target));
      if (target.startsWith('/')) real = '';
      continue;
    }
    real = here;
    steps.push(stepOf(here, found.stats));
  }
  return {
    ok: true,
    realPath: real === '' ? '/' : real,
    steps,
    missing: undefined,
  };
}

function partsOf(path: string): string[] {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .slice(0, mostParts);
}

type Look =
  | { readonly kind: 'found'; readonly stats: Stats }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused' };

async function lookAt(file: string): Promise<Look> {
  try {
    return { kind: 'found', stats: await lstat(file) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    // ENOTDIR: a file where a folder is wanted; what lies below it is not there.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return { kind: 'missing' };
    if (code === 'EACCES' || code === 'EPERM') return { kind: 'refused' };
    throw error;
  }
}

function stepOf(path: string, stats: Stats): PathStep {
  const type = stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : 'other';
  return { path, type, mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid, hasAcl: false };
}

/** `ls` alone tells, by a "+" after the mode, that there is an access list beside it. */
export async function withAcls(steps: readonly PathStep[], prefix: string): Promise<readonly PathStep[]> {
  const files = steps.map(({ path }) => prefix + path);
  const output = await programOutput(['ls', '-ldn', '--', ...files], { timeoutMs: 500 });
  const lines = (output?.stdout ?? '').split('\n').filter((line) => line[10] === '+');
  return steps.map((step) => {
    const hasAcl = lines.some((line) => line.endsWith(` ${prefix}${step.path}`));
    return hasAcl ? { ...step, hasAcl } : step;
  });
}

/** What the first line of a script names, and whether it is there; undefined for what is no script, or can't be read. */
export async function interpreterOf(
  file: string,
  prefix: string,
): Promise<{ path: string; exists: boolean } | undefined> {
  const head = await headOf(prefix + file);
  const path = /^#![ \t]*(\/[^\s\0]{1,250})/.exec(head)?.[1];
  if (path === undefined) return undefined;
  const walk = await walkPath(path, prefix);
  return walk.ok ? { path, exists: walk.missing === undefined } : undefined;
}

/** The first bytes of a regular file; empty where they can't be read. */
async function headOf(file: string): Promise<string> {
  try {
    // A pipe would be waited for.
    if (!(await stat(file)).isFile()) return '';
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0);
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}

/** Of the file system that a path is on, or would be: what an ordinary user may still use. */
export async function spaceAt(
  file: string,
): Promise<{ freeBytes: number; freeInodes: number | undefined } | undefined> {
  try {
    const { bavail, bsize, files, ffree } = await statfs(file);
    return { freeBytes: bavail * bsize, freeInodes: files > 0 ? ffree : undefined };
  } catch {
    return undefined;
  }
}
