import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

interface Bind {
  readonly from: string;
  readonly to: string;
}

const strace = '/usr/bin/strace';

/**
 * This machine's strace for a lab of another release, which has none, with those of its libraries that the release lacks:
 * a newer libc runs what was built for an older one. Nothing where there is no strace here either, or the lab has it anyway.
 */
export function hostStrace(root: string): readonly Bind[] {
  if (root === '/' || !existsSync(strace) || existsSync(path.join(root, strace))) return [];
  const libraries = execFileSync('ldd', [strace], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => / => (\/\S+) /.exec(line)?.[1] ?? []);
  return [strace, ...libraries].map(bindOf).filter(({ to }) => !existsSync(path.join(root, to)));
}

/** Where /lib is a link, what stands below it is below /usr/lib in the other release too. */
function bindOf(file: string): Bind {
  const to = path.join(realpathSync(path.dirname(file)), path.basename(file));
  return { from: realpathSync(file), to };
}
