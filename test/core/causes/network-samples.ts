import { exited, service } from '../../support/evidence.ts';
import type { LogSample } from './log-sample.ts';

const nginx = {
  protocol: 'tcp',
  address: '0.0.0.0',
  port: 80,
  pid: 812,
  process: 'apache2',
  unit: 'apache2.service',
} as const;

export const addressInUse: readonly LogSample[] = [
  {
    who: 'nginx, against another unit',
    lines: [
      'nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)',
      'nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)',
      'nginx: [emerg] still could not bind()',
    ],
    id: 'address-in-use',
    state: 'confirmed',
    says: 'TCP port 80 is already in use: apache2 (PID 812) of apache2.service listens on it.',
    world: { listeners: [nginx] },
  },
  {
    who: 'apache, against another unit on one address',
    lines: [
      '(98)Address already in use: AH00072: make_sock: could not bind to address [::]:443',
      'no listening sockets available, shutting down',
      'AH00015: Unable to open logs',
    ],
    id: 'address-in-use',
    state: 'confirmed',
    says: /^TCP port 443 is already in use: haproxy \(PID 9\) of haproxy\.service listens on it/,
    world: {
      listeners: [
        {
          protocol: 'tcp',
          address: '10.0.0.1',
          port: 443,
          pid: 9,
          process: 'haproxy',
          unit: 'haproxy.service',
        },
      ],
    },
  },
  {
    who: 'sendmail, against itself',
    lines: [
      'NOQUEUE: SYSERR(root): opendaemonsocket: daemon MTA: cannot bind: Address already in use',
      'daemon MTA: problem creating SMTP socket',
      'NOQUEUE: SYSERR(root): opendaemonsocket: daemon MTA: server SMTP socket wedged: exiting',
    ],
    id: 'address-in-use',
    state: 'confirmed',
    says: 'The conflict over TCP port 25 is within app.service itself: nobody else listens on it, so its own configuration listens twice.',
    more: { exit: exited(71, 'OSERR') },
  },
  {
    who: 'the same, once: the holder may have gone',
    lines: ['daemon MTA: cannot bind: Address already in use'],
    id: 'address-in-use',
    state: 'likely',
    says: /^TCP port 25 was in use, but nobody listens on it now/,
    more: { alike: 1 },
  },
  {
    who: 'node, whose own leftover process holds the port',
    lines: [
      'Error: listen EADDRINUSE: address already in use :::3000',
      '    at Server.setupListenHandle [as _listen2] (node:net:1463:16)',
      '    at listenInCluster (node:net:1511:12)',
      'Node.js v20.11.0',
    ],
    id: 'address-in-use',
    state: 'confirmed',
    says: 'TCP port 3000 is already in use by app.service itself: its node (PID 44) listens on it.',
    world: {
      listeners: [
        { protocol: 'tcp', address: '::', port: 3000, pid: 44, process: 'node', unit: 'app.service' },
      ],
    },
  },
  {
    who: 'a Go program on udp, without the rights to see the holder',
    lines: ['2026/11/24 12:00:00 listen udp 127.0.0.1:53: bind: address already in use'],
    id: 'address-in-use',
    state: 'confirmed',
    says: 'UDP 127.0.0.1:53 is already in use, by a process that this user may not see.',
    world: { listeners: [{ protocol: 'udp', address: '127.0.0.1', port: 53 }] },
  },
  {
    who: 'what root sees of one that dies again and again',
    lines: ['bind: address already in use :8125'],
    id: 'address-in-use',
    state: 'confirmed',
    says: 'TCP port 8125 is already in use, by processes that come and go before they can be named.',
    world: { listeners: [{ protocol: 'tcp', address: '0.0.0.0', port: 8125, unseen: 'gone' }] },
  },
  {
    who: 'a server against the kernel, which listens for NFS',
    lines: ['bind: address already in use :2049'],
    id: 'address-in-use',
    state: 'confirmed',
    says: 'TCP port 2049 is already in use, by no process that is seen here: the kernel itself, or a container.',
    world: { listeners: [{ protocol: 'tcp', address: '0.0.0.0', port: 2049, unseen: 'no-process' }] },
  },
  {
    who: 'redis, with a network of its own',
    lines: ['Could not create server TCP listening socket *:6379: bind: Address already in use'],
    id: 'address-in-use',
    state: 'likely',
    says: 'TCP port 6379 is already in use.',
    more: { service: { ...service, privateNetwork: true } },
  },
  {
    who: 'postgres, whose hint has the port',
    lines: [
      '2026-11-24 12:00:00.000 UTC [7] LOG:  could not bind IPv4 address "127.0.0.1": Address already in use',
      '2026-11-24 12:00:00.000 UTC [7] HINT:  Is another postmaster already running on port 5432? If not, wait a few seconds and retry.',
      '2026-11-24 12:00:00.000 UTC [7] FATAL:  could not create any TCP/IP sockets',
    ],
    id: 'address-in-use',
    state: 'confirmed',
    says: /^TCP port 5432 is already in use: postgres/,
    world: {
      listeners: [
        {
          protocol: 'tcp',
          address: '127.0.0.1',
          port: 5432,
          pid: 5,
          process: 'postgres',
          unit: 'postgresql@15-main.service',
        },
      ],
    },
  },
  {
    who: 'a Python program that names no port, started by a socket unit',
    lines: ['OSError: [Errno 98] Address already in use'],
    id: 'address-in-use',
    state: 'confirmed',
    says: /^TCP 127\.0\.0\.1:8000 is already in use: gunicorn/,
    world: {
      listeners: [
        {
          protocol: 'tcp',
          address: '127.0.0.1',
          port: 8000,
          pid: 3,
          process: 'gunicorn',
          unit: 'old.service',
        },
      ],
    },
    more: { service: { ...service, sockets: ['127.0.0.1:8000'] } },
  },
  {
    who: 'a Java program that names nothing at all',
    lines: [
      'Exception in thread "main" java.net.BindException: Address already in use',
      '\tat java.base/sun.nio.ch.Net.bind0(Native Method)',
    ],
    id: 'address-in-use',
    state: 'likely',
    says: 'An address that it wants to listen on is already in use.',
  },
];

export const dependencyDown: readonly LogSample[] = [
  {
    who: 'node and a local database',
    lines: [
      'Error: connect ECONNREFUSED 127.0.0.1:5432',
      '    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)',
    ],
    id: 'dependency-down',
    state: 'confirmed',
    says: 'TCP 127.0.0.1:5432 that it needs refused the connection: nobody listens there.',
  },
  {
    who: 'a Go program and another machine',
    lines: ['dial tcp 10.0.0.5:6379: connect: connection refused'],
    id: 'dependency-down',
    state: 'likely',
    says: 'TCP 10.0.0.5:6379 that it needs refused the connection.',
  },
  {
    who: 'libpq and a name',
    lines: ['could not translate host name "db.internal" to address: Name or service not known'],
    id: 'dependency-down',
    state: 'confirmed',
    says: 'The name db.internal that it needs does not resolve.',
  },
  {
    who: 'node and a name that resolves now',
    lines: ['Error: getaddrinfo ENOTFOUND db.internal'],
    id: 'dependency-down',
    state: 'likely',
    says: 'The name db.internal that it needs did not resolve; it does now.',
    world: { hosts: { 'db.internal': '10.0.0.9' } },
  },
  {
    who: 'mysql by its socket',
    lines: [
      "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/run/mysqld/mysqld.sock' (2)",
    ],
    id: 'dependency-down',
    state: 'confirmed',
    says: 'The socket /run/mysqld/mysqld.sock that it needs is not there: the service behind it is down.',
    world: { paths: { '/run/lock': {} } },
  },
  {
    who: 'a database that is up again',
    lines: [
      'psycopg2.OperationalError: connection to server at "127.0.0.1", port 5432 failed: Connection refused',
    ],
    id: 'dependency-down',
    state: 'likely',
    says: 'TCP 127.0.0.1:5432 that it needs refused the connection; postgresql.service listens there now.',
    world: { listeners: [{ protocol: 'tcp', address: '127.0.0.1', port: 5432, unit: 'postgresql.service' }] },
  },
];
