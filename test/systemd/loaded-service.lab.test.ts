import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { LoadedService } from '../../src/core/systemd/loaded-service.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { labNode } from '../lab/lab.ts';
import { bundleProgram } from './bus-bundle.ts';

/** Prints what flapd reads of each unit named; JSON knows no Infinity. */
const source = `
  const { Manager } = await import('./manager.ts');
  const bus = await connectBus('unix:path=/run/dbus/system_bus_socket');
  const manager = new Manager(bus);
  const version = Number.parseInt(await manager.version(), 10);
  const read = [];
  for (const unit of process.argv.slice(2)) read.push(await manager.loadedService(unit, version));
  console.log(JSON.stringify(read, (_, value) => value === Infinity ? 'infinity' : value));
  await bus.close();`;

const ever = 'infinity';

describeLab('what systemd has loaded', (given) => {
  it('is read as it stands in the unit files', async () => {
    const { lab } = given;
    await lab.addUnits({
      'plain.service': '[Service]\nExecStart=sleep infinity\n',
      'plain.service.d/20.conf':
        '[Unit]\nStartLimitIntervalSec=2min\nStartLimitBurst=7\nStartLimitAction=reboot\nFailureAction=poweroff\n',
      'plain.service.d/30.conf':
        '[Service]\nType=exec\nRestart=on-abnormal\nRestartSec=infinity\nRestartPreventExitStatus=1 CONFIG SIGSEGV\n' +
        'RestartForceExitStatus=75\nSuccessExitStatus=SIGKILL 143\n',
      'grows.service':
        '[Service]\nExecStart=sleep infinity\nRestart=always\nRestartSec=2\nRestartSteps=4\nRestartMaxDelaySec=1min\nRestartMode=direct\n',
      'needs.service':
        '[Unit]\nRequires=plain.service\nBindsTo=grows.service\n[Service]\nExecStart=sleep infinity\n',
    });
    await lab.systemctl('mask', '--runtime', 'masked.service');
    // systemd knows of what is loaded only, that it needs them.
    await lab.systemctl('start', 'needs.service');

    const program = await bundleProgram(source);
    await lab.writeFile('/run/program.cjs', await readFile(program.file)).finally(() => program.remove());
    const names = ['plain', 'grows', 'no-such', 'masked', 'dbus'].map((name) => `${name}.service`);
    const { stdout, stderr } = await lab.exec([labNode(lab.root), '/run/program.cjs', ...names]);
    expect(stderr).toBe('');
    const [plain, grows, none, masked, dbus]: readonly LoadedService[] = JSON.parse(stdout);

    const since254 = lab.systemdVersion >= 254;
    expect(plain).toMatchObject({
      unit: 'plain.service',
      loadState: 'loaded',
      transient: false,
      fragmentPath: '/run/systemd/system/plain.service',
      dropInPaths: ['20', '30'].map((name) => `/run/systemd/system/plain.service.d/${name}.conf`),
      startLimitAction: 'reboot',
      failureAction: 'poweroff',
      randomDelayMs: 0,
      requiredBy: ['needs.service'],
      boundBy: [],
      settings: {
        type: 'exec',
        restart: 'on-abnormal',
        restartSecMs: ever,
        restartSteps: 0,
        restartMaxDelayMs: ever,
        restartMode: 'normal',
        preventExitStatus: { statuses: [1, 78], signals: [11] },
        forceExitStatus: { statuses: [75], signals: [] },
        successExitStatus: { statuses: [143], signals: [9] },
        startLimitIntervalMs: 120_000,
        startLimitBurst: 7,
        systemdVersion: lab.systemdVersion,
      },
    });
    expect(grows).toMatchObject({
      requiredBy: [],
      boundBy: ['needs.service'],
      settings: {
        type: 'simple',
        restart: 'always',
        restartSecMs: 2000,
        restartSteps: since254 ? 4 : 0,
        restartMaxDelayMs: since254 ? 60_000 : ever,
        restartMode: since254 ? 'direct' : 'normal',
        preventExitStatus: { statuses: [], signals: [] },
        startLimitIntervalMs: 10_000,
        startLimitBurst: 5,
      },
    });
    expect(none).toMatchObject({ loadState: 'not-found', unitFileState: '' });
    expect(none?.fragmentPath).toBeUndefined();
    expect(masked).toMatchObject({ loadState: 'masked', unitFileState: expect.stringContaining('masked') });
    expect([none?.settings, masked?.settings]).toEqual([undefined, undefined]);
    expect(dbus).toMatchObject({ loadState: 'loaded', startLimitAction: 'none' });
  });
});
