import { describe, expect, it } from 'vitest';
import { restartSettingsIn } from '../../../src/core/systemd/file-restart-settings.ts';
import { parseUnitFile } from '../../../src/core/systemd/unit-file.ts';
import { inForceOf, unitSettings, valueOf, type Setting } from '../../../src/core/systemd/unit-settings.ts';

/** Of files that are named by their position: `a`, `b`, … */
function settingsOf(texts: readonly string[], version = 257): readonly Setting[] {
  const files = texts.map((text, index) => ({ file: 'abcdef'.charAt(index), ...parseUnitFile(text) }));
  return unitSettings(files, version);
}

/** `a:2 RestartSec=1 overridden by b:2` */
function told(settings: readonly Setting[]): readonly string[] {
  return settings.map(({ file, line, directive, value, standing }) => {
    const by = standing.kind === 'overridden' ? ` by ${standing.by.file}:${standing.by.line}` : '';
    return `${file}:${line} ${directive}=${value} ${standing.kind}${by}`;
  });
}

describe('unitSettings', () => {
  it.each<readonly [what: string, texts: readonly string[], told: readonly string[]]>([
    [
      'lets the last of several values count',
      ['[Service]\nRestartSec=1\nRestartSec=2', '[Service]\nRestartSec=3'],
      [
        'a:2 RestartSec=1 overridden by a:3',
        'a:3 RestartSec=2 overridden by b:2',
        'b:2 RestartSec=3 in-force',
      ],
    ],
    [
      'passes over what systemd can not read',
      ['[Service]\nRestartSec=1\nRestartSec=\nRestartSec=soon\nRestart=Always'],
      [
        'a:2 RestartSec=1 in-force',
        'a:3 RestartSec= ignored',
        'a:4 RestartSec=soon ignored',
        'a:5 Restart=Always ignored',
      ],
    ],
    [
      'adds lists up, until an empty one',
      [
        '[Service]\nSuccessExitStatus=1\nSuccessExitStatus=2',
        '[Service]\nSuccessExitStatus=\nSuccessExitStatus=3',
      ],
      [
        'a:2 SuccessExitStatus=1 overridden by b:2',
        'a:3 SuccessExitStatus=2 overridden by b:2',
        'b:2 SuccessExitStatus= in-force',
        'b:3 SuccessExitStatus=3 in-force',
      ],
    ],
    [
      'lets no empty one take dependencies back',
      ['[Unit]\nOnFailure=a.service\nOnFailure='],
      ['a:2 OnFailure=a.service in-force', 'a:3 OnFailure= in-force'],
    ],
    [
      'takes old names for what they are',
      ['[Service]\nStartLimitInterval=1min', '[Unit]\nStartLimitIntervalSec=2min'],
      ['a:2 StartLimitInterval=1min overridden by b:2', 'b:2 StartLimitIntervalSec=2min in-force'],
    ],
    [
      'ignores what stands in a wrong section',
      [
        '[Unit]\nRestart=always\n[Service]\nStartLimitIntervalSec=1\nOnFailure=a.service\n[X-Own]\nRestart=no',
      ],
      [
        'a:2 Restart=always ignored',
        'a:4 StartLimitIntervalSec=1 ignored',
        'a:5 OnFailure=a.service in-force',
        'a:7 Restart=no ignored',
      ],
    ],
    [
      'never says of what it does not know that it is overridden',
      ['[Service]\nUser=a\nUser=b\nEnvironment=A=1\nEnvironment='],
      [
        'a:2 User=a in-force',
        'a:3 User=b in-force',
        'a:4 Environment=A=1 overridden by a:5',
        'a:5 Environment= in-force',
      ],
    ],
  ])('%s', (_, texts, expected) => {
    expect(told(settingsOf(texts))).toEqual(expected);
  });

  it.each([
    [252, 'RestartSteps=3', 'ignored'],
    [254, 'RestartSteps=3', 'in-force'],
    [256, 'RestartMode=debug', 'ignored'],
    [257, 'RestartMode=debug', 'in-force'],
    [252, 'Type=notify-reload', 'ignored'],
    [253, 'Type=notify-reload', 'in-force'],
    [261, 'RestartRandomizedDelaySec=1', 'ignored'],
    [262, 'RestartRandomizedDelaySec=1', 'in-force'],
  ])('knows what %i knows: %s is %s', (version, line, standing) => {
    expect(settingsOf([`[Service]\n${line}`], version)[0]?.standing.kind).toBe(standing);
  });

  it('finds what is in force by any of its names', () => {
    const settings = settingsOf(['[Service]\nStartLimitBurst=3\n[Unit]\nOnFailure=a\nOnFailure=b']);
    expect(valueOf(settings, 'Unit', 'StartLimitBurst')?.value).toBe('3');
    expect(valueOf(settings, 'Unit', 'StartLimitAction')).toBeUndefined();
    expect(inForceOf(settings, 'Unit', 'OnFailure').map(({ value }) => value)).toEqual(['a', 'b']);
  });
});

describe('restartSettingsIn', () => {
  const defaults = { restartSecMs: 100, startLimitIntervalMs: 10_000, startLimitBurst: 5 };

  it.each([
    ['[Service]\nType=exec', 'exec'],
    ['[Service]\nExecStart=a', 'simple'],
    ['[Service]\nExecStart=a\nExecStart=', 'oneshot'],
    ['[Service]\nExecStop=a', 'oneshot'],
    ['[Service]\nBusName=a.b\nExecStart=a', 'dbus'],
  ])('of %j has the type %s', (text, type) => {
    expect(restartSettingsIn(settingsOf([text]), defaults, 257).type).toBe(type);
  });

  it("keeps to the manager's defaults, and to what the version knows", () => {
    const texts = ['[Service]\nRestartSteps=3\nRestartMaxDelaySec=9\nRestartSec=infinity'];
    expect(restartSettingsIn(settingsOf(texts, 252), defaults, 252)).toMatchObject({
      ...defaults,
      restart: 'no',
      restartSecMs: Infinity,
      restartSteps: 0,
      restartMaxDelayMs: Infinity,
      restartMode: 'normal',
    });
    expect(restartSettingsIn(settingsOf(texts), defaults, 257)).toMatchObject({
      restartSteps: 3,
      restartMaxDelayMs: 9000,
    });
  });
});
