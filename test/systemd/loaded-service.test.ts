import { describe, expect, test } from 'vitest';
import { parseLoadedService } from '../../src/systemd/loaded-service.ts';

/** What systemd 257 says of a service without any setting of its own. */
const unit = {
  Id: 'a.service',
  LoadState: 'loaded',
  UnitFileState: 'static',
  Transient: false,
  FragmentPath: '/etc/systemd/system/a.service',
  DropInPaths: ['/run/systemd/system/a.service.d/90-flapd.conf'],
  NeedDaemonReload: false,
  ActiveState: 'activating',
  ActiveEnterTimestampMonotonic: 7_000_000,
  StartLimitAction: 'none',
  FailureAction: 'none',
  StartLimitIntervalUSec: 10_000_000,
  StartLimitBurst: 5,
  RequiredBy: ['b.service', 'multi-user.target'],
  RequisiteOf: ['b.service'],
  BoundBy: [],
};
const service = {
  Type: 'simple',
  Restart: 'on-failure',
  RestartUSec: 100_000,
  RestartSteps: 0,
  RestartMaxDelayUSec: Infinity,
  RestartMode: 'normal',
  RestartPreventExitStatus: [[78], [11]],
  RestartForceExitStatus: [[], []],
  SuccessExitStatus: [[], []],
  NRestarts: 3,
};

const parse = (
  change: { readonly unit?: object; readonly service?: object } = {},
  version = 257,
): ReturnType<typeof parseLoadedService> =>
  parseLoadedService({ ...unit, ...change.unit }, { ...service, ...change.service }, version);

describe('a loaded service', () => {
  test('is what systemd says of it', () => {
    expect(parse()).toEqual({
      unit: 'a.service',
      loadState: 'loaded',
      unitFileState: 'static',
      transient: false,
      fragmentPath: '/etc/systemd/system/a.service',
      dropInPaths: ['/run/systemd/system/a.service.d/90-flapd.conf'],
      needsReload: false,
      startLimitAction: 'none',
      failureAction: 'none',
      randomDelayMs: 0,
      nRestarts: 3,
      activeSinceMs: undefined,
      requiredBy: ['b.service', 'multi-user.target'],
      boundBy: [],
      settings: {
        type: 'simple',
        restart: 'on-failure',
        restartSecMs: 100,
        restartSteps: 0,
        restartMaxDelayMs: Infinity,
        restartMode: 'normal',
        preventExitStatus: { statuses: [78], signals: [11] },
        forceExitStatus: { statuses: [], signals: [] },
        successExitStatus: { statuses: [], signals: [] },
        startLimitIntervalMs: 10_000,
        startLimitBurst: 5,
        systemdVersion: 257,
      },
    });
  });

  test('has no settings where no unit file was read', () => {
    expect(parse({ unit: { LoadState: 'masked' }, service: { Type: '' } }).settings).toBeUndefined();
  });

  test('is active since it came up', () => {
    expect(parse({ unit: { ActiveState: 'active' } }).activeSinceMs).toBe(7000);
  });

  test('has no file where it was made by a generator that left none', () => {
    expect(parse({ unit: { FragmentPath: '' } }).fragmentPath).toBeUndefined();
  });

  test('has no growing delay before 254, whatever stands there', () => {
    const { RestartSteps: _, RestartMaxDelayUSec: __, RestartMode: ___, ...older } = service;
    expect(parseLoadedService(unit, older, 253).settings).toMatchObject({
      restartSteps: 0,
      restartMaxDelayMs: Infinity,
      restartMode: 'normal',
    });
  });

  test('has a random delay from 262 on', () => {
    expect(parse({ service: { RestartRandomizedDelayUSec: 5_000_000 } }, 262).randomDelayMs).toBe(5000);
  });

  const odd: readonly [change: { unit?: object; service?: object }, message: string, version?: number][] = [
    [{ service: { Restart: 'on-tuesday' } }, 'Restart of the unit: systemd says "on-tuesday"'],
    [{ service: { Type: 3 } }, 'Type of the unit: systemd says number'],
    [{ service: { RestartUSec: undefined } }, 'RestartUSec of the unit: systemd says nothing'],
    [{ service: { RestartSteps: undefined } }, 'RestartSteps of the unit: systemd says nothing'],
    [{ service: { RestartPreventExitStatus: [[1]] } }, 'RestartPreventExitStatus of the unit'],
    [{ service: { SuccessExitStatus: [['1'], []] } }, 'SuccessExitStatus of the unit'],
    [{ unit: { DropInPaths: [1] } }, 'DropInPaths of the unit'],
    [{ unit: { StartLimitBurst: '5' } }, 'StartLimitBurst of the unit: systemd says "5"'],
    [{}, 'RestartRandomizedDelayUSec of the unit: systemd says nothing', 262],
  ];
  test.each(odd)('%j is refused', (change, message, version) => {
    expect(() => parse(change, version)).toThrow(`Cannot read ${message}`);
  });
});
