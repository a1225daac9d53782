import { always, run, type RuleCases } from './rule-case.ts';

/** What is to follow, on a failure or in the reading of files, and does not. */
export const followCases: RuleCases = {
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
    {
      because: 'the machine is rebooted then',
      text: `[Unit]\nFailureAction=reboot\n${run}WatchdogSec=30\n`,
    },
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
      found: [2, 'warning', /can't stop a loop/],
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
      because: 'the later one is for every service, and so no wish for this one',
      text: always,
      given: {
        unit: 'a-b@x.service',
        dropIns: {
          '/etc/systemd/system/a-b@.service.d/10.conf': '[Service]\nRestartSec=1\n',
          '/etc/systemd/system/service.d/50.conf': '[Service]\nRestartSec=2\n',
        },
      },
      found: [2, 'warning', /service\.d\/50\.conf, line 2, is read later/],
    },
    {
      because: 'what a template says is meant to be overridden for an instance',
      text: always,
      given: {
        unit: 'a-b@x.service',
        dropIns: {
          '/etc/systemd/system/service.d/05.conf': '[Service]\nRestartSec=4\n',
          '/etc/systemd/system/a-.service.d/10.conf': '[Service]\nRestartSec=1\n',
          '/etc/systemd/system/a-b@.service.d/20.conf': '[Service]\nRestartSec=2\n',
          '/etc/systemd/system/a-b@x.service.d/30.conf': '[Service]\nRestartSec=3\n',
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
