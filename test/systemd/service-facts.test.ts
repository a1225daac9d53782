import { describe, expect, test } from 'vitest';
import { parseServiceFacts } from '../../src/systemd/service-facts.ts';

/** As GetAll gives them: UINT64_MAX is a double. */
const infinity = 2 ** 64;
const usual = {
  Type: 'simple',
  User: '',
  Group: '',
  SupplementaryGroups: [],
  DynamicUser: false,
  PrivateNetwork: false,
  NetworkNamespacePath: '',
  WorkingDirectory: '',
  RootDirectory: '',
  RootImage: '',
  ExecStart: [['/bin/sh', ['sh', '-c', 'exit 1'], false, 0, 0, 0, 0, 0, 0, 0]],
  Environment: ['A=1', 'B=x=y'],
  EnvironmentFiles: [['/etc/default/app', true]],
  ProtectHome: 'no',
  ProtectSystem: 'no',
  PrivateTmp: false,
  CapabilityBoundingSet: 2 ** 41 - 1,
  AmbientCapabilities: 0,
  LimitNOFILESoft: 1024,
  MemoryMax: infinity,
  TimeoutStartUSec: 90_000_000,
  WatchdogUSec: 0,
};

test('what a usual service has', () => {
  expect(parseServiceFacts(usual, ['0.0.0.0:80'])).toMatchObject({
    commands: [{ setting: 'ExecStart', argv: ['/bin/sh', '-c', 'exit 1'] }],
    environment: { A: '1', B: 'x=y' },
    environmentFiles: ['/etc/default/app'],
    openFilesSoft: 1024,
    timeoutStartSeconds: 90,
    mayBindLowPorts: false,
    rootReadsAll: true,
    sockets: ['0.0.0.0:80'],
  });
  expect(parseServiceFacts(usual, [])).not.toHaveProperty('memoryMaxBytes');
  expect(parseServiceFacts(usual, [])).not.toHaveProperty('watchdogSeconds');
});

describe('capabilities', () => {
  test.each([
    ['all, on a kernel with more than there are names for', { CapabilityBoundingSet: infinity }, true, false],
    ['none', { CapabilityBoundingSet: 0 }, false, false],
    ['all but CAP_DAC_OVERRIDE', { CapabilityBoundingSet: 2 ** 41 - 1 - 2 }, false, false],
    ['CAP_NET_BIND_SERVICE as an ambient one', { AmbientCapabilities: 2 ** 10 }, true, true],
    ['CAP_NET_RAW as an ambient one', { AmbientCapabilities: 2 ** 13 }, true, false],
  ])('%s', (_, more, rootReadsAll, mayBindLowPorts) => {
    expect(parseServiceFacts({ ...usual, ...more }, [])).toMatchObject({ rootReadsAll, mayBindLowPorts });
  });
});

test('what hides and write-protects', () => {
  const facts = parseServiceFacts(
    {
      ...usual,
      DynamicUser: true,
      ProtectSystem: 'strict',
      StateDirectory: ['app'],
      InaccessiblePaths: ['-/secret'],
      TemporaryFileSystem: [['/srv', 'ro']],
      ReadWritePaths: ['/data'],
    },
    [],
  );
  expect(facts.sandbox).toMatchObject({
    protectSystem: 'strict',
    privateTmp: true,
    inaccessiblePaths: ['-/secret'],
    temporaryFileSystem: ['/srv'],
    readWritePaths: ['/data', '/var/lib/app'],
  });
});

test('what an older systemd does not know, and what is no answer at all, is as if it were not set', () => {
  expect(parseServiceFacts({}, [])).toMatchObject({ commands: [], environment: {}, rootReadsAll: true });
  const odd = { ExecStart: [[1, 2], 'x', ['/bin/a', [7, 'b']]], Environment: 5, MemoryMax: '1G' };
  expect(parseServiceFacts(odd, []).commands).toEqual([{ setting: 'ExecStart', argv: ['/bin/a'] }]);
});
