import { always, loop, run, type RuleCases } from './rule-case.ts';

/** Start limits that can't work. */
export const limitCases: RuleCases = {
  'start-limit-out-of-reach': [
    {
      because: '5 delays of 3 s last longer than the 10 s that were written',
      text: `[Unit]\nStartLimitBurst=5\n${always}RestartSec=3\n`,
      found: [
        2,
        'warning',
        /5 restarts wait 15s at least \(RestartSec=3s\), more than 10s/,
        '[Unit]\nStartLimitIntervalSec=1min\n',
      ],
    },
    {
      because: 'the default limit is disarmed too, but nobody asked for one',
      text: `${always}RestartSec=3\n`,
      found: [4, 'info', /\(5 starts in 10s, systemd's default\) can't stop a loop/],
    },
    {
      because: 'a growing delay leaves the window behind before the burst is over',
      text: `[Unit]\nStartLimitIntervalSec=30\n${always}RestartSec=1\nRestartSteps=3\nRestartMaxDelaySec=1min\n`,
      found: [2, 'warning', /RestartSec=1s growing to 1min/],
    },
    {
      because: 'the interval that was meant stands in the wrong section',
      text: `${always}RestartSec=3\nStartLimitIntervalSec=5min\n`,
      found: [4, 'info', /can't stop a loop/, '[Unit]\nStartLimitIntervalSec=5min\n'],
    },
    {
      because: 'the old systemd does not grow it',
      text: `[Unit]\nStartLimitIntervalSec=30\n${always}RestartSec=1\nRestartSteps=3\nRestartMaxDelaySec=1min\n`,
      given: { version: 253 },
    },
    {
      because: 'each run took so long that the limit never counted five in 10 s',
      text: always,
      given: loop(8100),
      found: [
        3,
        'warning',
        /40 restarts, one each 8.1s, and 5 × 8.1s is more than 10s/,
        '[Unit]\nStartLimitIntervalSec=2min\n',
      ],
    },
    { because: '2 s is the pace at which it just trips', text: `${always}RestartSec=2\n` },
    { because: 'the loop was fast enough for it', text: always, given: loop(1900) },
    {
      because: 'the interval fits the delay',
      text: `[Unit]\nStartLimitIntervalSec=1min\n${always}RestartSec=10\n`,
    },
    { because: 'there is nothing that it could stop', text: `${run}RestartSec=30\n` },
    {
      because: 'a limit that is off is another matter',
      text: `[Unit]\nStartLimitBurst=0\n${run}Restart=on-failure\nRestartSec=30\n`,
    },
    { because: 'a restart that never comes needs no brake', text: `${always}RestartSec=infinity\n` },
    {
      because: 'an interval without end counts every start',
      text: `[Unit]\nStartLimitIntervalSec=infinity\n${always}RestartSec=1h\n`,
    },
    {
      because: 'a limit that trips would reboot the machine: that has to be decided first',
      text: `[Unit]\nStartLimitAction=reboot\n${always}RestartSec=3\n`,
      found: [
        6,
        'warning',
        /can't stop a loop/,
        'first decide on StartLimitAction=reboot: a start limit that trips would lead to it',
      ],
    },
    {
      because: 'Restart=no does not count where ForceExitStatus does it',
      text: `${run}RestartForceExitStatus=75\nRestartSec=1min\n`,
      found: [4, 'info', /can't stop a loop/],
    },
  ],
  'start-limit-off': [
    {
      because: 'nothing stops it, and 100 ms is fast',
      text: `[Unit]\nStartLimitIntervalSec=0\n${always}`,
      found: [
        2,
        'warning',
        /up to 864,000 times a day \(RestartSec=100ms, systemd's default\): StartLimitIntervalSec=0 switches/,
        /^\[Unit\]\nStartLimitIntervalSec=5s\n$/,
      ],
    },
    {
      because: 'a burst of 0 is the same switch',
      text: `[Unit]\nStartLimitBurst=0\n${always}RestartSec=0\n`,
      found: [
        2,
        'warning',
        /without a pause .*: StartLimitBurst=0 switches/,
        '[Unit]\nStartLimitIntervalSec=2s\nStartLimitBurst=5\n',
      ],
    },
    {
      because: 'the old name in [Service] switches it off as well',
      text: `${always}StartLimitInterval=0\n`,
      found: [4, 'warning', /nothing ever stops a loop/],
    },
    {
      because: 'once a minute may be meant',
      text: `[Unit]\nStartLimitIntervalSec=0\n${always}RestartSec=1min\n`,
      found: [2, 'info', /up to 1,440 times a day/],
    },
    {
      because: 'it has looped, and nothing was there to stop it',
      text: `[Unit]\nStartLimitIntervalSec=0\n${run}Restart=on-failure\n`,
      given: loop(8100),
      found: [
        2,
        'warning',
        /nothing stopped it when it looped, 40 restarts, one each 8.1s: StartLimitIntervalSec=0 switches/,
        '[Unit]\nStartLimitIntervalSec=2min\n',
      ],
    },
    {
      because: 'Restart=on-failure stops at a clean end',
      text: `[Unit]\nStartLimitIntervalSec=0\n${run}Restart=on-failure\n`,
    },
    {
      because: 'the shortest limit is one',
      text: `[Unit]\nStartLimitIntervalSec=1us\nStartLimitBurst=1\n${always}RestartSec=0\n`,
    },
    {
      because: 'the later value counts',
      text: `[Unit]\nStartLimitIntervalSec=0\nStartLimitIntervalSec=10\n${always}`,
    },
  ],
  'wrong-section': [
    {
      because: 'the new name was never read in [Service]',
      text: `${always}StartLimitIntervalSec=60\n`,
      found: [
        4,
        'error',
        /StartLimitIntervalSec=60 has no effect: it stands in \[Service\], and systemd reads it in \[Unit\] only/,
        '[Unit]\nStartLimitIntervalSec=60\n',
      ],
    },
    {
      because: 'where it belongs it would not trip either',
      text: `[Unit]\nStartLimitBurst=2\n${always}RestartSec=2\nStartLimitIntervalSec=3\n`,
      found: [7, 'error', /has no effect/, '[Unit]\nStartLimitIntervalSec=10s\n'],
    },
    {
      because: "Restart= is a service's",
      text: `[Unit]\nRestart=on-failure\n${run}`,
      found: [2, 'error', /reads it in \[Service\] only/, '[Service]\nRestart=on-failure\n'],
    },
    {
      because: 'it is no value anywhere',
      text: `[Install]\nRestartSec=soon\n${run}`,
      found: [2, 'error', /RestartSec=soon has no effect/, /with a value that systemd can read/],
    },
    {
      because: 'old names are still read in [Service]',
      text: `${always}StartLimitInterval=1min\nStartLimitBurst=3\nStartLimitAction=none\n`,
    },
    { because: "a section of its own is nobody's", text: `[X-Mine]\nRestart=always\n${run}` },
    { because: 'it is right where it is', text: `[Unit]\nStartLimitIntervalSec=1min\n${always}` },
  ],
};
