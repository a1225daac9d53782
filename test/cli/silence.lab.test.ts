import { expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { flapdInLab, labNode } from '../lab/lab.ts';

const known = '[Service]\nExecStart=sleep infinity\n[Install]\nAlias=alias.service\n';

describeLab('flapd silence, where systemd answers', (given) => {
  const flapd = async (...argv: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
    given.lab.exec([labNode(given.lab.root), flapdInLab, ...argv]);
  const listed = async (): Promise<readonly string[]> => {
    const { stdout } = await flapd('silence', '--json');
    return (JSON.parse(stdout) as readonly { unit: string }[]).map(({ unit }) => unit);
  };

  it('takes an alias for the unit that it names, and a name that is to come as it is', async () => {
    await given.lab.addUnits({ 'known.service': known });
    await given.lab.systemctl('enable', 'known.service');
    const { stdout, stderr } = await flapd('silence', 'alias', 'known', 'tocome', 'web@*', '--for', '2h');
    expect(stdout.match(/^\S+ is silenced for 2h, until /gm)).toEqual([
      'known.service is silenced for 2h, until ',
      'tocome.service is silenced for 2h, until ',
      'web@*.service is silenced for 2h, until ',
    ]);
    expect(stderr).toBe('flapd: systemd knows no tocome.service now; it is silenced should it come.\n');
    expect(await listed()).toEqual(['known.service', 'tocome.service', 'web@*.service']);
    expect((await flapd('unsilence', 'alias')).stdout).toBe('known.service is no longer silenced.\n');
    expect(await listed()).toEqual(['tocome.service', 'web@*.service']);
  });
});
