import { describe, expect, it } from 'vitest';
import {
  dropInNames,
  findUnitFiles,
  hasSocketNamed,
  installedServices,
  type UnitDirectory,
  type UnitEntry,
} from '../../../src/core/systemd/unit-search.ts';

/** What systemd itself finds is compared with in test/systemd/unit-files.lab.test.ts; here are the corners of it. */
function directory(
  path: string,
  units: Readonly<Record<string, 'file' | 'masked' | `-> ${string}`>>,
  dropIns: Readonly<Record<string, readonly string[]>> = {},
): UnitDirectory {
  const entryOf = (text: string): UnitEntry =>
    text.startsWith('-> ')
      ? { kind: 'alias', target: text.slice(3) }
      : { kind: text === 'masked' ? 'masked' : 'file' };
  return {
    path,
    units: new Map(Object.entries(units).map(([name, text]) => [name, entryOf(text)])),
    dropIns: new Map(
      Object.entries(dropIns).map(([folder, files]) => [
        folder,
        files.map((file) => `${path}/${folder}/${file}`),
      ]),
    ),
  };
}

describe('findUnitFiles', () => {
  it('takes the first folder that has the unit, and merges drop-ins by name', () => {
    const directories = [
      directory(
        '/etc',
        {},
        { 'a.service.d': ['20.conf'], 'a-.service.d': ['30.conf'], 'service.d': ['30.conf'] },
      ),
      directory(
        '/usr',
        { 'a.service': 'file' },
        { 'a.service.d': ['10.conf', '20.conf', 'A.conf'], 'service.d': ['5.conf'] },
      ),
    ];
    expect(findUnitFiles(directories, 'a.service')).toEqual({
      unit: 'a.service',
      fragment: '/usr/a.service',
      masked: false,
      dropIns: [
        '/usr/a.service.d/10.conf',
        '/etc/a.service.d/20.conf',
        '/etc/service.d/30.conf',
        '/usr/service.d/5.conf',
        '/usr/a.service.d/A.conf',
      ],
    });
  });

  it('follows aliases, of templates too, and takes the drop-ins of each name', () => {
    const directories = [
      directory(
        '/etc',
        { 'b.service': '-> a.service', 'n@.service': '-> m@.service' },
        { 'b.service.d': ['1.conf'], 'n@x.service.d': ['1.conf'] },
      ),
      directory('/usr', { 'a.service': 'file', 'm@.service': 'file' }, { 'a.service.d': ['1.conf'] }),
    ];
    for (const name of ['a.service', 'b.service'])
      expect(findUnitFiles(directories, name)).toMatchObject({
        unit: 'a.service',
        dropIns: ['/usr/a.service.d/1.conf'],
      });
    expect(findUnitFiles(directories, 'n@x.service')).toMatchObject({
      unit: 'm@x.service',
      fragment: '/usr/m@.service',
      dropIns: ['/etc/n@x.service.d/1.conf'],
    });
  });

  it.each<readonly [string, UnitDirectory[]]>([
    ['that is not there', [directory('/etc', {}, { 'a.service.d': ['1.conf'] })]],
    ['whose alias leads nowhere', [directory('/etc', { 'a.service': '-> b.service' })]],
    [
      'whose aliases go round',
      [directory('/etc', { 'a.service': '-> b.service', 'b.service': '-> a.service' })],
    ],
  ])('finds nothing of one %s', (_, directories) => {
    expect(findUnitFiles(directories, 'a.service')).toMatchObject({
      fragment: undefined,
      masked: false,
      dropIns: [],
    });
  });

  it('knows what is masked, and what is installed', () => {
    const directories = [
      directory('/etc', { 'a.service': 'masked', 'c.service': '-> b.service' }),
      directory('/usr', { 'a.service': 'file', 'b.service': 'file', 't@.service': 'file' }),
    ];
    expect(findUnitFiles(directories, 'a.service')).toMatchObject({
      fragment: '/etc/a.service',
      masked: true,
    });
    expect(installedServices(directories)).toEqual(['b.service', 't@.service']);
  });
});

it('knows of the socket that starts a service', () => {
  const directories = [
    directory('/etc', { 'masked.socket': 'masked' }),
    directory('/usr', { 'a.socket': 'file', 'b@.socket': 'file', 'masked.socket': 'file' }),
  ];
  const withSocket = ['a', 'a@', 'a@x', 'b@', 'b@x', 'b', 'masked', 'c'].filter((name) =>
    hasSocketNamed(directories, `${name}.service`),
  );
  expect(withSocket).toEqual(['a', 'a@', 'a@x', 'b@', 'b@x']);
});

it.each([
  ['a.service', 'a.service'],
  ['a-b-c.service', 'a-b-c.service a-b-.service a-.service'],
  ['a-b@x.service', 'a-b@x.service a-b@.service a-.service a-@x.service a-@.service'],
  ['a-b@.service', 'a-b@.service a-.service'],
  ['a-.service', 'a-.service'],
  ['-a.service', '-a.service'],
  ['a--b.service', 'a--b.service a--.service a-.service'],
])('%s has the drop-ins of %s', (name, names) => {
  expect(dropInNames(name).join(' ')).toBe(names);
});
