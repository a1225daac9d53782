import { expect, test } from 'vitest';
import { changesBefore } from '../../../src/core/evidence/change.ts';
import { packageChanges } from '../../../src/core/evidence/package-log.ts';
import { inZone } from '../../support/zone.ts';

const dpkg = `2026-11-24 12:00:00 startup archives unpack
2026-11-24 12:00:01 upgrade nginx:amd64 1.22.1-9 1.22.1-10
2026-11-24 12:00:01 status half-configured nginx:amd64 1.22.1-9
2026-11-24 13:00:00 install a:all <none> 1
2026-11-24 13:00:01 upgrade b:amd64 1 2
2026-11-24 13:00:02 remove c:amd64 1 <none>
2026-11-24 13:00:03 upgrade d:amd64 1 2
2026-11-24 13:00:04 upgrade e:amd64 1 2
nonsense
`;

inZone('UTC');

test('what dpkg did, by runs', () => {
  expect(packageChanges(dpkg)).toEqual([
    {
      at: '2026-11-24T12:00:01.000Z',
      kind: 'package',
      what: 'nginx was upgraded from 1.22.1-9 to 1.22.1-10',
    },
    {
      at: '2026-11-24T13:00:00.000Z',
      kind: 'package',
      what: 'a, b, c, d and 1 more were installed, upgraded or removed',
    },
  ]);
});

test('what rpm did', () => {
  const text = '2026-11-24T12:00:00+0000 SUBDEBUG Upgrade: nginx-1:1.22.1-9.fc40.x86_64\n';
  expect(packageChanges(text)).toEqual([
    { at: '2026-11-24T12:00:00.000Z', kind: 'package', what: 'nginx-1:1.22.1-9.fc40.x86_64 was upgraded' },
  ]);
});

test('changes of the day before the first failure, the latest first', () => {
  const first = Date.parse('2026-11-24T12:00:00Z');
  const change = (at: string) => ({ at, kind: 'config', what: at }) as const;
  const all = [
    '2026-11-24T11:00:00Z',
    '2026-11-24T12:00:01Z',
    '2026-11-24T12:00:10Z',
    '2026-11-23T11:59:59Z',
  ];
  expect(changesBefore(all.map(change), first).map(({ at }) => at)).toEqual([
    '2026-11-24T12:00:01Z',
    '2026-11-24T11:00:00Z',
  ]);
});
