import { service } from '../../support/evidence.ts';
import type { LogSample } from './log-sample.ts';

const sh = (script: string) => [{ setting: 'ExecStart', argv: ['/bin/sh', '-c', script] }];
const accounts = { www: { name: 'www', uid: 33, gids: [33] } };
const asWww = { service: { ...service, user: 'www' } };

export const shellQuoting: readonly LogSample[] = [
  {
    who: 'ganglia: bash, and the unit has it',
    lines: [
      "/bin/sh: -c: line 1: unexpected EOF while looking for matching `''",
      '/bin/sh: -c: line 2: syntax error: unexpected end of file',
    ],
    id: 'shell-quoting',
    state: 'confirmed',
    says: 'The command of ExecStart= has a single quote that is never closed, and a shell reads it.',
    more: { service: { ...service, commands: sh("gmetad --name 'it") } },
  },
  {
    who: 'dash, and a variable of the unit has it',
    lines: ['/bin/sh: 1: Syntax error: Unterminated quoted string'],
    id: 'shell-quoting',
    state: 'confirmed',
    says: 'The variable CLUSTER holds a quote that is never closed, and ExecStart= hands it to a shell.',
    more: {
      service: {
        ...service,
        commands: sh('gmetad --name ${CLUSTER}'),
        environment: { CLUSTER: "Bob's", LANG: 'C' },
      },
    },
  },
  {
    who: 'dash, and an environment file has it',
    lines: ['/bin/sh: 1: Syntax error: Unterminated quoted string'],
    id: 'shell-quoting',
    state: 'confirmed',
    says: 'The variable OPTS in /etc/default/gmetad holds a quote that is never closed, and a shell reads it.',
    world: { texts: { '/etc/default/gmetad': '# comment\nLANG="C"\nOPTS="--owner Bob\'s"\n' } },
    more: {
      service: { ...service, commands: sh('gmetad $OPTS'), environmentFiles: ['/etc/default/gmetad'] },
    },
  },
  {
    who: 'busybox, and the script has it',
    lines: ['/usr/local/bin/run: line 9: syntax error: unterminated quoted string'],
    id: 'shell-quoting',
    state: 'confirmed',
    says: 'The script /usr/local/bin/run has a double quote that is never closed.',
    world: { texts: { '/usr/local/bin/run': '#!/bin/sh\necho "hello\n' } },
  },
  {
    who: 'bash, and nothing shows it',
    lines: ['bash: line 1: unexpected EOF while looking for matching `"\''],
    id: 'shell-quoting',
    state: 'likely',
    says: 'A quote that is never closed reaches a shell; neither the unit, its environment files nor its scripts show which.',
    more: { service: { ...service, commands: [{ setting: 'ExecStart', argv: ['/usr/bin/app'] }] } },
    world: { texts: {} },
  },
];

export const permissionDenied: readonly LogSample[] = [
  {
    who: 'nginx as another user',
    lines: [
      'nginx: [alert] could not open error log file: open() "/var/log/nginx/error.log" failed (13: Permission denied)',
    ],
    id: 'permission-denied',
    state: 'confirmed',
    says: 'The user www may not write to /var/log/nginx/error.log.',
    world: { paths: { '/var/log/nginx/error.log': { mode: 0o640 } }, accounts },
    more: asWww,
  },
  {
    who: 'Python, stopped on the way',
    lines: ["PermissionError: [Errno 13] Permission denied: '/srv/secret/key.pem'"],
    id: 'permission-denied',
    state: 'confirmed',
    says: 'The user www may not enter /srv/secret, on the way to /srv/secret/key.pem.',
    world: { paths: { '/srv/secret': { mode: 0o700 }, '/srv/secret/key.pem': { mode: 0o644 } }, accounts },
    more: asWww,
  },
  {
    who: 'a low port without the capability',
    lines: ['nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)'],
    id: 'permission-denied',
    state: 'confirmed',
    says: /^The user www may not listen on TCP port 80: ports below 1024 need CAP_NET_BIND_SERVICE/,
    world: { accounts },
    more: asWww,
  },
  {
    who: 'ProtectSystem=strict',
    lines: ['cannot create /var/lib/app/lock: Read-only file system'],
    id: 'permission-denied',
    state: 'confirmed',
    says: '/var/lib/app/lock is read-only for the service: ProtectSystem=strict, and no ReadWritePaths= that allows it.',
    more: { service: { ...service, sandbox: { ...service.sandbox, protectSystem: 'strict' } } },
  },
  {
    who: 'root, whom modes do not hold back',
    lines: ['open /etc/shadow: permission denied'],
    id: 'permission-denied',
    state: 'likely',
    says: /although it runs as root: AppArmor, SELinux/,
    world: { paths: { '/etc/shadow': { mode: 0o600 } } },
  },
  {
    who: 'an access list that was not read',
    lines: ['open /srv/data: permission denied'],
    id: 'permission-denied',
    state: 'could-not-check',
    says: '/srv/data is forbidden to the user www that it runs as.',
    world: { paths: { '/srv/data': { mode: 0o600, hasAcl: true } }, accounts },
    more: asWww,
  },
];
