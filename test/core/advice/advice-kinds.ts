import { secondMs } from './advice-cases.ts';
import { type Case, given, loop, withLimit, slowly } from './advice-rows.ts';
import { control, ending, exited, killed } from '../systemd/ending-cases.ts';

export const stories: Readonly<Record<string, Case>> = {
  logstash: {
    evidence: given({}, loop(exited(1), { uptimeMs: 8 * secondMs, times: 3812 })),
    lines: ['RestartPreventExitStatus=1'],
    says: "its start limit can't stop it: 5 × 8.4s > 10s",
    because: 'a path that does not exist will not exist in 8 s either, and in failed everybody sees it',
  },
  sendmail: {
    evidence: given({}, loop(exited(71))),
    lines: ['RestartPreventExitStatus=71'],
    says: 'with status 71/OSERR',
    because: 'its own configuration listens twice: each start ends in the same conflict',
  },
  riemann: {
    evidence: given({}, loop(exited(127))),
    lines: ['RestartPreventExitStatus=127'],
    because: '/tmp stays noexec until a person mounts it anew',
  },
  ganglia: {
    evidence: given({}, loop(exited(2))),
    lines: ['RestartPreventExitStatus=2'],
    says: 'status 2/INVALIDARGUMENT',
    because: 'a stray quote does not go away',
  },
  'strace -c': {
    evidence: given({}, loop(killed(11))),
    lines: withLimit,
    because: 'whoever traces it needs runs to come, but not each 3 s, and not for ever',
  },
};

export const kinds: Readonly<Record<string, Case>> = {
  'SIGSEGV without a core': {
    evidence: given({}, loop(killed(11))),
    lines: withLimit,
    says: 'SIGSEGV killed it',
    because: 'a crash may depend on input that is gone at the next start',
  },
  'SIGSEGV with a core': {
    evidence: given({}, loop(ending({ code: 'dumped', status: 11, result: 'core-dump' }))),
    lines: withLimit,
    says: 'SIGSEGV made it dump core',
    because: 'as without one',
  },
  'SIGKILL by hand': {
    evidence: given({}, loop(killed(9))),
    lines: withLimit,
    because: 'systemd sends it too, so it is never prevented',
  },
  'SIGTERM of itself': {
    evidence: given({ settings: { restart: 'always' } }, loop(killed(15))),
    lines: withLimit,
    because: 'a stop is a SIGTERM: prevented, a restart that was asked for would not come back',
  },
  'exit 0 under Restart=always': {
    evidence: given({ settings: { restart: 'always' } }, loop(exited(0))),
    lines: withLimit,
    says: 'it would rest where nobody sees it',
    because: 'prevented, it would be inactive and not failed',
  },
  'a clean end, of which the journal has no status': {
    evidence: given(
      { settings: { restart: 'always' } },
      loop(ending({ process: undefined, code: undefined, status: undefined, result: 'success' })),
    ),
    lines: withLimit,
    says: 'it ends in good order',
    because: 'whatever it was, it was none of the failures',
  },
  'start timeout': {
    evidence: given(
      {},
      loop(ending({ code: 'killed', status: 15, result: 'timeout', during: 'start' }), {
        uptimeMs: 90 * secondMs,
      }),
    ),
    lines: ['StartLimitIntervalSec=1h', 'StartLimitBurst=7', ...slowly],
    says: 'systemd killed it itself when its time ran out',
    because: 'what it waits for may come',
  },
  watchdog: {
    evidence: given({}, loop(ending({ code: 'killed', status: 6, result: 'watchdog' }))),
    lines: withLimit,
    because: 'SIGABRT is systemd telling it to end',
  },
  'OOM kill': {
    evidence: given({}, loop(ending({ code: 'killed', status: 9, result: 'oom-kill' }))),
    lines: withLimit,
    because: 'memory may come back, and a slower loop leaves some to others',
  },
  'ExecStartPre=': {
    evidence: given({}, loop(control('ExecStartPre', 42))),
    lines: withLimit,
    says: 'RestartPreventExitStatus= looks at the main process alone',
    because: 'systemd would go on whatever is listed',
  },
  'ExecStartPost=': {
    evidence: given({}, loop(control('ExecStartPost', 42))),
    lines: withLimit,
    says: 'it is ExecStartPost= that fails',
    because: 'the main process died of SIGTERM, which is never prevented',
  },
  'ExecStopPost=': {
    evidence: given({}, loop(control('ExecStopPost', 7))),
    lines: withLimit,
    because: 'the main process ended with 0',
  },
  'ExecCondition= that failed': {
    evidence: given({}, loop(control('ExecCondition', 255))),
    lines: withLimit,
    because: 'no main process there either',
  },
  'missing EnvironmentFile=': {
    evidence: given(
      {},
      loop(ending({ process: undefined, code: undefined, status: undefined, result: 'resources' })),
    ),
    lines: withLimit,
    says: 'systemd could not even start a process of it',
    because: 'there is no status to prevent',
  },
  'exit 0 before READY=1': {
    evidence: given(
      { settings: { type: 'notify' } },
      loop(ending({ status: 0, result: 'protocol', during: 'start' })),
    ),
    lines: withLimit,
    because: 'a forking daemon looks so too',
  },
  'no program (203/EXEC)': {
    evidence: given({}, loop(exited(203))),
    lines: ['RestartPreventExitStatus=203'],
    says: 'status 203/EXEC',
    because: 'of Type=simple it is the main process that could not be executed',
  },
  'no program, Type=forking': {
    evidence: given({ settings: { type: 'forking' } }, loop(control('ExecStart', 203))),
    lines: withLimit,
    because: 'what forks is a control process until its child is known',
  },
  'no user (217/USER)': {
    evidence: given({}, loop(exited(217))),
    lines: ['RestartPreventExitStatus=217'],
    because: 'users do not come by themselves',
  },
  EX_TEMPFAIL: {
    evidence: given({}, loop(exited(75))),
    lines: withLimit,
    says: 'status 75/TEMPFAIL says that it may go better later',
    because: 'the program asks to be tried later',
  },
  "a shell's 137": {
    evidence: given({}, loop(exited(137))),
    lines: withLimit,
    says: "status 137 is a shell's word for a signal",
    because: 'it is a SIGKILL of the command that the shell ran',
  },
  'three statuses': {
    evidence: given({}, loop([exited(1), exited(2), exited(78)])),
    lines: ['RestartPreventExitStatus=1 2 78'],
    because: 'few enough to have one cause',
  },
  'four statuses': {
    evidence: given({}, loop([exited(1), exited(2), exited(3), exited(4)])),
    lines: withLimit,
    says: 'it ends in 4 ways',
    because: 'more than one thing is wrong, some of which may pass',
  },
  'a status and a signal': {
    evidence: given({}, loop([exited(1), exited(1), killed(11)])),
    lines: withLimit,
    because: 'mixed',
  },
  'a status, and a few ends that seem to be good for want of a record': {
    evidence: given(
      {},
      loop(exited(1), { times: 30 }),
      loop(ending({ process: undefined, code: undefined, status: undefined, result: 'success' }), {
        times: 2,
      }),
      loop(exited(1), { times: 30 }),
    ),
    lines: ['RestartPreventExitStatus=1'],
    says: 'The main process ended 60 times in 3min 24s with status 1/FAILURE after about 3s (how 2 more ended is not known), and',
    because: 'a loop of a hundred a second loses some',
  },
  'a status, and a few ends that journald dropped': {
    evidence: given(
      {},
      loop(exited(1), { times: 30 }),
      loop(ending({ process: 'main', code: undefined, status: undefined }), { times: 2 }),
    ),
    lines: ['RestartPreventExitStatus=1'],
    because: 'gaps are no other way to end',
  },
};
