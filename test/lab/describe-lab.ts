import { afterAll, beforeAll, describe } from 'vitest';
import { hostStrace } from './host-strace.ts';
import { bootLab, type BootOptions, type Lab } from './lab.ts';
import { labMeans } from './means.ts';
import { labRoot } from './roots.ts';

export interface LabOptions extends Omit<BootOptions, 'root'> {
  /** Needs users besides root, or root's rights over them: not to be had in an ordinary user's lab. */
  readonly users?: boolean;
  /** Needs strace, which only this machine's own root has. */
  readonly strace?: boolean;
}

/**
 * A `describe` whose tests share one lab, booted before the first and stopped after the last:
 * `describeLab('stories', (given) => { it('…', async () => { await given.lab.addUnits(…) }) })`.
 * Where no lab can be booted its tests are skipped, and its title says why.
 */
export function describeLab(
  title: string,
  define: (given: { readonly lab: Lab }) => void,
  options: LabOptions = {},
): void {
  const why = whyNot(options);
  describe.skipIf(why !== undefined)(`${title}${skippedFor(why)}`, () => {
    const { users: _, strace = false, ...boot } = options;
    let lab: Lab | undefined;
    beforeAll(async () => {
      const root = await labRoot();
      const binds = [...(boot.binds ?? []), ...(strace ? hostStrace(root) : [])];
      lab = await bootLab({ ...boot, root, binds });
    }, bootWithinMs);
    afterAll(async () => {
      await lab?.stop();
    });
    define({
      get lab() {
        if (lab === undefined)
          throw new Error('the lab is booted in beforeAll: use it inside of tests and hooks');
        return lab;
      },
    });
  });
}

/** A root that is not in the cache yet takes mmdebstrap half a minute, or a slow mirror some. */
const bootWithinMs = 16 * 60_000;

/** A `describe` whose tests boot labs of their own. */
export function describeLabs(title: string, define: () => void): void {
  const why = whyNot({});
  describe.skipIf(why !== undefined)(`${title}${skippedFor(why)}`, () => {
    define();
  });
}

/** For the title, which vitest's default reporter leaves out, so it is told twice. */
function skippedFor(why: string | undefined): string {
  if (why === undefined) return '';
  process.stderr.write(`skipped: ${why}\n`);
  return ` (skipped: ${why})`;
}

function whyNot(options: LabOptions): string | undefined {
  const means = labMeans();
  if (!means.ok) return means.missing;
  if (means.rootless && options.users === true) return 'the lab needs users besides root: run as root';
  return undefined;
}
