import * as fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { Finding } from '../../src/core/lint/finding.ts';
import { planted, type Planted } from '../core/lint/planted.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { startUserManager } from '../lab/user-manager.ts';
import { flapdInLab, labNode, type Lab } from '../lab/lab.ts';

async function lint(
  lab: Pick<Lab, 'root' | 'exec'>,
  ...argv: readonly string[]
): Promise<readonly Finding[]> {
  const { code, stdout, stderr } = await lab.exec([labNode(lab.root), flapdInLab, 'lint', '--json', ...argv]);
  expect(stderr).toBe('');
  const findings = JSON.parse(stdout) as readonly Finding[];
  expect(code).toBe(findings.length > 0 ? 1 : 0);
  return findings;
}

/** What a fix as a drop-in mends; the others ask for a line to go. */
const mended = [
  'start-limit-out-of-reach',
  'start-limit-off',
  'burst-burned-at-once',
  'delay-does-not-grow',
  'prevent-misses-start-pre',
  'oneshot-restart',
  'watchdog-uncovered',
  'on-failure-skipped',
];

const servicesOf = (lab: Lab): Promise<string> =>
  lab.systemctl('list-units', '--all', '--plain', '--no-legend', '--type=service');

describeLab('flapd lint', (given) => {
  it('has nothing to say of what systemd and dbus bring, and loads nothing', async () => {
    const { lab } = given;
    const before = await servicesOf(lab);
    const findings = await lint(lab);
    expect(await servicesOf(lab)).toBe(before);
    // The machine's own root has more than a stock system.
    const { stdout } = await lab.exec(['dpkg', '-L', 'systemd', 'udev', 'dbus', 'util-linux', 'apt', 'dpkg']);
    const stock = new Set(stdout.split('\n').map((file) => file.replace(/^\/usr\/lib\//, '/lib/')));
    expect(stock.size).toBeGreaterThan(100);
    expect(findings.filter(({ file }) => stock.has(file.replace(/^\/usr\/lib\//, '/lib/')))).toEqual([]);
    if (lab.root !== '/') expect(findings).toEqual([]);
  });

  it('finds what is planted in a hundred services, and its fixes mend it', async () => {
    const { lab } = given;
    const services = fc.sample(planted(lab.systemdVersion, 'files'), { seed: 5, numRuns: 100 });
    const unitOf = (index: number): string => `planted${index}.service`;
    const files = services.flatMap(({ text, dropIns }, index): [string, string][] => [
      [unitOf(index), text],
      ...Object.entries(dropIns).map(([name, each]): [string, string] => [
        `${unitOf(index)}.d/${name}`,
        each,
      ]),
    ]);
    await lab.addUnits(Object.fromEntries(files));
    const findings = await lint(lab, ...services.map((_, index) => unitOf(index)));
    expect(idsByUnit(findings, services.length, unitOf)).toEqual(services.map(({ ids }: Planted) => ids));
    expect(new Set(findings.map(({ id }) => id)).size).toBeGreaterThanOrEqual(
      lab.systemdVersion < 254 ? 9 : 10,
    );

    const fixes = findings.filter(({ id, fix }) => mended.includes(id) && fix.startsWith('['));
    await lab.addUnits(
      Object.fromEntries(fixes.map(({ unit, id, fix }) => [`${unit}.d/90-${id}.conf`, fix])),
    );
    const left = await lint(lab, ...services.map((_, index) => unitOf(index)));
    // With a limit that trips OnFailure= fires in the end, if not at each failure.
    expect(left.filter(({ id, severity }) => mended.includes(id) && severity !== 'info')).toEqual([]);
    expect(left.filter(({ file }) => file.includes('/90-'))).toEqual([]);
  });

  it('knows what the services did', async () => {
    const { lab } = given;
    await lab.addUnits({
      'unready.service': '[Service]\nType=notify\nTimeoutStartSec=300ms\nExecStart=sleep infinity\n',
      'checked.service':
        '[Service]\nExecStartPre=/run/check\nExecStart=sleep infinity\nRestart=on-failure\nRestartSec=1\nRestartPreventExitStatus=42\n',
      'paced.service':
        '[Unit]\nStartLimitIntervalSec=1\n[Service]\nExecStart=sh -c "sleep 0.4; exit 1"\nRestart=always\n',
      'template@.service': '[Service]\nExecStart=sleep infinity\nStartLimitIntervalSec=9\n',
    });
    await lab.writeFile('/run/check', '#!/bin/sh\nexit 42\n');
    await lab.systemctl('start', '--no-block', 'unready', 'checked', 'paced', 'template@1', 'template@2');
    await vi.waitFor(
      async () => {
        const shown = await lab.systemctl('show', '--property=NRestarts,Result', 'paced', 'unready');
        expect(shown).toMatch(/NRestarts=([7-9]|\d\d)/);
        expect(shown).toContain('Result=timeout');
      },
      { timeout: 40_000, interval: 300 },
    );
    await lab.systemctl('stop', 'checked', 'paced');
    const findings = await lint(lab, 'checked', 'paced', 'template@1', 'template@2', 'template@', 'unready');
    expect(findings.map(({ unit, id, line }) => [unit, id, line])).toEqual([
      ['checked.service', 'prevent-misses-start-pre', 6],
      ['paced.service', 'start-limit-out-of-reach', 2],
      ['template@.service', 'wrong-section', 3],
      ['unready.service', 'never-ready', 2],
    ]);
    expect(findings[0]?.message).toMatch(
      /ExecStartPre= ended with it (once|\d+ times), the main process never/,
    );
    expect(findings[1]?.message).toMatch(/did not trip when it looped: \d+ restarts, one each /);
  });

  it("looks at the units of a user's own manager", async () => {
    const manager = await startUserManager(given.lab);
    await manager.addUnits({
      'mine.service': '[Service]\nExecStart=true\nNoSuchKey=1\nStartLimitIntervalSec=1\n',
    });
    const findings = await lint({ root: given.lab.root, exec: manager.exec }, '--user', 'mine');
    expect(findings.map(({ id, line }) => [id, line])).toEqual([
      ['ignored-line', 3],
      ['wrong-section', 4],
    ]);
  });

  it('says so where there is no such service, and what to type instead', async () => {
    const { lab } = given;
    const { code, stderr } = await lab.exec([labNode(lab.root), flapdInLab, 'lint', 'no-such']);
    expect([code, stderr]).toEqual([
      2,
      'flapd: Cannot lint "no-such.service": it is not installed; expected a service with a unit file.\nTry: systemctl list-unit-files --type=service\n',
    ]);
  });
});

function idsByUnit(
  findings: readonly Finding[],
  count: number,
  unitOf: (index: number) => string,
): readonly (readonly string[])[] {
  return Array.from({ length: count }, (_, index) =>
    findings
      .filter(({ unit }) => unit === unitOf(index))
      .map(({ id }) => id)
      .sort(),
  );
}
