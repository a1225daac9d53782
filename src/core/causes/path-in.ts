import type { ServiceFacts } from '../evidence/evidence.ts';

/** In quotes of any kind, or bare up to what may not stand in an unquoted path of a message. */
const paths =
  /["'`\u2018\u201C](\/[^"'`\u2019\u201D]{1,300})["'`\u2019\u201D]|(\/[^\s:;,'"`\u2018\u2019\u201C\u201D()[\]<>|&]{1,300})/g;

/** What a message names that is no absolute path, right before the colon of the complaint, or in quotes after it. */
const relativeBefore =
  /(?:^|[\s"'`(])((?:\.{1,2}\/)?[\w.+@-]+(?:\/[\w.+@-]+)*\.[\w+-]{1,12})["'`]?\s{0,2}[:(]?\s{0,3}$/;
const relativeAfter = /^[^"'`]{0,40}["'`]((?:\.{1,2}\/)?[\w.+@-]+(?:\/[\w.+@-]+)*)["'`]/;

/**
 * The path that a complaint at `index` of the line is about: in most languages the last one before it (`open "/x"
 * failed: No such file`), in some the first after it (`No such file or directory: '/x'`). A relative one counts from the
 * working directory.
 */
export function pathOfComplaint(
  text: string,
  index: number,
  length: number,
  service: Pick<ServiceFacts, 'workingDirectory'> | undefined,
): string | undefined {
  const before = text.slice(0, index);
  const after = text.slice(index + length);
  const quotedAfter = /^[^/"'`]{0,40}["'`](\/[^"'`]{1,300})["'`]/.exec(after)?.[1];
  const absolute = quotedAfter ?? absolutePaths(before).at(-1);
  const relative = relativeBefore.exec(before)?.[1] ?? relativeAfter.exec(after)?.[1];
  // "/usr/bin/app: config.yml: No such file": the nearer one is meant.
  if (relative !== undefined && quotedAfter === undefined && !(absolute ?? '').endsWith(relative))
    return resolved(relative, service?.workingDirectory ?? '');
  return absolute ?? absolutePaths(after)[0];
}

/** Every absolute path that stands in the text. */
export function absolutePaths(text: string): readonly string[] {
  return [...text.matchAll(paths)]
    .filter(({ index }) => index === 0 || !/[\w/:.]/.test(text[index - 1] ?? ''))
    .map(([, quoted, bare]) => trimmed(quoted ?? bare ?? ''))
    .filter((path) => path.length > 1);
}

function trimmed(path: string): string {
  return path.replace(/[.,\u2026]+$/, '').replace(/(?!^)\/+$/, '');
}

function resolved(relative: string, workingDirectory: string): string {
  const parts: string[] = [];
  for (const part of `${workingDirectory}/${relative}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
