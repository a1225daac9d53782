import { expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { flapdInLab, labNode } from '../lab/lab.ts';

const slow = '[Service]\nExecStart=sleep infinity\nRestart=always\nRestartSec=10\n';

const files = {
  '/etc/systemd/system/slow.service': slow,
  '/etc/systemd/system/quick.service': slow.replace('RestartSec=10', 'RestartSec=100ms'),
  '/etc/systemd/system/never.service': slow.replace('Restart=always', 'Restart=no'),
  '/etc/systemd/system/others.service': slow,
  '/etc/flapd/policies.d/10.yaml':
    'policies:\n  - match: [slow, quick, never]\n    loop: [{ restarts: 5, within: 1s }]\n',
};

describeLab(
  'flapd check beside a running systemd',
  (given) => {
    it('tells of the rules that RestartSec= makes impossible, for the units they are meant for', async () => {
      const { lab } = given;
      await lab.systemctl('start', 'slow', 'quick', 'never', 'others');
      const { stdout } = await lab.exec([labNode(lab.root), flapdInLab, 'check', '--json']);
      expect(JSON.parse(stdout)).toMatchObject({
        problems: [
          {
            id: 'rule-too-fast-for-unit',
            severity: 'warning',
            unit: 'slow.service',
            file: '/etc/flapd/policies.d/10.yaml',
            line: 3,
            message: expect.stringContaining('systemd waits 10s before each restart of it'),
          },
        ],
      });
    });
  },
  { files },
);
