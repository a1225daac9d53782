import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { labNode, type Lab } from '../lab/lab.ts';
import { bundleProgram } from './bus-bundle.ts';

/**
 * Of each unit: whether it is loaded before and after flapd has looked for its files, which they are by flapd and by
 * systemd, and what they come to. Asking systemd loads the unit, so that comes last.
 */
const source = `
  const { Manager } = await import('./manager.ts');
  const { readUnitFiles, unitDirectoriesOf } = await import('./unit-files.ts');
  const { findUnitFiles } = await import('../core/systemd/unit-search.ts');
  const { unitSettings } = await import('../core/systemd/unit-settings.ts');
  const { restartSettingsIn } = await import('../core/systemd/file-restart-settings.ts');
  const bus = await connectBus('unix:path=/run/dbus/system_bus_socket');
  const manager = new Manager(bus);
  const version = Number.parseInt(await manager.version(), 10);
  const defaults = await manager.restartDefaults();
  const directories = await unitDirectoriesOf(manager);
  const read = [];
  const listed = await manager.listServices();
  for (const unit of process.argv.length > 2 ? process.argv.slice(2) : listed.map((each) => each.unit)) {
    const files = await readUnitFiles(manager, unit, directories);
    const stillLoaded = (await manager.loadedFiles(unit)) !== undefined;
    const byFlapd = findUnitFiles(directories, unit);
    const settings = restartSettingsIn(unitSettings(files.files, version), defaults, version);
    const service = await manager.loadedService(unit, version);
    const bySystemd = { unit: service.unit, fragment: service.fragmentPath, masked: service.loadState === 'masked', dropIns: service.loadState === 'masked' ? [] : service.dropInPaths };
    read.push({ unit, loaded: files.loaded, stillLoaded, unread: files.unread, byFlapd, bySystemd, settings, loadedSettings: service.settings, loadState: service.loadState });
  }
  console.log(JSON.stringify(read, (_, value) => value === Infinity ? 'infinity' : value));
  await bus.close();`;

interface Looked {
  readonly unit: string;
  readonly loaded: boolean;
  readonly stillLoaded: boolean;
  readonly unread: readonly unknown[];
  readonly byFlapd: unknown;
  readonly bySystemd: unknown;
  readonly settings: unknown;
  readonly loadedSettings: unknown;
  readonly loadState: string;
}

async function look(lab: Lab, units: readonly string[]): Promise<readonly Looked[]> {
  const program = await bundleProgram(source);
  await lab.writeFile('/run/program.cjs', await readFile(program.file)).finally(() => program.remove());
  const { stdout, stderr } = await lab.exec([labNode(lab.root), '/run/program.cjs', ...units]);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as readonly Looked[];
}

const run = '[Service]\nExecStart=sleep infinity\n';
const drop = '[Service]\nRestart=on-failure\n';

/** Files below /, of every kind that decides which drop-ins a unit has. */
const layout: Readonly<Record<string, string>> = {
  '/run/systemd/system/foo-bar-baz.service': run,
  '/run/systemd/system/foo-bar-baz.service.d/50-b.conf': drop,
  '/run/systemd/system/foo-bar-.service.d/40-a.conf': drop,
  '/run/systemd/system/foo-.service.d/60-c.conf': drop,
  '/run/systemd/system/foo-.service.d/50-b.conf': drop,
  '/etc/systemd/system/foo-.service.d/70-d.conf': drop,
  '/run/systemd/system/foo-bar-baz.service.d/70-d.conf': drop,
  '/run/systemd/system/foo-bar-baz.service.d/Z.conf': drop,
  '/run/systemd/system/foo-bar-baz.service.d/.hidden.conf': drop,
  '/run/systemd/system/foo-bar-baz.service.d/no.txt': drop,
  '/run/systemd/system/foo-bar-baz.service.d/95-empty.conf': '',
  '/run/systemd/system/service.d/10-all.conf': '[Unit]\nStartLimitBurst=6\n',
  '/etc/systemd/system/service.d/60-c.conf': '[Unit]\nStartLimitBurst=6\n',
  '/run/systemd/system/foo-bar@.service': run,
  '/run/systemd/system/foo-bar@.service.d/31.conf': drop,
  '/run/systemd/system/foo-bar@x.service.d/30.conf': drop,
  '/run/systemd/system/foo-bar@x.service.d/31.conf': drop,
  '/run/systemd/system/foo-@.service.d/32.conf': drop,
  '/run/systemd/system/foo-@x.service.d/33.conf': drop,
  '/run/systemd/system/foo@.service.d/34.conf': drop,
  '/run/systemd/system/dash-.service': run,
  '/run/systemd/system/dash-.service.d/1.conf': drop,
  '/run/systemd/system/two--dashes.service': run,
  '/run/systemd/system/two-.service.d/1.conf': drop,
  '/run/systemd/system/twice.service': run,
  '/etc/systemd/system/twice.service': run,
  '/run/systemd/system/hidden.service': run,
  '/run/systemd/system/hidden.service.d/1.conf': drop,
  '/run/systemd/system/own.service': run,
  '/run/systemd/system/own.service.d/20.conf': drop,
  '/run/systemd/system/other-name.service.d/30.conf': drop,
  '/etc/systemd/system/third-name.service.d/20.conf': drop,
  '/run/systemd/system/only-drop.service.d/1.conf': drop,
  '/opt/linked.service': run,
  '/run/systemd/system/linked.service.d/1.conf': drop,
  '/run/systemd/system/tmpl@.service': run,
  '/run/systemd/system/also@.service.d/1.conf': drop,
  '/run/systemd/system/emptied.service': '',
  '/run/systemd/system/strange.service': `\ufeff[Unit]\r\nStartLimitInterval=3min\nStartLimitBurst=010\nStartLimitIntervalSec=abc
[Service]\nStartLimitBurst=7\nStartLimitIntervalSec=1\nRestart = always \nRestart=\nRestart=sometimes\nExecStart=sleep \\\n# no\n infinity
RestartSec=1min 5\nRestartSec=\nRestartSec="7"\nRestartSec=-1\n[X-Own]\nRestart=no\n[Service]
RestartPreventExitStatus=1 2\nRestartPreventExitStatus=\nRestartPreventExitStatus=3 0x10 1-5 TERM sigkill SIGKILL CONFIG RTMIN+2
RestartForceExitStatus=nonsense\nSuccessExitStatus=255 300 TEMPFAIL\nRestartSteps=5\nRestartMaxDelaySec=1h\nRestartMode=direct\n[Unit]\nRestart=no\n`,
  '/run/systemd/system/by-bus.service':
    '[Service]\nBusName=org.example.Flapd\nExecStart=sleep infinity\nRestartSec=0\n',
  '/run/systemd/system/no-start.service':
    '[Service]\nExecStart=sleep 1\nExecStart=\nExecStop=true\nRemainAfterExit=yes\n',
};

const links = `
  ln -s /dev/null /etc/systemd/system/hidden.service
  ln -s own.service /run/systemd/system/other-name.service
  ln -s /run/systemd/system/other-name.service /etc/systemd/system/third-name.service
  ln -s /opt/linked.service /etc/systemd/system/linked.service
  ln -s tmpl@.service /run/systemd/system/also@.service
  ln -s /dev/null /run/systemd/system/foo-bar-baz.service.d/20-masked.conf
  ln -s /opt/no-such.conf /run/systemd/system/foo-bar-baz.service.d/21-dangling.conf
  mkdir -p /opt/more.d && echo '[Service]' >/opt/more.d/80-more.conf && ln -s /opt/more.d /run/systemd/system/twice.service.d
  systemctl daemon-reload`;

const units = [
  'foo-bar-baz',
  'foo-bar@x',
  'foo-bar@y',
  'dash-',
  'two--dashes',
  'twice',
  'hidden',
  'own',
  'other-name',
  'third-name',
  'only-drop',
  'linked',
  'tmpl@1',
  'also@1',
  'emptied',
  'strange',
  'by-bus',
  'no-start',
  'no-such',
].map((name) => `${name}.service`);

/** What may stand in a unit file, and what may not, in any order; at the end what lets systemd load most of them. */
const anyUnitText: fc.Arbitrary<string> = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        ...[
          '[Unit]',
          '[Service]',
          ' [Service] ',
          '[X-Own]',
          '[Other]',
          '[Install]',
          '# [Unit]',
          '; x=1',
          '',
          ' ',
          'nothing',
          '=1',
        ],
        ...[
          'RestartSec',
          'StartLimitIntervalSec',
          'StartLimitInterval',
          'StartLimitBurst',
          'Restart',
          'Type',
          'BusName',
        ].flatMap((name) =>
          [
            '=',
            '=5',
            '=1min 30',
            '= 0x1f ',
            '=always',
            '=on-failure',
            '=a.b',
            '=infinity',
            '=-1',
            '=010',
            '\t=7',
          ].map((value) => name + value),
        ),
        ...['RestartPreventExitStatus', 'RestartForceExitStatus', 'SuccessExitStatus'].flatMap((name) =>
          ['=', '=1 2', '=SIGKILL TERM', '=CONFIG foo', '=256', '=0'].map((value) => name + value),
        ),
        ...[
          'RestartSteps=3',
          'RestartSteps=',
          'RestartMaxDelaySec=1h',
          'RestartMode=direct',
          'RestartMode=',
          'WatchdogSec=3',
        ],
        ...[
          'ExecStart=sleep 1',
          'ExecStart=',
          'RestartSec\\\n=9',
          'RestartSec=\\\n# comment\n 8',
          'RestartSec=4\\',
          'Restart=\\\\',
        ],
      ),
      fc.constantFrom('\n', '\n', '\r\n', '\n\r', '\r', '\n\n'),
    ),
    { maxLength: 14 },
  )
  .map(
    (lines) =>
      `${lines.map((line) => line.join('')).join('')}\n\n[Service]\nType=exec\nExecStart=sleep infinity\n`,
  );

describeLab('the files of a unit', (given) => {
  it('are those that systemd reads, and come to what it says, though nothing was loaded', async () => {
    const { lab } = given;
    for (const [file, text] of Object.entries(layout)) await lab.writeFile(file, text);
    const { stderr } = await lab.exec(['sh', '-c', links]);
    expect(stderr).toBe('');
    const looked = await look(lab, units);
    for (const each of looked) {
      expect(each).toMatchObject({ unread: [], stillLoaded: each.loaded });
      // An alias may still be loaded with the unit that it stands for, of which systemd was asked before.
      if (!each.unit.includes('-name')) expect(each).toMatchObject({ loaded: false });
      expect([each.unit, each.byFlapd]).toEqual([each.unit, each.bySystemd]);
      if (each.loadedSettings !== undefined)
        expect([each.unit, each.settings]).toEqual([each.unit, each.loadedSettings]);
    }
    const strange = looked.find(({ unit }) => unit === 'strange.service');
    expect(strange?.settings).toMatchObject({
      restart: 'always',
      restartSecMs: 65_000,
      startLimitIntervalMs: 180_000,
      // By service.d/60-c.conf, which is every service's.
      startLimitBurst: 6,
    });
  });

  it('come to what systemd says of any text at all', async () => {
    const { lab } = given;
    const texts = fc.sample(anyUnitText, { seed: 5, numRuns: 150 });
    const names = texts.map((_, index) => `any${index}.service`);
    await lab.addUnits(Object.fromEntries(names.map((name, index) => [name, texts[index] ?? ''])));
    const looked = (await look(lab, names)).filter(({ loadState }) => loadState === 'loaded');
    expect(looked.length).toBeGreaterThan(50);
    for (const { unit, settings, loadedSettings } of looked) {
      const text = texts[names.indexOf(unit)];
      expect([text, settings]).toEqual([text, loadedSettings]);
    }
  });

  it('are found for everything that is loaded', async () => {
    const looked = await look(given.lab, []);
    expect(looked.length).toBeGreaterThan(5);
    for (const each of looked.filter(({ loadState }) => loadState === 'loaded')) {
      expect(each).toMatchObject({ unread: [], loaded: true, stillLoaded: true });
      expect([each.unit, each.byFlapd]).toEqual([each.unit, each.bySystemd]);
      expect([each.unit, each.settings]).toEqual([each.unit, each.loadedSettings]);
    }
  });
});
