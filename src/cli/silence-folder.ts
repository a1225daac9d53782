import { codeOf, AppError, coerceError } from '../kit/errors.ts';
import type { Silence } from '../core/silence.ts';
import { readSilences, silencesFolder } from '../silences.ts';
import { stateFile } from '../state-file.ts';
import type { Typed } from './args.ts';
import type { Shell } from './shell.ts';

/** Where the daemon looks: the system's has its state in one place, whoever types. */
export function folderOf(manager: 'system' | 'user', { env, uid }: Shell): string {
  return silencesFolder(stateFile(env, manager === 'system' ? 0 : uid, manager));
}

/** For whoever only looks: where the folder is not to be read, there is none to show. */
export function readableSilences(manager: 'system' | 'user', shell: Shell): readonly Silence[] {
  try {
    return readSilences(folderOf(manager, shell)).silences;
  } catch {
    return [];
  }
}

/** What `work` answers, or an AppError where the folder is not to be read or written. */
export function orComplain<T>(
  about: {
    readonly verb: string;
    readonly unit: string;
    readonly folder: string;
    readonly typed: Typed;
  },
  work: () => T,
): T {
  try {
    return work();
  } catch (error) {
    const { verb, unit, folder, typed } = about;
    const code = codeOf(error);
    const isForbidden = code === 'EACCES' || code === 'EPERM';
    // Node names a path that was opened through /proc, which says nothing to anybody.
    const why = coerceError(error).message.split(/, | '/, 1)[0] ?? '';
    const found = isForbidden ? `this user may not use "${folder}" (${code})` : `"${folder}": ${why}`;
    const expected = isForbidden ? 'root, or the user that flapd runs as' : 'a folder to keep silences in';
    const words = [typed.verb.name, ...typed.operands.map((each) => shellWord(each))];
    const span = typed.flags['for'];
    if (typeof span === 'string') words.push('--for', shellWord(span));
    const hint = isForbidden ? `sudo flapd ${words.join(' ')}` : `ls -ld ${shellWord(folder)}`;
    throw new AppError(`Cannot ${verb} "${unit}": ${found}; expected ${expected}`, {
      exitCode: 1,
      hint,
      cause: error,
    });
  }
}

/** A pattern must reach flapd before the shell finds files of that name. */
export function shellWord(text: string): string {
  return /^[\w:.@/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
