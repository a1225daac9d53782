import { exited, service } from '../../support/evidence.ts';
import type { LogSample } from './log-sample.ts';

export const missingFile: readonly LogSample[] = [
  {
    who: 'logstash',
    lines: ['[FATAL] File does not exist or cannot be opened /etc/logstash/GeoLiteCity.dat'],
    id: 'missing-file',
    state: 'confirmed',
    says: '/etc/logstash/GeoLiteCity.dat does not exist.',
    world: { paths: { '/etc/logstash/logstash.yml': {} } },
  },
  {
    who: 'nginx, whose folder is missing too',
    lines: [
      'nginx: [emerg] open() "/etc/nginx/sites-enabled/default" failed (2: No such file or directory) in /etc/nginx/nginx.conf:62',
    ],
    id: 'missing-file',
    state: 'confirmed',
    says: '/etc/nginx/sites-enabled/default does not exist: already /etc/nginx/sites-enabled is missing.',
    world: { paths: { '/etc/nginx/nginx.conf': {} } },
  },
  {
    who: 'Python',
    lines: [
      'Traceback (most recent call last):',
      '  File "/srv/app.py", line 3, in <module>',
      "FileNotFoundError: [Errno 2] No such file or directory: '/var/lib/app/db.json'",
    ],
    id: 'missing-file',
    state: 'confirmed',
    says: /^\/var\/lib\/app\/db\.json does not exist/,
    world: { paths: { '/srv/app.py': {} } },
  },
  {
    who: 'node',
    lines: [
      "Error: ENOENT: no such file or directory, open '/etc/app/config.json'",
      '    at Object.openSync (node:fs:601:3) {',
      '}',
    ],
    id: 'missing-file',
    state: 'confirmed',
    says: /^\/etc\/app\/config\.json does not exist/,
  },
  {
    who: 'a Go program, relative to its working directory',
    lines: ['panic: open config.yml: no such file or directory'],
    id: 'missing-file',
    state: 'confirmed',
    says: '/srv/app/config.yml does not exist.',
    world: { paths: { '/srv/app/other': {} } },
    more: { service: { ...service, workingDirectory: '/srv/app' } },
  },
  {
    who: 'a file that is there by now',
    lines: ['cat: /etc/late.conf: No such file or directory'],
    id: 'missing-file',
    state: 'likely',
    says: '/etc/late.conf was not there when it was looked for; it exists now.',
    world: { paths: { '/etc/late.conf': {} } },
  },
  {
    who: 'a file that PrivateTmp= hides',
    lines: ['open /tmp/upload/queue: no such file or directory'],
    id: 'missing-file',
    state: 'confirmed',
    says: '/tmp/upload/queue exists, but PrivateTmp=yes hides it from the service.',
    world: { paths: { '/tmp/upload/queue': {} } },
    more: { service: { ...service, sandbox: { ...service.sandbox, privateTmp: true } } },
  },
  {
    who: 'below a root of its own',
    lines: ['open /etc/app.conf: no such file or directory'],
    id: 'missing-file',
    state: 'could-not-check',
    says: /below its own root \/srv\/jail/,
    more: { service: { ...service, root: '/srv/jail' } },
  },
  {
    who: 'dash, that finds no command',
    lines: ['/usr/local/bin/start: 3: jq: not found'],
    id: 'missing-file',
    state: 'confirmed',
    says: 'The command jq is not installed: it is in no folder of its PATH.',
  },
  {
    who: 'the loader',
    lines: [
      '/usr/bin/app: error while loading shared libraries: libssl.so.1.1: cannot open shared object file: No such file or directory',
    ],
    id: 'missing-file',
    state: 'likely',
    says: /^The shared library libssl\.so\.1\.1 /,
  },
];

export const noexec: readonly LogSample[] = [
  {
    who: 'riemann',
    lines: [
      'java.lang.UnsatisfiedLinkError: /tmp/libnetty_transport_native_epoll_x86_641234.so: /tmp/libnetty_transport_native_epoll_x86_641234.so: failed to map segment from shared object: Operation not permitted',
    ],
    id: 'noexec-mount',
    state: 'confirmed',
    says: /^\/tmp\/libnetty\S+\.so may not be run or mapped as code: \/tmp is mounted noexec\.$/,
    world: { mounts: { '/tmp': ['rw', 'nosuid', 'noexec'] } },
  },
  {
    who: 'the loader of a program',
    lines: [
      '/usr/bin/app: error while loading shared libraries: /var/tmp/libx.so: failed to map segment from shared object',
    ],
    id: 'noexec-mount',
    state: 'confirmed',
    says: '/var/tmp/libx.so may not be run or mapped as code: /var is mounted noexec.',
    world: { mounts: { '/var': ['rw', 'noexec'] }, paths: { '/var/tmp/libx.so': {} } },
  },
  {
    who: 'bash, of a script on such a mount',
    lines: ['/usr/local/bin/start: line 4: /data/run.sh: Permission denied'],
    id: 'noexec-mount',
    state: 'confirmed',
    says: '/data/run.sh may not be run or mapped as code: /data is mounted noexec.',
    world: { mounts: { '/data': ['rw', 'noexec'] }, paths: { '/data/run.sh': { mode: 0o755 } } },
  },
  {
    who: 'the loader, on a mount that allows it',
    lines: [
      '/usr/bin/app: error while loading shared libraries: /opt/libx.so: failed to map segment from shared object',
    ],
    id: 'noexec-mount',
    state: 'likely',
    says: /though \/ is not mounted noexec/,
    world: { paths: { '/opt/libx.so': {} } },
  },
  {
    who: 'NoExecPaths=',
    lines: [
      'error while loading shared libraries: /var/lib/app/p.so: failed to map segment from shared object',
    ],
    id: 'noexec-mount',
    state: 'confirmed',
    says: /NoExecPaths=\/var\/lib forbids it/,
    more: { service: { ...service, sandbox: { ...service.sandbox, noExecPaths: ['/var/lib'] } } },
  },
];

export const space: readonly LogSample[] = [
  {
    who: 'mysqld, on a full disk',
    lines: [
      "[ERROR] [MY-012592] InnoDB: Error number 28 means 'No space left on device'",
      '[ERROR] Could not write to /var/lib/mysql/ibtmp1: No space left on device',
    ],
    id: 'disk-full',
    state: 'confirmed',
    says: '/var is full.',
    world: { freeBytes: 4096, mounts: { '/var': ['rw'] } },
  },
  {
    who: 'Python, out of inodes',
    lines: ["OSError: [Errno 28] No space left on device: '/var/spool/app/x'"],
    id: 'disk-full',
    state: 'confirmed',
    says: '/ has no inodes left: too many files.',
    world: { freeInodes: 0 },
  },
  {
    who: 'one that was full',
    lines: ['write /var/log/app.log: no space left on device'],
    id: 'disk-full',
    state: 'likely',
    says: '/ was full; it has 8G free now.',
  },
  {
    who: 'a quota',
    lines: ['write /home/app/x: disk quota exceeded'],
    id: 'disk-full',
    state: 'likely',
    says: 'Its user has used up the disk quota.',
  },
  {
    who: 'nginx, out of descriptors',
    lines: ['accept4() failed (24: Too many open files)'],
    id: 'fd-limit',
    state: 'likely',
    says: 'It has too many files open: it may have 1024 (the soft limit of LimitNOFILE=).',
    more: { service: { ...service, openFilesSoft: 1024 } },
  },
  {
    who: 'Java, out of descriptors',
    lines: ['java.io.IOException: Too many open files in system'],
    id: 'fd-limit',
    state: 'likely',
    says: 'The machine has no file descriptors left (fs.file-max).',
  },
  {
    who: 'node, out of memory of its own',
    lines: ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'],
    id: 'oom-killed',
    state: 'likely',
    says: 'It ran out of the memory that it may have itself.',
  },
];

export const configError: readonly LogSample[] = [
  {
    who: 'nginx',
    lines: [
      'nginx: [emerg] unknown directive "lissten" in /etc/nginx/nginx.conf:12',
      'nginx: configuration file /etc/nginx/nginx.conf test failed',
    ],
    id: 'config-error',
    state: 'likely',
    says: 'Its configuration is wrong in /etc/nginx/nginx.conf, line 12.',
  },
  {
    who: 'apache',
    lines: [
      'AH00526: Syntax error on line 5 of /etc/apache2/sites-enabled/000.conf:',
      "Invalid command 'Foo', perhaps misspelled",
    ],
    id: 'config-error',
    state: 'likely',
    says: 'Its configuration is wrong in /etc/apache2/sites-enabled/000.conf, line 5.',
  },
  {
    who: 'a program that says so twice: by words and by status 78',
    lines: ['error: invalid configuration: "port" is missing'],
    id: 'config-error',
    state: 'confirmed',
    says: 'Its configuration is wrong, as its status 78/CONFIG says.',
    more: { exit: exited(78, 'CONFIG') },
  },
  {
    who: 'a program that says nothing but status 78',
    lines: [],
    id: 'config-error',
    state: 'likely',
    says: 'Its configuration is wrong, as its status 78/CONFIG says.',
    more: { exit: exited(78, 'CONFIG') },
  },
];
