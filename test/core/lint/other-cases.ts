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
      because: 'systemd-analyze does not look at the drop-ins of an instance',
      text: `${always}RestartSteps=3\n`,
      given: { version: 252 },
      found: [4, 'warning', /^systemd 252 ignores this: it does not know RestartSteps=$/],
    },
    {
      because: 'no systemd reads that',
      text: `${run}Restart=allways\n`,
      found: [3, 'warning', /ignores this: it can't read the value$/],
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
      because: 'false ends with 1',
      text: `${always}ExecStartPre=/bin/false\nRestartPreventExitStatus=1\n`,
      found: [5, 'warning', /at 1\/FAILURE: it is ExecStartPre= that exits with it/],
    },
    {
      because: 'its failure is ignored',
      text: `${always}ExecStartPre=+-/bin/sh -c 'exit 42'\nRestartPreventExitStatus=42\n`,
    },
    {
      because: 'after that end nothing is restarted anyway',
      text: `${run}Restart=on-abnormal\nExecStartPre=sh -c 'exit 42'\nRestartPreventExitStatus=42\n`,
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
        'info',
        /5 restarts that fail at once are over within 1.8s \(RestartSec=100ms, systemd's default\): where db\.service, which it needs, takes longer to be up/,
        '[Unit]\nStartLimitIntervalSec=1min\n\n[Service]\nRestartSec=5s\n',
      ],
    },
    {
      because: 'RestartSec=0 is worse, and the network is a dependency too',
      text: `[Unit]\nWants=network-online.target\nAfter=network.target network-online.target\n${always}RestartSec=0\n`,
      found: [
        7,
        'warning',
        /5 restarts that fail at once are over without a pause \(RestartSec=0\): where network-online\.target, which it needs/,
      ],
    },
    {
      because: 'who wrote the limit meant one that gives it a chance',
      text: `[Unit]\nStartLimitBurst=3\nWants=db.service\nAfter=db.service\n${always}`,
      found: [7, 'warning', /3 restarts that fail at once are over within 1.1s/],
    },
    {
      because: 'only a crash is restarted, and nobody crashes of that',
      text: `[Unit]\nRequires=db.service\nAfter=db.service\n${run}Restart=on-abort\n`,
    },
    {
      because: 'it goes down and up with what it is bound to',
      text: `[Unit]\nBindsTo=db.service\nAfter=db.service\n${always}`,
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
  'delay-does-not-grow': [
    {
      because: 'there is nothing to grow to',
      text: `${always}RestartSteps=4\n`,
      found: [
        4,
        'warning',
        /RestartSteps=4 has no RestartMaxDelaySec= to grow to, so each restart waits 100ms/,
        '[Service]\nRestartMaxDelaySec=5min\n',
      ],
    },
    {
      because: 'without steps it never gets there',
      text: `${always}RestartSec=1\nRestartMaxDelaySec=1min\n`,
      found: [5, 'warning', /RestartMaxDelaySec=1min has no RestartSteps=/, '[Service]\nRestartSteps=5\n'],
    },
    {
      because: 'it shrinks',
      text: `${always}RestartSec=10min\nRestartSteps=2\nRestartMaxDelaySec=1min\n`,
      found: [
        6,
        'warning',
        /is not more than RestartSec=10min, .* waits 1min/,
        '[Service]\nRestartMaxDelaySec=40min\n',
      ],
    },
    {
      because: 'nothing grows from nothing',
      text: `${always}RestartSec=0\nRestartSteps=2\nRestartMaxDelaySec=1min\n`,
      found: [4, 'warning', /it would grow from RestartSec=0/, '[Service]\nRestartSec=1s\n'],
    },
    { because: 'it grows', text: `${always}RestartSec=1\nRestartSteps=2\nRestartMaxDelaySec=1min\n` },
    { because: 'it was switched off', text: `${always}RestartSteps=0\nRestartMaxDelaySec=1min\n` },
    {
      because: 'an older systemd says that it does not know it',
      text: `${always}RestartSteps=4\n`,
      given: { version: 253 },
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
        /^\[Service\]\nType=exec\n# or NotifyAccess=all/,
      ],
    },
    {
      because: 'it has been starting for so long that it seems to have forgotten',
      text: `${run}Type=notify\n`,
      given: { startingForMs: 7_200_000 },
      found: [3, 'info', /it has been starting for 2h/],
    },
    {
      because: 'half a minute is nothing',
      text: `${run}Type=notify\n`,
      given: { startingForMs: 30_000 },
    },
    {
      because: 'after a long run without it, it has much to do',
      text: `${run}Type=notify\n`,
      given: { startingForMs: 7_200_000, past: pastOf({ ready: 1 }) },
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
};
