import type { Evidence } from '../../../src/core/evidence/evidence.ts';
import type { ExitView } from '../../../src/core/view.ts';
import { at, bySystemd, exited, service, type World } from '../../support/evidence.ts';

/** Ends that systemd itself knows the reason of; its lines are those of recordings of 252 and 262. */
export interface EndSample {
  readonly what: string;
  readonly id: string;
  readonly state: 'confirmed' | 'likely' | 'could-not-check';
  readonly says: string | RegExp;
  readonly more: Partial<Evidence>;
  readonly world?: World;
}

const killed = (status: number, name: string, result: string, during = 'running'): ExitView => {
  return { at, summary: 'it was killed', process: 'main', code: 'killed', status, name, result, during };
};

const spawn203 = (text: string, errno: number, executable: string): Partial<Evidence> => ({
  exit: exited(203, 'EXEC'),
  spawn: { text, errno, executable },
});

export const systemdEnds: readonly EndSample[] = [
  {
    what: 'a program that is not there (252)',
    id: 'bad-executable',
    state: 'confirmed',
    says: 'systemd could not run /nonexistent/binary: /nonexistent does not exist.',
    more: spawn203(
      'app.service: Failed to locate executable /nonexistent/binary: No such file or directory',
      2,
      '/nonexistent/binary',
    ),
  },
  {
    what: 'a program without the x bit',
    id: 'bad-executable',
    state: 'confirmed',
    says: 'systemd could not run /usr/local/bin/app: it is not executable.',
    more: spawn203(
      'app.service: Failed at step EXEC spawning /usr/local/bin/app: Permission denied',
      13,
      '/usr/local/bin/app',
    ),
    world: { paths: { '/usr/local/bin/app': { mode: 0o644 } } },
  },
  {
    what: 'a script whose interpreter is gone (262)',
    id: 'bad-executable',
    state: 'confirmed',
    says: 'systemd could not run /usr/local/bin/app: its first line wants /usr/bin/python2, which does not exist.',
    more: spawn203(
      "app.service: Unable to locate executable '/usr/local/bin/app': No such file or directory",
      2,
      '/usr/local/bin/app',
    ),
    world: {
      paths: { '/usr/local/bin/app': { mode: 0o755 } },
      interpreter: { path: '/usr/bin/python2', exists: false },
    },
  },
  {
    what: 'a program for another machine',
    id: 'bad-executable',
    state: 'likely',
    says: /it is no program of this machine, or a script without a "#!"/,
    more: spawn203('app.service: Failed at step EXEC spawning /opt/app: Exec format error', 8, '/opt/app'),
    world: { paths: { '/opt/app': { mode: 0o755 } } },
  },
  {
    what: 'a program on a noexec mount',
    id: 'noexec-mount',
    state: 'confirmed',
    says: '/data/app may not be run or mapped as code: /data is mounted noexec.',
    more: spawn203('app.service: Failed at step EXEC spawning /data/app: Permission denied', 13, '/data/app'),
    world: { paths: { '/data/app': { mode: 0o755 } }, mounts: { '/data': ['rw', 'noexec'] } },
  },
  {
    what: 'a user that does not exist',
    id: 'missing-user',
    state: 'confirmed',
    says: 'The user "nosuch" of User= does not exist.',
    more: {
      exit: exited(217, 'USER'),
      spawn: {
        text: 'app.service: Failed at step USER spawning /bin/true: No such process',
        errno: 3,
        executable: '/bin/true',
      },
      service: { ...service, user: 'nosuch' },
    },
  },
  {
    what: 'a group that does not exist',
    id: 'missing-user',
    state: 'confirmed',
    says: 'The group "nosuch" of Group= does not exist.',
    more: { exit: exited(216, 'GROUP'), service: { ...service, group: 'nosuch' } },
  },
  {
    what: 'a user that exists by now',
    id: 'missing-user',
    state: 'likely',
    says: /which exists now/,
    more: { exit: exited(217, 'USER'), service: { ...service, user: 'late' } },
    world: { accounts: { late: { name: 'late', uid: 5, gids: [5] } } },
  },
  {
    what: 'a working directory that is not there',
    id: 'missing-directory',
    state: 'confirmed',
    says: 'The working directory /srv/app does not exist: already /srv is missing.',
    more: { exit: exited(200, 'CHDIR'), service: { ...service, workingDirectory: '/srv/app' } },
  },
  {
    what: 'a working directory that its user may not enter',
    id: 'missing-directory',
    state: 'confirmed',
    says: 'The working directory /srv/app may not be entered by www.',
    more: { exit: exited(200, 'CHDIR'), service: { ...service, user: 'www', workingDirectory: '/srv/app' } },
    world: {
      paths: { '/srv/app': { type: 'directory', mode: 0o700 } },
      accounts: { www: { name: 'www', uid: 33, gids: [33] } },
    },
  },
  {
    what: 'an OOM kill at its own limit',
    id: 'oom-killed',
    state: 'confirmed',
    says: 'The kernel killed it for want of memory at 63.9M: its limit is MemoryMax=64M.',
    more: {
      exit: killed(9, 'SIGKILL', 'oom-kill'),
      memoryPeakBytes: 67_000_000,
      service: { ...service, memoryMaxBytes: 64 * 2 ** 20 },
      lines: [bySystemd('app.service: A process of this unit has been killed by the OOM killer.')],
    },
  },
  {
    what: 'an OOM kill that Result does not tell (OOMPolicy=continue)',
    id: 'oom-killed',
    state: 'confirmed',
    says: 'The kernel killed it for want of memory: the machine had no memory left.',
    more: { exit: killed(9, 'SIGKILL', 'signal'), oomKilled: true },
  },
  {
    what: 'the watchdog',
    id: 'watchdog-timeout',
    state: 'confirmed',
    says: /^It gave no sign of life within WatchdogSec=1s:/,
    more: {
      exit: killed(6, 'SIGABRT', 'watchdog'),
      service: { ...service, watchdogSeconds: 1 },
      lines: [bySystemd('app.service: Watchdog timeout (limit 1s)!')],
    },
  },
  {
    what: 'the watchdog, of a program that dumps core then',
    id: 'watchdog-timeout',
    state: 'confirmed',
    says: /^It gave no sign of life within WatchdogSec=:/,
    more: { exit: { ...killed(6, 'SIGABRT', 'watchdog'), code: 'dumped' }, service: { ...service } },
  },
  {
    what: 'a start that took too long',
    id: 'start-timeout',
    state: 'confirmed',
    says: 'It was not ready within TimeoutStartSec=1min 30s (it never said READY=1), and systemd ended it.',
    more: {
      exit: killed(15, 'SIGTERM', 'timeout', 'start'),
      service: { ...service, type: 'notify', timeoutStartSeconds: 90 },
      lines: [bySystemd('app.service: start operation timed out. Terminating.')],
    },
  },
  {
    what: 'an ExecStartPre= that took too long',
    id: 'start-timeout',
    state: 'confirmed',
    says: 'It was not ready within TimeoutStartSec=5s, and systemd ended it.',
    more: {
      exit: {
        at,
        summary: 'its start timed out',
        process: 'ExecStartPre',
        result: 'timeout',
        during: 'start-pre',
      },
      service: { ...service, timeoutStartSeconds: 5 },
    },
  },
  {
    what: 'an environment file that is not there',
    id: 'missing-file',
    state: 'confirmed',
    says: '/etc/default/app, which EnvironmentFile= names, does not exist.',
    more: {
      exit: { at, summary: 'systemd could not start it (resources)', result: 'resources' },
      lines: [bySystemd('app.service: Failed to load environment files: No such file or directory')],
      service: { ...service, environmentFiles: ['/etc/default/app'] },
    },
    world: { paths: { '/etc/default/x': {} } },
  },
  {
    what: 'a crash with a core dump',
    id: 'core-dumped',
    state: 'confirmed',
    says: '/usr/bin/dash crashed on SIGSEGV; look with coredumpctl info 376.',
    more: {
      exit: { ...killed(11, 'SIGSEGV', 'core-dump'), code: 'dumped' },
      coreDump: { at, pid: 376, signal: 'SIGSEGV', executable: '/usr/bin/dash' },
    },
  },
  {
    what: 'a crash without one',
    id: 'core-dumped',
    state: 'confirmed',
    says: 'Its program crashed on SIGABRT.',
    more: { exit: killed(6, 'SIGABRT', 'signal') },
  },
];
