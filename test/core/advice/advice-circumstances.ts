import { builtInPolicy } from '../../../src/core/policy.ts';
import { evidenceOf, fileOf, hourMs, minuteMs, secondMs, serviceOf } from './advice-cases.ts';
import {
  type Case,
  type Change,
  day,
  given,
  healthy,
  longLife,
  loop,
  remedy,
  slowly,
  withLimit,
} from './advice-rows.ts';
import { control, ending, exited, killed, statuses } from '../systemd/ending-cases.ts';

export const circumstances: Readonly<Record<string, Case>> = {
  'a status that has healed by itself': {
    evidence: given({}, loop(exited(1)), longLife, loop(exited(1))),
    lines: slowly,
    says: 'after status 1/FAILURE it came back by itself before',
    because: 'prevented, it would not have come back',
  },
  'a status that a person has healed': {
    evidence: given({}, loop(exited(1), { sequel: 'external', times: 1 }), healthy, loop(exited(1))),
    lines: ['RestartPreventExitStatus=1'],
    because: 'somebody started it again, not Restart=',
  },
  'another status that has healed': {
    evidence: given({}, loop(exited(75)), longLife, loop(exited(1))),
    lines: ['RestartPreventExitStatus=1'],
    because: 'that says nothing of this one',
  },
  'too few deaths': {
    evidence: given({}, loop(exited(1), { times: 2 })),
    none: '2 deaths in 3.4s say too little: change nothing yet.',
    because: 'two are chance',
  },
  'one death': {
    evidence: given({}, loop(exited(1), { times: 1 })),
    none: '1 death says too little: change nothing yet.',
    because: 'one is chance',
  },
  'one death, after a healthy run': {
    evidence: given({}, longLife),
    none: 'It last died after a healthy run, and not since (in the last 1d): there is nothing to change.',
    because: 'that is what Restart= is for',
  },
  'three deaths': {
    evidence: given({}, loop(exited(1), { times: 3 })),
    lines: ['RestartPreventExitStatus=1'],
    because: 'three in a row are not',
  },
  'no death': {
    evidence: evidenceOf([]),
    none: 'It did not die in the last 1d without being asked to: there is nothing to change.',
    because: 'nothing is wrong',
  },
  'it is up again': {
    evidence: given({ upSinceMs: day, nowMs: day + 11 * minuteMs }, loop(exited(1))),
    none: 'It is up for 11min, after 12 deaths',
    because: 'the loop is over',
  },
  'it works for half an hour each time': {
    evidence: given({}, loop(exited(1), { uptimeMs: 30 * minuteMs })),
    none: 'It works for about 30min before it dies (10 of 10 times by status 1/FAILURE), so to restart it is right: change nothing, fix the program.',
    because: 'at rest it would work never, and a longer delay is small beside 30 min',
  },
  'it works for two minutes and a half': {
    evidence: given({}, loop(exited(1), { uptimeMs: 150 * secondMs })),
    none: 'It works for about 2min 30s',
    because: 'start-up is over by then',
  },
  'it takes a minute to fail': {
    evidence: given({}, loop(exited(1), { uptimeMs: minuteMs })),
    lines: ['RestartPreventExitStatus=1'],
    because: 'some programs take so long to read their configuration',
  },
  'a policy that is calm sooner than the loop comes around': {
    evidence: given(
      { policy: { ...builtInPolicy, calmAfterMs: 5 * secondMs } },
      loop(exited(1), { uptimeMs: 8 * secondMs }),
    ),
    lines: ['RestartPreventExitStatus=1'],
    because: 'a run that outlives twice the period is healthy, no shorter one',
  },
  'restarted from outside': {
    evidence: given({}, loop(exited(1), { sequel: 'external' })),
    none: '12 starts of 12 came from outside',
    because: 'no setting brakes a script that calls systemctl',
  },
  'it follows another service': {
    evidence: given({ root: 'db.service' }, loop(exited(1))),
    none: 'It follows db.service, which is in trouble itself: change nothing here, and see `flapd advise db.service`.',
    because: 'mended there, it is mended here',
  },
  'it was only ever restarted with the service that it requires': {
    evidence: given(
      { root: 'db.service' },
      loop(ending({ requested: true, result: 'success', status: 0 }), { sequel: 'external' }),
    ),
    none: 'It follows db.service',
    because: 'it did not die at all',
  },
  'the start limit has stopped it': {
    evidence: given({ braked: true }, loop(exited(1), { times: 5, uptimeMs: 30 })),
    none: 'Its start limit has done its work: systemd gave up after 5 deaths in 1.5s',
    because: 'the brake works: there is nothing to change but the program',
  },
  'the start limit has stopped what only needs time': {
    evidence: given({ braked: true }, loop(exited(75), { times: 5, uptimeMs: 30 })),
    lines: withLimit,
    because: '100 ms burned the whole burst in 1.5 s; the limit goes on working with the longer delay',
  },
  'a start limit that works, and slower restarts': {
    evidence: given({}, loop(exited(75), { times: 4, uptimeMs: 30 })),
    lines: withLimit,
    says: '5 starts within 10s never would',
    because: 'the longer delay alone would disarm it',
  },
  'a start limit that works, but may not be touched': {
    evidence: given(remedy({ startLimit: 'off' }), loop(exited(75), { times: 4, uptimeMs: 30 })),
    none: 'a longer delay would disarm its start limit, which works, and policy "web" says start_limit: off',
    because: 'half a remedy is worse than none',
  },
  'no start limit at all, on purpose': {
    evidence: given({ settings: { startLimitIntervalMs: 0 } }, loop(killed(11))),
    lines: slowly,
    because: 'whoever wrote StartLimitIntervalSec=0 wants it to go on trying',
  },
  'StartLimitAction=reboot': {
    evidence: given({ service: serviceOf({}, { startLimitAction: 'reboot' }) }, loop(killed(11))),
    lines: slowly,
    says: 'No start limit is advised with it: StartLimitAction=reboot would follow when it trips.',
    because: 'a limit that trips would reboot the machine',
  },
  'FailureAction=reboot': {
    evidence: given({ service: serviceOf({}, { failureAction: 'reboot' }) }, loop(exited(1))),
    lines: slowly,
    says: 'FailureAction=reboot would follow when it rests in "failed"',
    because: 'whatever makes it rest reboots the machine',
  },
  'FailureAction=reboot, and a list in the policy': {
    evidence: given(
      { ...remedy({ preventExitStatus: [1] }), service: serviceOf({}, { failureAction: 'reboot' }) },
      loop(exited(1)),
    ),
    lines: slowly,
    because: 'as without one',
  },
  'another service requires it': {
    evidence: given({ service: serviceOf({}, { requiredBy: ['api.service'] }) }, loop(exited(1))),
    lines: slowly,
    says: 'api.service requires it, and status 1/FAILURE does not say that only a person can mend it',
    because: 'at rest it takes api down, and 1 may be anything',
  },
  'another service requires it, and its configuration is wrong': {
    evidence: given({ service: serviceOf({}, { boundBy: ['api.service'] }) }, loop(exited(78))),
    lines: ['RestartPreventExitStatus=78'],
    says: 'While it is down, api.service is stopped with it (BindsTo=).',
    because: 'api can not have it anyway before a person has mended it',
  },
  'what lets people log in': {
    evidence: given({ service: serviceOf({}, { unit: 'ssh.service' }) }, loop(exited(255))),
    none: 'flapd leaves ssh.service alone (it lets people log in)',
    because: 'a wrong setting locks its owner out',
  },
  masked: {
    evidence: given(
      { service: serviceOf({}, { loadState: 'masked', settings: undefined }) },
      loop(exited(1)),
    ),
    none: 'It is masked',
    because: 'no drop-in of it is read',
  },
  'no unit file': {
    evidence: given(
      { service: serviceOf({}, { loadState: 'not-found', settings: undefined }) },
      loop(exited(1)),
    ),
    none: 'systemd finds no unit file of it',
    because: 'as there',
  },
  transient: {
    evidence: given({ service: serviceOf({}, { transient: true }) }, loop(exited(1))),
    none: 'what creates it should set RestartPreventExitStatus=1',
    because: 'its unit file is gone with it, and a drop-in would stay',
  },
  generated: {
    evidence: given({ service: serviceOf({}, { unitFileState: 'generated' }) }, loop(exited(1))),
    lines: ['RestartPreventExitStatus=1'],
    says: 'a drop-in stays, an edit would not',
    because: 'generated units take drop-ins like others',
  },
  'RestartMode=direct': {
    evidence: given({ settings: { restartMode: 'direct' } }, loop(exited(1))),
    lines: ['RestartPreventExitStatus=1'],
    says: 'restarts it at once where it waits (RestartMode=direct)',
    because: 'a reload forgets since when it waits',
  },
  'the list has others already': {
    evidence: given({ settings: { preventExitStatus: statuses(78) } }, loop(exited(1))),
    lines: ['RestartPreventExitStatus=1'],
    because: 'lists add up over drop-ins',
  },
  'the list has it by now': {
    evidence: given(
      { settings: { preventExitStatus: statuses(1) } },
      loop(exited(1)),
      loop(exited(1), { times: 1, sequel: 'none' }),
    ),
    none: 'As it is set now, systemd does not restart it after status 1/FAILURE (RestartPreventExitStatus= lists 1/FAILURE)',
    because: 'somebody has changed it since',
  },
  'it waits for long already': {
    evidence: given(
      { settings: { restartSecMs: 10 * minuteMs, startLimitIntervalMs: 2 * hourMs } },
      loop(killed(11), { delayMs: 10 * minuteMs }),
    ),
    none: 'it waits up to 10min already; its start limit works',
    because: 'six restarts an hour hurt nobody',
  },
  'it waits for long already, and has no start limit': {
    evidence: given(
      { settings: { restartSecMs: 10 * minuteMs, startLimitIntervalMs: 0 } },
      loop(killed(11), { delayMs: 10 * minuteMs }),
    ),
    none: 'it waits up to 10min already; its start limit is switched off. Change nothing, fix the program.',
    because: 'once advice is followed, no more of it follows',
  },
  'its delay grows already, but for a short while': {
    evidence: given(
      { settings: { restartSecMs: 10_000, restartSteps: 3, restartMaxDelayMs: 60_000, startLimitBurst: 0 } },
      loop(killed(11)),
    ),
    lines: ['RestartMaxDelaySec=5min'],
    because: 'what is right already is left as it is; with more steps the second delay would be shorter',
  },
  'a delay with a random part': {
    evidence: given(
      {
        service: serviceOf({ systemdVersion: 262 }, { randomDelayMs: minuteMs }),
        policy: { ...builtInPolicy, remedy: { ...builtInPolicy.remedy, backoff: 'off' } },
      },
      loop(killed(11)),
    ),
    lines: ['StartLimitIntervalSec=10min'],
    says: '5 × 1min 3s is 5min 17s at its slowest',
    because: 'a cycle may take that much longer',
  },
  'systemd 252': {
    evidence: given({ settings: { systemdVersion: 252 } }, loop(killed(11))),
    lines: ['StartLimitIntervalSec=30min', 'StartLimitBurst=37', 'RestartSec=30s'],
    says: 'systemd 252 knows no delay that grows (254 does)',
    because: 'RestartSteps= would be an unknown key there',
  },
};

export const policies: Readonly<Record<string, Case>> = {
  'prevent_exit_status: off': {
    evidence: given(remedy({ preventExitStatus: 'off' }), loop(exited(1))),
    lines: withLimit,
    says: 'policy "web" says prevent_exit_status: off',
    because: 'the policy wants it to be tried again',
  },
  'a list that has it': {
    evidence: given(remedy({ preventExitStatus: [1, 'CONFIG', 'SIGSEGV'] }), loop(killed(11))),
    lines: ['RestartPreventExitStatus=1 78 SIGSEGV'],
    because: 'the policy knows that a SIGSEGV does not pass',
  },
  'a list that lacks it': {
    evidence: given(remedy({ preventExitStatus: [78] }), loop(exited(1))),
    lines: withLimit,
    says: 'it ends in no way that policy "web" lists',
    because: 'nothing on the list would help',
  },
  'a list with what has healed': {
    evidence: given(remedy({ preventExitStatus: [1] }), loop(exited(1)), longLife, loop(exited(1))),
    lines: slowly,
    because: 'what has come back by itself is never prevented',
  },
  'a list for ExecStartPre=': {
    evidence: given(remedy({ preventExitStatus: [42] }), loop(control('ExecStartPre', 42))),
    lines: withLimit,
    because: 'systemd does not look at it',
  },
  'backoff: off': {
    evidence: given(remedy({ backoff: 'off' }), loop(killed(11))),
    lines: ['StartLimitIntervalSec=20s'],
    says: '5 × 3.4s is 16.8s at its slowest, so within 20s the limit trips',
    because: 'a limit that can trip is what is left',
  },
  'backoff from 1s to 1min': {
    evidence: given(remedy({ backoff: { fromMs: 1000, toMs: 60_000 } }), loop(killed(11))),
    lines: [
      'StartLimitIntervalSec=30min',
      'StartLimitBurst=24',
      'RestartSec=1s',
      'RestartSteps=6',
      'RestartMaxDelaySec=1min',
    ],
    because: 'the policy says so',
  },
  'backoff from 4s to 7s': {
    evidence: given(remedy({ backoff: { fromMs: 4000, toMs: 7000 }, startLimit: 'off' }), loop(killed(11))),
    lines: ['RestartSec=4s', 'RestartSteps=1', 'RestartMaxDelaySec=7s'],
    says: 'From 4s to 7s in 1 step each delay is 1.8 times as long as the one before.',
    because: 'less than twice as long is one step',
  },
  'start_limit: off': {
    evidence: given(remedy({ startLimit: 'off' }), loop(killed(11))),
    lines: slowly,
    because: 'the policy wants it to go on trying',
  },
  'all off': {
    evidence: given(remedy({ preventExitStatus: 'off', backoff: 'off', startLimit: 'off' }), loop(exited(1))),
    none: 'No setting of its restarts would help: policy "web" says prevent_exit_status: off; policy "web" says backoff: off; policy "web" says start_limit: off. Change nothing, fix the program.',
    because: 'nothing is left',
  },
};

const override = '/etc/systemd/system/app.service.d/override.conf';
const fragment = fileOf('/etc/systemd/system/app.service', '[Service]\nExecStart=x\nRestart=on-failure\n');
const withFile = (name: string, text: string): Change => ({ files: [fragment, fileOf(name, text)] });

export const files: Readonly<Record<string, Case>> = {
  'a later file that empties the list': {
    evidence: given(withFile(override, '[Service]\nRestartPreventExitStatus=\n'), loop(exited(1))),
    lines: withLimit,
    says: `RestartPreventExitStatus= can't be set from 90-flapd.conf: ${override} is read after it, and says "RestartPreventExitStatus=" in line 2. Change it there.`,
    because: 'what we list would be forgotten',
  },
  'a later file that adds to the list': {
    evidence: given(withFile(override, '[Service]\nRestartPreventExitStatus=78\n'), loop(exited(1))),
    lines: ['RestartPreventExitStatus=1'],
    because: 'lists add up',
  },
  'a later file that sets the delay': {
    evidence: given(withFile(override, '[Service]\n# ours\nRestartSec=1s\n'), loop(killed(11))),
    lines: ['StartLimitIntervalSec=20s'],
    says: `${override} is read after it, and says "RestartSec=1s" in line 3`,
    because: 'a limit can still be had',
  },
  'an earlier file that sets the delay': {
    evidence: given(
      withFile('/etc/systemd/system/app.service.d/10-delay.conf', '[Service]\nRestartSec=1s\n'),
      loop(killed(11)),
    ),
    lines: withLimit,
    because: 'ours has the last word',
  },
  'later files that set all of it': {
    evidence: given(
      withFile(
        override,
        '[Unit]\nStartLimitInterval=10s\n[Service]\nRestartSec=1s\nRestartPreventExitStatus=\n',
      ),
      loop(exited(75)),
    ),
    none: 'a later file sets the delay; a later file sets its start limit',
    because: 'nothing that flapd writes would have an effect',
  },
};
