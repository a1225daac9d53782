import { bytesText } from '../bytes-text.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Conclusion, PathFound } from '../evidence/inquiry.ts';
import { pathOfComplaint } from './path-in.ts';
import { pathAsk } from './path-ask.ts';
import type { Matcher } from './suspicion.ts';
import { proofOf, told } from './telling-lines.ts';

const pattern =
  /\bno space left on device\b|\bENOSPC\b|\bdisk (?:is )?full\b|\bdisk quota exceeded\b|\bEDQUOT\b|\bfile system (?:is )?full\b/i;

/** Blocks that root alone may have, and what a program writes at a time: less is as good as none. */
const nothingBytes = 1024 * 1024;

export const diskFull: Matcher = {
  id: 'disk-full',
  looksFor: 'the log says that a file system is full',
  match(evidence) {
    const found = told(evidence, pattern);
    if (found === undefined) return undefined;
    const proof = proofOf(evidence, pattern);
    if (/quota/i.test(found.groups[0] ?? '') || found.groups[0] === 'EDQUOT')
      return { sentence: 'Its user has used up the disk quota.', proof, state: 'likely' };
    const { line, index, groups } = found;
    const named = pathOfComplaint(line.text, index, groups[0]?.length ?? 0, evidence.service);
    const path = named ?? placeOf(evidence);
    if (path === undefined)
      return { sentence: 'A file system that it writes to is full.', proof, state: 'likely' };
    return {
      sentence: `The file system of ${path} is full.`,
      proof,
      state: 'likely',
      inquiry: {
        kind: 'path',
        ask: pathAsk(path),
        conclude: (answer) => conclude(path, named !== undefined, answer),
      },
    };
  },
};

/** Where it most likely writes, if it names no path. */
function placeOf({ service }: Evidence): string | undefined {
  const directory = service?.workingDirectory ?? '';
  return directory.startsWith('/') && directory !== '/' ? directory : undefined;
}

function conclude(path: string, isNamed: boolean, { space, mount }: PathFound): Conclusion {
  const where = mount?.point ?? `the file system of ${path}`;
  if (space === undefined)
    return { state: 'could-not-check', sentence: `The file system of ${path} is full.`, seen: [] };
  if (space.freeInodes === 0)
    return {
      state: 'confirmed',
      sentence: `${where} has no inodes left: too many files.`,
      seen: [`seen now: ${where} has 0 inodes free`],
    };
  const seen = [`seen now: ${where} has ${bytesText(space.freeBytes)} free`];
  if (space.freeBytes < nothingBytes) return { state: 'confirmed', sentence: `${where} is full.`, seen };
  const sentence = isNamed
    ? `${where} was full; it has ${bytesText(space.freeBytes)} free now.`
    : 'A file system that it writes to was full.';
  return { state: 'likely', sentence, seen };
}
