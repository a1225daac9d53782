import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../../src/core/evidence/evidence.ts';
import { causesIn, evidenceOf, service, type World } from '../../support/evidence.ts';

/**
 * What further programs say, and what is to be made of it first; undefined: nothing. Written down before the matchers were held
 * against it: of these 56 they made 50 what they should, were sure of none that was another, and learned the rest from it.
 */
interface Failure {
  readonly who: string;
  readonly lines: readonly string[];
  readonly first: string | undefined;
  readonly names?: string;
  readonly world?: World;
  readonly more?: Partial<Evidence>;
}

const held = (port: number): World => ({
  listeners: [{ protocol: 'tcp', address: '0.0.0.0', port, pid: 9, process: 'other', unit: 'other.service' }],
});

const inUse: readonly Failure[] = [
  {
    who: 'Tomcat',
    lines: [
      'SEVERE [main] org.apache.catalina.core.StandardServer.await Failed to create server shutdown socket on address [localhost] and port [8005] (base port [8005] and offset [0])',
      '\tjava.net.BindException: Address already in use (Bind failed)',
      '\t\tat java.base/java.net.PlainSocketImpl.socketBind(Native Method)',
    ],
    first: 'address-in-use confirmed',
    names: '8005',
    world: held(8005),
  },
  {
    who: 'Prometheus',
    lines: [
      'ts=2026-11-24T12:00:00.000Z caller=main.go:1 level=error msg="Unable to start web listener" err="listen tcp 0.0.0.0:9090: bind: address already in use"',
    ],
    first: 'address-in-use confirmed',
    names: '9090',
    world: held(9090),
  },
  {
    who: 'HAProxy',
    lines: [
      '[ALERT]    (123) : Starting frontend http-in: cannot bind socket (Address already in use) [0.0.0.0:80]',
    ],
    first: 'address-in-use confirmed',
    names: '80',
    world: held(80),
  },
  {
    who: 'Redis',
    lines: [
      '1:M 24 Nov 2026 12:00:00.000 # Warning: Could not create server TCP listening socket 127.0.0.1:6379: bind: Address already in use',
      '1:M 24 Nov 2026 12:00:00.000 # Failed listening on port 6379 (tcp), aborting.',
    ],
    first: 'address-in-use confirmed',
    names: '6379',
    world: held(6379),
  },
  {
    who: 'dnsmasq',
    lines: ['dnsmasq: failed to create listening socket for port 53: Address already in use'],
    first: 'address-in-use confirmed',
    names: '53',
    world: held(53),
  },
  {
    who: 'sshd',
    lines: [
      'error: Bind to port 22 on 0.0.0.0 failed: Address already in use.',
      'fatal: Cannot bind any address.',
    ],
    first: 'address-in-use confirmed',
    names: '22',
    world: held(22),
  },
  {
    who: 'gunicorn',
    lines: [
      "[2026-11-24 12:00:00 +0000] [7] [ERROR] Connection in use: ('0.0.0.0', 8000)",
      "[2026-11-24 12:00:05 +0000] [7] [ERROR] Can't connect to ('0.0.0.0', 8000)",
    ],
    first: 'address-in-use confirmed',
    names: '8000',
    world: held(8000),
  },
  {
    who: 'a Rust program that names no port',
    lines: ['Error: Os { code: 98, kind: AddrInUse, message: "Address already in use" }'],
    first: 'address-in-use likely',
  },
  {
    who: 'Puma',
    lines: [
      '/usr/lib/ruby/socket.rb:201:in `bind\': Address already in use - bind(2) for "0.0.0.0" port 3000 (Errno::EADDRINUSE)',
    ],
    first: 'address-in-use confirmed',
    names: '3000',
    world: held(3000),
  },
  {
    who: 'php-fpm',
    lines: [
      "ERROR: unable to bind listening socket for address '127.0.0.1:9000': Address already in use (98)",
    ],
    first: 'address-in-use confirmed',
    names: '9000',
    world: held(9000),
  },
];

const missing: readonly Failure[] = [
  {
    who: 'Ruby',
    lines: [
      "app.rb:3:in `initialize': No such file or directory @ rb_sysopen - /etc/app/config.yml (Errno::ENOENT)",
    ],
    first: 'missing-file confirmed',
    names: '/etc/app/config.yml',
  },
  {
    who: 'Java',
    lines: [
      'Exception in thread "main" java.io.FileNotFoundException: /etc/app/app.properties (No such file or directory)',
      '\tat java.base/java.io.FileInputStream.open0(Native Method)',
    ],
    first: 'missing-file confirmed',
    names: '/etc/app/app.properties',
  },
  {
    who: '.NET',
    lines: [
      "Unhandled exception. System.IO.FileNotFoundException: Could not find file '/opt/app/appsettings.json'.",
      '   at Microsoft.Win32.SafeHandles.SafeFileHandle.Open(String fullPath)',
    ],
    first: 'missing-file confirmed',
    names: '/opt/app/appsettings.json',
  },
  {
    who: 'node, without its program',
    lines: [
      'node:internal/modules/cjs/loader:1143',
      "Error: Cannot find module '/opt/app/server.js'",
      '    at Module._resolveFilename (node:internal/modules/cjs/loader:1140:15)',
      "  code: 'MODULE_NOT_FOUND',",
    ],
    first: 'missing-file confirmed',
    names: '/opt/app/server.js',
  },
  {
    who: 'unbound',
    lines: [
      '[1732449600] unbound[7:0] fatal error: Could not open /etc/unbound/unbound.conf: No such file or directory',
    ],
    first: 'missing-file confirmed',
    names: '/etc/unbound/unbound.conf',
  },
  {
    who: 'PHP',
    lines: ['Could not open input file: /srv/app/artisan'],
    first: 'missing-file confirmed',
    names: '/srv/app/artisan',
  },
  {
    who: 'the loader',
    lines: [
      '/usr/bin/app: error while loading shared libraries: libssl.so.1.1: cannot open shared object file: No such file or directory',
    ],
    first: 'missing-file likely',
    names: 'libssl.so.1.1',
  },
];

const www = { ...service, user: 'www' };
const accounts = { www: { name: 'www', uid: 33, gids: [33] } };

const denied: readonly Failure[] = [
  {
    who: 'Java, of its log',
    lines: [
      'java.io.FileNotFoundException: /var/log/app/app.log (Permission denied)',
      '\tat java.base/java.io.FileOutputStream.open0(Native Method)',
    ],
    first: 'permission-denied confirmed',
    names: '/var/log/app',
    world: { paths: { '/var/log/app': { type: 'directory', mode: 0o700 } }, accounts },
    more: { service: www },
  },
  {
    who: 'Python, of its pid file',
    lines: ["PermissionError: [Errno 13] Permission denied: '/var/run/app.pid'"],
    first: 'permission-denied confirmed',
    names: '/var/run/app.pid',
    world: { paths: { '/var/run/app.pid': { mode: 0o600 } }, accounts },
    more: { service: www },
  },
  {
    who: 'coreutils',
    lines: ["mkdir: cannot create directory '/var/lib/app': Permission denied"],
    first: 'permission-denied confirmed',
    names: '/var/lib',
    world: { paths: { '/var/lib/x': {} }, accounts },
    more: { service: www },
  },
  {
    who: 'nginx, of a low port',
    lines: ['nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)'],
    first: 'permission-denied confirmed',
    names: 'TCP port 80',
    more: { service: www },
  },
];

const down: readonly Failure[] = [
  {
    who: 'psql by its socket',
    lines: [
      'psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: No such file or directory',
      '\tIs the server running locally and accepting connections on that socket?',
    ],
    first: 'dependency-down confirmed',
    names: '/var/run/postgresql/.s.PGSQL.5432',
  },
  {
    who: 'redis-py',
    lines: ['redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.'],
    first: 'dependency-down confirmed',
    names: '6379',
  },
  {
    who: 'Go, of a name',
    lines: ['dial tcp: lookup db.internal on 127.0.0.53:53: no such host'],
    first: 'dependency-down confirmed',
    names: 'db.internal',
  },
  {
    who: 'Java, of a name',
    lines: [
      'java.net.UnknownHostException: kafka.internal',
      '\tat java.base/java.net.InetAddress$CachedAddresses.get(InetAddress.java:797)',
    ],
    first: 'dependency-down confirmed',
    names: 'kafka.internal',
  },
  {
    who: 'curl',
    lines: ["curl: (7) Failed to connect to localhost port 8080 after 0 ms: Couldn't connect to server"],
    first: 'dependency-down confirmed',
    names: '8080',
  },
  {
    who: 'curl, of a name',
    lines: ['curl: (6) Could not resolve host: api.internal'],
    first: 'dependency-down confirmed',
    names: 'api.internal',
  },
  {
    who: 'mongoose',
    lines: ['MongoServerSelectionError: connect ECONNREFUSED 127.0.0.1:27017'],
    first: 'dependency-down confirmed',
    names: '27017',
  },
];

const others: readonly Failure[] = [
  {
    who: 'PostgreSQL, on a full disk',
    lines: ['FATAL:  could not write lock file "postmaster.pid": No space left on device'],
    first: 'disk-full likely',
  },
  {
    who: 'node, on a full disk',
    lines: ['Error: ENOSPC: no space left on device, write'],
    first: 'disk-full likely',
  },
  {
    who: 'Go, out of descriptors',
    lines: ['http: Accept error: accept tcp [::]:80: accept4: too many open files'],
    first: 'fd-limit likely',
  },
  {
    who: 'node, out of descriptors',
    lines: ["Error: EMFILE: too many open files, open '/srv/data/1'"],
    first: 'fd-limit likely',
  },
  {
    who: 'Java, out of heap',
    lines: [
      'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space',
      '\tat App.main(App.java:3)',
    ],
    first: 'oom-killed likely',
  },
  {
    who: 'PHP, out of its memory',
    lines: [
      'PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes) in /srv/app/x.php on line 3',
    ],
    first: 'oom-killed likely',
  },
  {
    who: 'sshd',
    lines: [
      '/etc/ssh/sshd_config: line 20: Bad configuration option: Foo',
      '/etc/ssh/sshd_config: terminating, 1 bad configuration options',
    ],
    first: 'config-error likely',
    names: '/etc/ssh/sshd_config',
  },
  {
    who: 'Prometheus',
    lines: [
      'ts=2026-11-24T12:00:00.000Z caller=main.go:1 level=error msg="Error loading config (--config.file=/etc/prometheus/prometheus.yml)" err="parsing YAML file /etc/prometheus/prometheus.yml: yaml: line 5: mapping values are not allowed in this context"',
    ],
    first: 'config-error likely',
  },
  {
    who: 'HAProxy',
    lines: [
      "[ALERT]    (7) : config : parsing [/etc/haproxy/haproxy.cfg:23] : unknown keyword 'foo' in 'global' section",
    ],
    first: 'config-error likely',
  },
  {
    who: 'dovecot',
    lines: [
      'doveconf: Fatal: Error in configuration file /etc/dovecot/dovecot.conf line 3: Unknown setting: foo',
    ],
    first: 'config-error likely',
  },
  {
    who: 'Redis',
    lines: [
      '*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***',
      'Reading the configuration file, at line 5',
      ">>> 'foo bar'",
      'Bad directive or wrong number of arguments',
    ],
    first: 'config-error likely',
  },
  {
    who: 'Caddy',
    lines: ['Error: adapting config using caddyfile: /etc/caddy/Caddyfile:3: unrecognized directive: foo'],
    first: 'config-error likely',
  },
  {
    who: 'dash',
    lines: ['/bin/sh: 1: Syntax error: Unterminated quoted string'],
    first: 'shell-quoting likely',
  },
  {
    who: 'zsh',
    lines: ['zsh:1: unmatched "'],
    first: 'shell-quoting likely',
  },
  {
    who: 'Java, whose library is unpacked to a noexec /tmp',
    lines: [
      'java.lang.UnsatisfiedLinkError: /tmp/libnetty1.so: /tmp/libnetty1.so: failed to map segment from shared object: Operation not permitted',
    ],
    first: 'noexec-mount confirmed',
    names: '/tmp',
    world: { paths: { '/tmp/x': {} }, mounts: { '/tmp': ['rw', 'noexec'] } },
  },
];

/** Much like them, and none of them. */
const none: readonly Failure[] = [
  ['a bug of its own', 'panic: runtime error: index out of range [5] with length 3'],
  ['a value that is no number', "ValueError: invalid literal for int() with base 10: 'x'"],
  ['a role that a database lacks', 'FATAL:  role "app" does not exist'],
  ['a key that fits not', 'SSL_CTX_use_PrivateKey_file failed (key values mismatch)'],
  ['a placeholder', 'Could not resolve placeholder \'db.url\' in value "${db.url}"'],
  ['a login', 'Permission denied (publickey).'],
  ['what it was told to do', 'Received SIGTERM, shutting down'],
  ['a limit that it set itself', 'maximum number of open files set to 65536', 'boom'],
  ['a file that it made then', 'no such file /var/lib/app/db, creating it', 'boom'],
  ['an old configuration', 'configuration was reloaded', 'boom'],
  ['a peer', 'http: TLS handshake error from 10.0.0.1:5123: EOF'],
  ['a table', 'ERROR: relation "users" does not exist'],
  ['a branch', 'fatal: not a git repository (or any of the parent directories): .git'],
].map(([who = '', ...lines]) => ({ who, lines, first: undefined }));

const groups = { inUse, missing, denied, down, others, none };

describe.each(Object.entries(groups))('further failures: %s', (_, failures) => {
  test.each(failures.map((each) => [each.who, each] as const))('%s', async (_who, each) => {
    const [first] = await causesIn(evidenceOf(each.lines, each.more), each.world);
    expect(first && `${first.id} ${first.state}`).toBe(each.first);
    if (each.names !== undefined) expect(first?.sentence).toContain(each.names);
  });
});
