import { describe, expect, test } from 'vitest';
import { journalMessages } from '../../src/core/journal-record.ts';
import { parseJournalLine } from '../../src/systemd/journal-line.ts';
import { JournalTimes } from '../../src/systemd/journal-times.ts';

const times = (): JournalTimes => new JournalTimes({ wallMs: 1_000_000, monotonicMs: 500_000 });

const common = {
  __REALTIME_TIMESTAMP: '900000000',
  __MONOTONIC_TIMESTAMP: '400000000',
  _BOOT_ID: 'b',
  _MACHINE_ID: 'm',
  _COMM: 'systemd',
};

const restart = {
  ...common,
  MESSAGE_ID: journalMessages.restartScheduled,
  UNIT: 'loop.service',
  INVOCATION_ID: 'a',
  N_RESTARTS: '3',
  _PID: '1',
  _UID: '0',
  _SYSTEMD_UNIT: 'init.scope',
};

const userRestart = {
  ...common,
  MESSAGE_ID: journalMessages.restartScheduled,
  USER_UNIT: 'loop.service',
  USER_INVOCATION_ID: 'a',
  N_RESTARTS: '3',
  _PID: '111',
  _UID: '4242',
  _SYSTEMD_UNIT: 'user@4242.service',
  _SYSTEMD_USER_UNIT: 'init.scope',
};

const system = (fields: object): unknown => parseJournalLine(JSON.stringify(fields), times());
const user = (fields: object): unknown => parseJournalLine(JSON.stringify(fields), times(), 'user');

describe('a line of PID 1', () => {
  test('says which unit of which machine was restarted, and when on both clocks', () => {
    expect(system(restart)).toEqual({
      kind: 'restart-scheduled',
      machineId: 'm',
      bootId: 'b',
      uid: undefined,
      unit: 'loop.service',
      invocationId: 'a',
      nRestarts: 3,
      at: { wallMs: 900_000, monotonicMs: 400_000 },
    });
  });

  test.each([
    ['exited', '78', { code: 1, status: 78 }],
    ['killed', '9', { code: 2, status: 9 }],
    ['dumped', '11', { code: 3, status: 11 }],
  ])('says how a process ended: %s %s', (EXIT_CODE, EXIT_STATUS, wanted) => {
    const fields = {
      ...restart,
      MESSAGE_ID: journalMessages.processExit,
      COMMAND: 'ExecStart',
      EXIT_CODE,
      EXIT_STATUS,
    };
    expect(system(fields)).toMatchObject({ kind: 'process-exit', command: 'ExecStart', ...wanted });
  });

  test('says what CPU a run took', () => {
    const fields = { ...restart, MESSAGE_ID: journalMessages.resources, CPU_USAGE_NSEC: '1500000000' };
    expect(system(fields)).toMatchObject({ kind: 'resources', cpuMs: 1500 });
  });

  test.each([
    ['of another process', { _PID: '2' }],
    ['of another process that names PID 1 in its message', { _PID: '2', MESSAGE: '"_PID":"1"' }],
    ['with two process ids', { _PID: ['1', '2'] }],
    ['with a process id in bytes', { _PID: [49] }],
    ['with a process id as a number', { _PID: 1 }],
    ['without a process id', { _PID: undefined }],
    ['of another message', { MESSAGE_ID: '0123456789abcdef0123456789abcdef' }],
    ['with two message ids', { MESSAGE_ID: [journalMessages.started, journalMessages.failed] }],
    ['with two units', { UNIT: ['a.service', 'b.service'] }],
    ['of a unit that is no service', { UNIT: 'a.socket' }],
    ['with a binary unit', { UNIT: [97, 46] }],
    ['of a user’s unit alone', { UNIT: undefined, USER_UNIT: 'a.service' }],
    ['without an invocation', { INVOCATION_ID: undefined }],
    ['without a time', { __REALTIME_TIMESTAMP: undefined }],
    ['with a time that is none', { __MONOTONIC_TIMESTAMP: 'soon' }],
    ['with a counter that is none', { N_RESTARTS: 'many' }],
    ['with a counter of zero', { N_RESTARTS: '0' }],
    ['with two counters', { N_RESTARTS: ['1', '2'] }],
  ])('is passed over %s', (_what, change) => {
    expect(system({ ...restart, ...change })).toBeUndefined();
  });

  test.each([
    ['no JSON', '-- No entries -- "_PID":"1"'],
    ['torn', JSON.stringify(restart).slice(0, -5)],
    ['an array', `[${JSON.stringify(restart)}]`],
    ['null', 'null'],
    ['empty', ''],
  ])('is passed over where it is %s', (_what, line) => {
    expect(parseJournalLine(line, times())).toBeUndefined();
  });
});

describe('a line of a user’s manager', () => {
  test('says whose unit was restarted', () => {
    expect(user(userRestart)).toMatchObject({
      kind: 'restart-scheduled',
      uid: '4242',
      unit: 'loop.service',
      nRestarts: 3,
    });
  });

  test('is nothing where the system’s units are asked for, nor is one of PID 1 where users’ are', () => {
    expect(system(userRestart)).toBeUndefined();
    expect(user(restart)).toBeUndefined();
  });

  test.each([
    ['a service of the user that calls itself systemd', { _SYSTEMD_USER_UNIT: 'forger.service' }],
    ['a program of the user’s manager under another name', { _COMM: '(sd-pam)' }],
    ['a service of the system in a scope of that name', { _SYSTEMD_UNIT: 'forger.service' }],
    ['another user in there', { _UID: '4243' }],
    ['nobody', { _UID: undefined, _SYSTEMD_UNIT: 'user@.service' }],
    [
      'the manager, about a unit of the system',
      { UNIT: 'sshd.service', INVOCATION_ID: 'a', USER_UNIT: undefined },
    ],
  ])('is not believed of %s', (_what, change) => {
    expect(user({ ...userRestart, ...change })).toBeUndefined();
  });
});
