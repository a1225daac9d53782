import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { looping } from '../past/flapd-service.ts';
import { buildFolder, packages, whyNotBuilt } from './built.ts';

/** The minimal roots of other releases have Node, but no npm. */
const hasNpm =
  ['host', 'bookworm', '/', undefined].includes(process.env['FLAPD_LAB_ROOT']) && existsSync('/usr/bin/npx');
const why = hasNpm ? whyNotBuilt(packages.npm) : 'there is no npx in the root';
if (why !== undefined) process.stderr.write(`skipped: ${why}\n`);

describe.skipIf(why !== undefined)(
  `the package for npm${why === undefined ? '' : ` (skipped: ${why})`}`,
  () => {
    describeLab(
      'on a machine that has Node and systemd, and no network',
      (given) => {
        it('is run by npx, and shows the loop there is', async () => {
          const { lab } = given;
          await lab.addUnits({ 'loop.service': looping(78) });
          await lab.systemctl('start', 'loop.service');
          const npx = ['npx', '--yes', `--package=/srv/packages/${packages.npm}`, 'flapd'];
          await expect
            .poll(async () =>
              Number(await lab.systemctl('show', '--property=NRestarts', '--value', 'loop.service')),
            )
            .toBeGreaterThanOrEqual(5);
          const { code, stdout, stderr } = await lab.exec([...npx, 'status']);
          expect(stderr).toBe('');
          expect(stdout).toMatch(/^loop\.service +looping +\d+ .*78\/CONFIG/m);
          expect(code).toBe(1);
        });
      },
      { binds: [{ from: buildFolder, to: '/srv/packages' }] },
    );
  },
);
