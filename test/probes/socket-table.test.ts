import { expect, test } from 'vitest';
import { parseSocketHolders } from '../../src/probes/socket-holders.ts';
import { addressOf, listeningOn } from '../../src/probes/socket-table.ts';
import { unitOfCgroup } from '../../src/probes/unit-of-cgroup.ts';

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const row = (local: string, state: string, inode: number): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0`;

test('finds those that listen on the port, and no connection of it', () => {
  const text = [
    head,
    row('00000000:0050', '0A', 7),
    row('0100007F:0050', '01', 8),
    row('0100007F:0051', '0A', 9),
  ].join('\n');
  expect(listeningOn(text, 'tcp', 80)).toEqual([{ protocol: 'tcp', address: '0.0.0.0', port: 80, inode: 7 }]);
  expect(listeningOn(text, 'udp', 80)).toEqual([]);
  expect(listeningOn(row('0100007F:0035', '07', 3), 'udp', 53)).toMatchObject([{ address: '127.0.0.1' }]);
});

test.each([
  ['0100007F', '127.0.0.1'],
  ['00000000000000000000000000000000', '::'],
  ['00000000000000000000000001000000', '::1'],
  ['0000000000000000FFFF00000100007F', '127.0.0.1'],
  ['B80D0120000000000000000001000000', '2001:db8::1'],
])('%s is %s', (hex, address) => {
  expect(addressOf(hex)).toBe(address);
});

test('holders of sockets, as ss tells them', () => {
  const text = `LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=9,fd=6),("nginx",pid=8,fd=6)) cgroup:/system.slice/web.service
LISTEN 0 511 [::]:80 [::]:* cgroup:/system.slice/web6.service
UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:* cgroup:/system.slice/systemd-resolved.service
LISTEN 0 5 127.0.0.1:82 0.0.0.0:* users:(("x",pid=1,fd=3)) y",pid=7,fd=3)) cgroup:/user.slice/session-1.scope
LISTEN 0 5 *:81 *:* cgroup:unreachable:1
`;
  expect(Object.fromEntries(parseSocketHolders(text))).toEqual({
    '0.0.0.0': { pid: 8, unit: 'web.service' },
    '::': { pid: undefined, unit: 'web6.service' },
    '127.0.0.53': { pid: undefined, unit: 'systemd-resolved.service' },
    '127.0.0.1': { pid: 7, unit: 'session-1.scope' },
  });
});

test.each([
  ['0::/system.slice/web.service\n', 'web.service'],
  ['12:cpu:/x\n1:name=systemd:/system.slice/web.service/sub\n0::/\n', 'web.service'],
  ['0::/user.slice/user-1000.slice/user@1000.service/app.slice/app.service\n', 'app.service'],
  ['0::/user.slice/user-1000.slice/session-3.scope\n', 'session-3.scope'],
  ['0::/\n', undefined],
  ['0::/evil;rm.service\n', undefined],
])('%j is %s', (text, unit) => {
  expect(unitOfCgroup(text)).toBe(unit);
});
