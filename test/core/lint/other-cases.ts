import { always, exits, run, type RuleCases } from './rule-case.ts';
import { fragment, pastOf } from './subject-of.ts';

/** Everything else that can't work. */
export const otherCases: RuleCases = {
  'ignored-line': [
    {
      because: 'a brake that is not there',
      text: `${always}RestartSteps=3\n`,
      given: {
        version: 252,
        complaints: [
          { file: fragment, line: 4, message: "Unknown key 'RestartSteps' in section [Service], ignoring." },
        ],
      },
      found: [4, 'warning', /^systemd 252 ignores this: Unknown key 'RestartSteps' in section \[Service\]$/],
    },
    {
      because: 'other keys may be for newer systemds',
      text: `${run}Foo=1\n`,
      given: {
        complaints: [
          { file: fragment, line: 3, message: "Unknown key 'Foo' in section [Service], ignoring." },
        ],
      },
      found: [3, 'info', /Unknown key 'Foo'/],
    },
    {
      because: 'it stands where it begins, systemd names where it ends',
      text: `${run}RestartSec=\\\n  soon\n`,
      given: {
        complaints: [
          { file: fragment, line: 4, message: 'Failed to parse RestartSec=soon, ignoring: Invalid argument' },
        ],
      },
      found: [3, 'warning', /ignores this: Failed to parse RestartSec=soon: Invalid argument$/],
    },
    {
      because: 'a file that systemd gives up on',
      text: `[Service\nRestart=always\n`,
      given: { complaints: [{ file: fragment, line: 1, message: "Invalid section header '[Service'" }] },
      found: [1, 'error', /can't read this file from here on: Invalid section header '\[Service'$/],
    },
    {
      because: 'what is in a wrong section is said by another rule',
      text: `${run}StartLimitIntervalSec=60\n`,
      given: {
        complaints: [
          {
            file: fragment,
            line: 3,
            message: "Unknown key 'StartLimitIntervalSec' in section [Service], ignoring.",
          },
        ],
      },
      // That rule's own finding is not this one's.
    },
    {
      because: 'that one is unsafe, and counts all the same',
      text: `${run}User=nobody\n`,
      given: {
        complaints: [
          { file: fragment, line: 3, message: 'Special user nobody configured, this is not safe!' },
        ],
      },
    },
    {
      because: "it is about somebody else's file",
      text: run,
      given: { complaints: [{ file: '/etc/b.service', line: 2, message: 'Unknown section' }] },
    },
  ],
  'prevent-misses-start-pre': [
    {
      because: 'only ExecStartPre= ever ended with it',
      text: `${always}ExecStartPre=/usr/bin/check\nRestartPreventExitStatus=42\n`,
      given: exits(['ExecStartPre', 42, 3], ['main', 1, 9]),
      found: [
        5,
        'warning',
        /can't stop it at 42: ExecStartPre= ended with it 3 times, the main process never/,
        '[Service]\nExecStartPre=\nExecCondition=/usr/bin/check\n',
      ],
    },
    {
      because: 'the command says so, though it never ran',
      text: `${always}ExecStartPre=/bin/sh -c 'test -e /x || exit 78'\nRestartPreventExitStatus=78\n`,
      found: [5, 'warning', /at 78\/CONFIG: it is ExecStartPre= that exits with it/],
    },
    {
      because: 'of several commands nobody knows which is the check',
      text: `${always}ExecStartPre=a\nExecStartPre=b\nRestartPreventExitStatus=42\n`,
      given: exits(['ExecStartPre', 42, 1]),
      found: [6, 'warning', /ended with it once/, /let the check be an ExecCondition=/],
    },
    {
      because: 'the main process ends with it too',
      text: `${always}ExecStartPre=a\nRestartPreventExitStatus=42\n`,
      given: exits(['ExecStartPre', 42, 3], ['main', 42, 1]),
    },
    {
      because: 'another status is listed',
      text: `${always}ExecStartPre=a\nRestartPreventExitStatus=42\n`,
      given: exits(['ExecStartPre', 1, 3]),
    },
    {
      because: 'both commands say it',
      text: `[Service]\nExecStart=sh -c 'exit 42'\nRestart=always\nExecStartPre=sh -c 'exit 42'\nRestartPreventExitStatus=42\n`,
    },
    {
      because: 'without restarts there is nothing to prevent',
      text: `${run}ExecStartPre=sh -c 'exit 42'\nRestartPreventExitStatus=42\n`,
    },
    {
      because: 'that check was taken back',
      text: `${always}ExecStartPre=sh -c 'exit 42'\nExecStartPre=\nRestartPreventExitStatus=42\n`,
    },
  ],
  'burst-burned-at-once': [
    {
      because: 'a database that is restarted takes longer than half a second',
      text: `[Unit]\nRequires=db.service\nAfter=db.service\n${run}Restart=on-failure\n`,
      found: [
        6,
        'warning',
        /5 starts that fail at once are over in 500ms .*db\.service, which it needs/,
        '[Unit]\nStartLimitIntervalSec=1min\n\n[Service]\nRestartSec=5s\n',
      ],
    },
    {
      because: 'RestartSec=0 is worse, and the network is a dependency too',
      text: `[Unit]\nWants=network-online.target\nAfter=network.target network-online.target\n${always}RestartSec=0\n`,
      found: [7, 'warning', /over in no time \(RestartSec=0\)/],
    },
    {
      because: 'a second for each start is time enough',
      text: `[Unit]\nRequires=db.service\nAfter=db.service\n${always}RestartSec=1\n`,
    },
    { because: 'it is not ordered after it', text: `[Unit]\nRequires=db.service\n${always}` },
    {
      because: 'it does not need what it comes after',
      text: `[Unit]\nAfter=db.service network-online.target\n${always}`,
    },
    {
      because: "systemd's own services are there at once",
      text: `[Unit]\nWants=systemd-sysusers.service dbus.service\nAfter=systemd-sysusers.service dbus.service\n${always}`,
    },
    {
      because: 'without a limit there is no burst',
      text: `[Unit]\nStartLimitIntervalSec=0\nRequires=db.service\nAfter=db.service\n${run}Restart=on-failure\n`,
    },
    {
      because: 'what is not restarted burns nothing',
      text: `[Unit]\nRequires=db.service\nAfter=db.service\n${run}`,
    },
    {
      because: 'systemd knows how it restarts its own',
      text: `[Unit]\nWants=db.service\nAfter=db.service\n${always}RestartSec=0\n`,
      given: { unit: 'systemd-a.service' },
    },
  ],
  'oneshot-restart': [
    {
      because: 'systemd refuses it',
      text: `[Service]\nType=oneshot\nExecStart=a\nRestart=always\n`,
      found: [
        4,
        'error',
        /refuses a oneshot with Restart=always: the unit does not load/,
        '[Service]\nRestart=on-failure\n',
      ],
    },
    {
      because: 'without ExecStart= it is a oneshot, too',
      text: `[Service]\nExecStop=a\nRestart=on-success\n`,
      found: [3, 'error', /Restart=on-success/],
    },
    {
      because: "old ones can't have a forced status",
      text: `[Service]\nType=oneshot\nExecStart=a\nRestartForceExitStatus=3\n`,
      given: { version: 252 },
      found: [
        4,
        'error',
        /systemd 252 refuses a oneshot with RestartForceExitStatus=/,
        '[Service]\nRestartForceExitStatus=\n',
      ],
    },
    {
      because: 'the oldest take neither',
      text: `[Service]\nType=oneshot\nExecStart=a\nRestart=always\nRestartForceExitStatus=3\n`,
      given: { version: 244 },
      found: [4, 'error', /Restart=always/, '[Service]\nRestart=no\nRestartForceExitStatus=\n'],
    },
    { because: 'newer ones can', text: `[Service]\nType=oneshot\nExecStart=a\nRestartForceExitStatus=3\n` },
    {
      because: 'a failed oneshot can be tried again',
      text: `[Service]\nType=oneshot\nExecStart=a\nRestart=on-failure\n`,
    },
    { because: 'it is none', text: always },
  ],
  'never-ready': [
    {
      because: 'each start ran into its timeout',
      text: `${run}Type=notify\n`,
      given: { past: pastOf({ neverReady: 4 }) },
      found: [
        3,
        'warning',
        /Type=notify waits for READY=1, which never came: all of its 4 starts/,
        '[Service]\nType=exec\n',
      ],
    },
    {
      because: 'once it was ready',
      text: `${run}Type=notify\n`,
      given: { past: pastOf({ neverReady: 4, ready: 1 }) },
    },
    {
      because: 'it is ready now',
      text: `${run}Type=notify\n`,
      given: { past: pastOf({ neverReady: 1 }), active: true },
    },
    { because: 'it was never started', text: `${run}Type=notify\n` },
    {
      because: 'nobody waits for READY=1',
      text: `${run}Type=forking\n`,
      given: { past: pastOf({ neverReady: 4 }) },
    },
  ],
  'watchdog-uncovered': [
    {
      because: 'it is killed and stays down',
      text: `${run}WatchdogSec=30\n`,
      found: [
        3,
        'warning',
        /after 30s without a sign of life the watchdog kills it, and it stays down: Restart=no/,
        '[Service]\nRestart=on-watchdog\n',
      ],
    },
    {
      because: 'on-abort does not restart on a watchdog',
      text: `${run}WatchdogSec=30\nRestart=on-abort\n`,
      found: [
        3,
        'warning',
        /Restart=on-abort does not restart on result "watchdog"/,
        '[Service]\nRestart=on-abnormal\n',
      ],
    },
    {
      because: 'SIGABRT is how the watchdog kills',
      text: `${always}WatchdogSec=30\nRestartPreventExitStatus=78 SIGABRT\n`,
      found: [
        4,
        'warning',
        /RestartPreventExitStatus= lists SIGABRT/,
        '[Service]\nRestartPreventExitStatus=\nRestartPreventExitStatus=78\n',
      ],
    },
    { because: 'it is covered', text: `${run}WatchdogSec=30\nRestart=on-watchdog\n` },
    { because: 'SIGABRT is forced', text: `${run}WatchdogSec=30\nRestartForceExitStatus=SIGABRT\n` },
    { because: 'the watchdog is off', text: `${run}WatchdogSec=0\n` },
    {
      because: 'whoever calls its bus name starts it again',
      text: `${run}WatchdogSec=3min\nBusName=org.example.A\n`,
    },
    {
      because: 'whoever connects starts it again',
      text: `${run}WatchdogSec=3min\n`,
      given: { hasSocket: true },
    },
  ],
  'on-failure-skipped': [
    {
      because: 'it never passes through failed',
      text: `[Unit]\nOnFailure=page@%n.service\nStartLimitIntervalSec=0\n${run}Restart=on-failure\nRestartMode=direct\n`,
      found: [
        2,
        'warning',
        /OnFailure=page@%n\.service never fires: .*the start limit is off/,
        /^\[Unit\]\nStartLimitIntervalSec=/,
      ],
    },
    {
      because: "nor where the limit can't trip",
      text: `[Unit]\nOnFailure=page.service\n${run}Restart=on-failure\nRestartSec=1min\nRestartMode=direct\n`,
      found: [2, 'warning', /can never trip/],
    },
    {
      because: 'when systemd gives up it does fire, but no sooner',
      text: `[Unit]\nOnFailure=page.service\n${run}Restart=on-failure\nRestartMode=direct\n`,
      found: [
        2,
        'info',
        /only when the start limit \(5 starts in 10s, systemd's default\) gives up/,
        '[Service]\nRestartMode=normal\n',
      ],
    },
    {
      because: 'the mode is the usual one',
      text: `[Unit]\nOnFailure=page.service\nStartLimitIntervalSec=0\n${run}Restart=on-failure\n`,
    },
    {
      because: 'older ones do not know the mode',
      text: `[Unit]\nOnFailure=page.service\nStartLimitIntervalSec=0\n${run}Restart=on-failure\nRestartMode=direct\n`,
      given: { version: 253 },
    },
    {
      because: 'an exit status leads to failed',
      text: `[Unit]\nOnFailure=page.service\nStartLimitIntervalSec=0\n${run}Restart=on-abnormal\nRestartMode=direct\n`,
    },
    {
      because: 'so does one that is prevented',
      text: `[Unit]\nOnFailure=page.service\nStartLimitIntervalSec=0\n${run}Restart=on-failure\nRestartMode=direct\nRestartPreventExitStatus=78\n`,
    },
    {
      because: 'nothing waits for the failure',
      text: `[Unit]\nStartLimitIntervalSec=0\n${run}Restart=on-failure\nRestartMode=direct\n`,
    },
  ],
  'drop-in-overridden': [
    {
      because: 'it has no effect, whatever folder the later one is in',
      text: always,
      given: {
        dropIns: {
          '10-own.conf': '[Service]\nRestartSec=1\n',
          '/usr/lib/systemd/system/a.service.d/50-vendor.conf': '[Service]\nRestartSec=2\n',
        },
      },
      found: [
        2,
        'warning',
        /RestartSec=1 has no effect: \/usr\/lib\/.*50-vendor\.conf, line 2, is read later and says RestartSec=2/,
        /^\[Service\]\nRestartSec=1\n# in a drop-in whose name comes after "50-vendor\.conf"/,
      ],
    },
    {
      because: 'a list that a later one empties is overridden',
      text: always,
      given: {
        dropIns: {
          '10.conf': '[Service]\nRestartPreventExitStatus=1\n',
          '20.conf': '[Service]\nRestartPreventExitStatus=\n',
        },
      },
      found: [2, 'warning', /says RestartPreventExitStatus=$/],
    },
    {
      because: 'lists add up',
      text: always,
      given: {
        dropIns: {
          '10.conf': '[Service]\nRestartPreventExitStatus=1\n',
          '20.conf': '[Service]\nRestartPreventExitStatus=2\n',
        },
      },
    },
    {
      because: 'both say the same',
      text: always,
      given: { dropIns: { '10.conf': '[Service]\nRestartSec=1\n', '20.conf': '[Service]\nRestartSec=1\n' } },
    },
    {
      because: 'that is what drop-ins are for',
      text: `${always}RestartSec=1\n`,
      given: { dropIns: { '10.conf': '[Service]\nRestartSec=2\n' } },
    },
    {
      because: "a package's may be overridden",
      text: always,
      given: {
        dropIns: {
          '/usr/lib/systemd/system/a.service.d/10.conf': '[Service]\nRestartSec=1\n',
          '20.conf': '[Service]\nRestartSec=2\n',
        },
      },
    },
    {
      because: "the later one can't be read",
      text: always,
      given: {
        dropIns: { '10.conf': '[Service]\nRestartSec=1\n', '20.conf': '[Service]\nRestartSec=soon\n' },
      },
    },
    {
      because: 'of other directives it is not known how they go together',
      text: always,
      given: { dropIns: { '10.conf': '[Service]\nUser=a\n', '20.conf': '[Service]\nUser=b\n' } },
    },
  ],
};
