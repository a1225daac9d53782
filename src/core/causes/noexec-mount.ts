import type { Evidence } from '../evidence/evidence.ts';
import type { PathFound } from '../evidence/inquiry.ts';
import { absolutePaths } from './path-in.ts';
import { isBelow } from './sandbox-cover.ts';
import { pathAsk } from './path-ask.ts';
import type { Matcher, Suspicion } from './suspicion.ts';
import { proofOf, told } from './telling-lines.ts';

/** The loader cannot map code from there (glibc dl-map-segments.h); Java and Python pass it on. */
const pattern = /\bfailed to map segment from shared object\b/i;
/** A program that may not be run: on a noexec mount execve(2) says EACCES, as it does where the x bit is missing. */
const notRun =
  /(?:cannot execute|exec(?:ve|uting|ute)?\b[^/]{0,40}|bad interpreter|: line \d+:|: \d+:)\s?.{0,200}\bPermission denied\b/i;

export const noexecMount: Matcher = {
  id: 'noexec-mount',
  looksFor: 'code could not be mapped or run from a place that is mounted noexec',
  match(evidence) {
    return mapped(evidence) ?? executed(evidence);
  },
};

function mapped(evidence: Evidence): Suspicion | undefined {
  const found = told(evidence, pattern);
  if (found === undefined) return undefined;
  const proof = proofOf(evidence, pattern);
  // Java names the library it unpacked twice, the last time as the loader does.
  const path = absolutePaths(found.line.text.slice(0, found.index)).at(-1);
  const sentence = `The shared object ${path ?? ''} may not be mapped as code`.replace('  ', ' ');
  if (path === undefined)
    return { sentence: `${sentence}: its file system may be mounted noexec.`, proof, state: 'likely' };
  return {
    sentence: `${sentence}: its file system may be mounted noexec.`,
    proof,
    state: 'likely',
    inquiry: {
      kind: 'path',
      ask: pathAsk(path),
      conclude: (answer) =>
        concludeNoexec(evidence, path, answer) ?? {
          state: 'likely',
          sentence: `${sentence}, though ${answer.mount?.point ?? 'its file system'} is not mounted noexec.`,
          seen: answer.mount === undefined ? [] : [`seen now: ${mountLine(answer.mount)}`],
        },
    },
  };
}

function executed(evidence: Evidence): Suspicion | undefined {
  const spawned = evidence.spawn?.errno === 13 ? evidence.spawn.executable : undefined;
  const found = spawned === undefined ? told(evidence, notRun) : undefined;
  const path = spawned ?? (found === undefined ? undefined : absolutePaths(found.line.text).at(-1));
  if (path === undefined) return undefined;
  const proof = spawned === undefined ? proofOf(evidence, notRun) : [evidence.spawn?.text ?? ''];
  return {
    sentence: `${path} may not be run.`,
    proof,
    state: 'likely',
    inquiry: {
      kind: 'path',
      ask: pathAsk(path),
      conclude: (answer) => concludeNoexec(evidence, path, answer),
    },
  };
}

/** Undefined where it is not so. */
function concludeNoexec({ service }: Evidence, path: string, { mount }: PathFound) {
  const setting = service?.sandbox.noExecPaths.find((folder) => isBelow(path, folder));
  if (setting !== undefined) {
    const sentence = `${path} may not be run or mapped as code: NoExecPaths=${setting} forbids it to the service.`;
    return { state: 'confirmed' as const, sentence, seen: [] };
  }
  if (mount === undefined || !mount.options.includes('noexec')) return undefined;
  const sentence = `${path} may not be run or mapped as code: ${mount.point} is mounted noexec.`;
  return { state: 'confirmed' as const, sentence, seen: [`seen now: ${mountLine(mount)}`] };
}

function mountLine({ point, type, options }: NonNullable<PathFound['mount']>): string {
  return `${point} is a ${type} mounted ${options.join(',')}`;
}
