import { describe, expect, test } from 'vitest';
import { parseRunLogEntry, runMessages, type RunId } from '../../src/systemd/run-log-entry.ts';

const run = 'ad15f0f34c0a4b2988d270dc7e0277e5';
const atMs = 1795446731000;
const id: RunId = {
  unit: 'app.service',
  invocationId: run,
  manager: 'system',
  fromWallMs: atMs - 100,
  untilWallMs: atMs,
};
const time = { __REALTIME_TIMESTAMP: `${atMs}000` };
const service = {
  ...time,
  _PID: '99',
  _COMM: 'app',
  _SYSTEMD_UNIT: 'app.service',
  _SYSTEMD_INVOCATION_ID: run,
};
const pid1 = {
  ...time,
  _PID: '1',
  _COMM: 'systemd',
  _SYSTEMD_UNIT: 'init.scope',
  UNIT: 'app.service',
  INVOCATION_ID: run,
};
const child = {
  ...time,
  _PID: '99',
  _COMM: '(binary)',
  _SYSTEMD_UNIT: 'app.service',
  _SYSTEMD_INVOCATION_ID: run,
  UNIT: 'app.service',
  INVOCATION_ID: run,
};

const parse = (fields: object) => parseRunLogEntry(JSON.stringify(fields), id);
const texts = (fields: object) => {
  const entry = parse(fields);
  return entry === undefined || entry.kind === 'core-dump'
    ? []
    : entry.lines.map(({ by, text }) => `${by}: ${text}`);
};

describe('who speaks', () => {
  test.each([
    ['the service', { ...service, MESSAGE: 'hello' }, ['service: hello']],
    ['systemd of the run', { ...pid1, MESSAGE: 'app.service: Failed' }, ['systemd: app.service: Failed']],
    ['systemd of another run', { ...pid1, INVOCATION_ID: 'f'.repeat(32), MESSAGE: 'x' }, []],
    ['another service', { ...service, _SYSTEMD_INVOCATION_ID: 'f'.repeat(32), MESSAGE: 'x' }, []],
    [
      'another service that claims to be systemd',
      {
        ...service,
        _SYSTEMD_INVOCATION_ID: 'f'.repeat(32),
        _SYSTEMD_UNIT: 'evil.service',
        UNIT: 'app.service',
        INVOCATION_ID: run,
        MESSAGE: 'x',
      },
      [],
    ],
    [
      'the service that claims to be systemd',
      { ...service, UNIT: 'app.service', INVOCATION_ID: run, MESSAGE: 'x' },
      ['service: x'],
    ],
  ])('%s', (_, fields, expected) => {
    expect(texts(fields)).toEqual(expected);
  });

  test('a process that was gone before journald looked: the unit and the time have to do', () => {
    const lost = { MESSAGE: 'x', _SYSTEMD_UNIT: 'app.service' };
    const at = (ms: number) => parse({ ...lost, __REALTIME_TIMESTAMP: `${atMs + ms}000` });
    expect(at(-50)).toMatchObject({ lines: [{ by: 'service', text: 'x' }] });
    expect(at(300)).toMatchObject({ lines: [{ by: 'service' }] });
    expect(at(-200)).toBeUndefined();
    expect(at(900)).toBeUndefined();
    expect(parse({ ...time, ...lost, _SYSTEMD_UNIT: 'evil.service' })).toBeUndefined();
  });

  test("a user's manager, and no service of that user", () => {
    const user: RunId = { ...id, manager: 'user' };
    const fields = { ...time, USER_UNIT: 'app.service', USER_INVOCATION_ID: run, MESSAGE: 'x' };
    const of = (more: object) => parseRunLogEntry(JSON.stringify({ ...fields, ...more }), user);
    expect(of({ _SYSTEMD_USER_UNIT: 'init.scope' })).toMatchObject({ lines: [{ by: 'systemd' }] });
    expect(of({ _SYSTEMD_USER_UNIT: 'evil.service' })).toBeUndefined();
  });
});

describe('what is said', () => {
  test.each([
    [
      'bytes that are no UTF-8',
      [104, 105, 255, 10, 27, 91, 51, 49, 109, 33],
      ['service: hi\uFFFD', 'service: !'],
    ],
    ['a field that is there twice', ['first', 'second'], ['service: first']],
    ['nothing', null, []],
    ['several lines', 'a\nb\n\nc', ['service: a', 'service: b', 'service: c']],
    ['a secret', 'login with password=hunter2', ['service: login with password=***']],
  ])('%s', (_, MESSAGE, expected) => {
    expect(texts({ ...service, MESSAGE })).toEqual(expected);
  });

  test('a million lines in one, and a line of ten megabytes, are cut', () => {
    expect(texts({ ...service, MESSAGE: 'x\n'.repeat(1_000_000) })).toHaveLength(40);
    const [line] = texts({ ...service, MESSAGE: 'x'.repeat(10 * 1024 * 1024) });
    expect(line?.length).toBe('service: '.length + 400);
  });

  test('what is no entry', () => {
    for (const json of ['', '[]', '{', 'null', '"x"', '{"MESSAGE":{}}'])
      expect(parseRunLogEntry(json, id)).toBeUndefined();
  });
});

describe('records', () => {
  test('what the forked child could not do', () => {
    const fields = {
      ...child,
      MESSAGE_ID: runMessages.spawnFailed,
      MESSAGE: 'app.service: Failed to locate executable /nonexistent/binary: No such file or directory',
      ERRNO: '2',
      EXECUTABLE: '/nonexistent/binary',
    };
    expect(parse(fields)).toMatchObject({
      kind: 'spawn',
      spawn: { errno: 2, executable: '/nonexistent/binary' },
    });
    expect(parse({ ...fields, _COMM: 'app' })).toMatchObject({ kind: 'line', lines: [{ by: 'service' }] });
  });

  test('an OOM kill, which PID 1 alone can tell', () => {
    const fields = { MESSAGE_ID: runMessages.outOfMemory, MESSAGE: 'killed' };
    expect(parse({ ...pid1, ...fields })).toMatchObject({ kind: 'oom-kill' });
    expect(parse({ ...service, ...fields })).toMatchObject({ kind: 'line' });
  });

  test('a core dump, which systemd-coredump alone can tell', () => {
    const fields = {
      ...time,
      MESSAGE_ID: runMessages.coreDump,
      COREDUMP_UNIT: 'app.service',
      COREDUMP_PID: '376',
      COREDUMP_SIGNAL: '11',
      COREDUMP_EXE: '/usr/bin/dash',
    };
    expect(parse({ ...fields, _SYSTEMD_UNIT: 'systemd-coredump@0-379-0.service' })).toMatchObject({
      kind: 'core-dump',
      coreDump: { pid: 376, signal: 'SIGSEGV', executable: '/usr/bin/dash' },
    });
    expect(parse({ ...fields, _SYSTEMD_UNIT: 'evil.service' })).toBeUndefined();
    expect(
      parse({ ...fields, COREDUMP_UNIT: 'other.service', _SYSTEMD_UNIT: 'systemd-coredump@1.service' }),
    ).toBeUndefined();
  });
});
