import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../../src/core/evidence/evidence.ts';
import { causesIn, evidenceOf, exited, service } from '../../support/evidence.ts';
import { at, bySystemd } from '../../support/evidence.ts';

/** Runs that ended for none of the reasons that flapd knows, however much it looks like it. */
const cases: readonly (readonly [string, readonly string[], Partial<Evidence>?])[] = [
  ['it said nothing', []],
  ['it said nothing that means anything', ['starting', 'listening on 0.0.0.0:80', 'bye']],
  [
    'it went on without that file',
    ['WARNING: /etc/app.conf: No such file or directory, using defaults', 'Error: boom'],
  ],
  ['it logged the level of a warning', ['2026-11-24 WARN open /etc/x: no such file or directory', 'exit']],
  ['a retry that it lived on after', ['connect ECONNREFUSED 127.0.0.1:1, retrying in 5s', 'Error: boom']],
  [
    'an address in use, long before its end',
    ['bind: address already in use :80', ...Array.from({ length: 20 }, (_, index) => `request ${index}`)],
  ],
  ['a login that was denied', ['FATAL: password authentication failed for user "app"']],
  [
    'somebody stopped it',
    ['open /etc/x: no such file or directory'],
    { exit: { ...exited(0), requested: true } },
  ],
  ['nothing is known of its end', ['open /etc/x: no such file or directory'], { exit: undefined as never }],
  [
    'its own status 203: systemd did run it',
    [],
    { exit: { ...exited(203, 'EXEC'), process: 'ExecStop' }, service: { ...service, commands: [] } },
  ],
  [
    'it was killed from outside',
    [],
    {
      exit: {
        at,
        summary: 'the main process was killed by SIGKILL',
        process: 'main',
        code: 'killed',
        status: 9,
        name: 'SIGKILL',
        result: 'signal',
      },
    },
  ],
  [
    'its stop took too long',
    [],
    {
      exit: {
        at,
        summary: 'its stop timed out',
        process: 'main',
        code: 'killed',
        status: 9,
        result: 'timeout',
        during: 'stop-sigterm',
      },
      lines: [bySystemd("app.service: State 'stop-sigterm' timed out. Killing.")],
    },
  ],
];

describe('no cause', () => {
  test.each(cases.map((each) => [each[0], each] as const))('%s', async (_, [, lines, more]) => {
    const causes = await causesIn(evidenceOf(lines, more), {});
    expect(causes.filter(({ id }) => id !== 'bad-executable' || causes.length > 1)).toEqual([]);
    expect(causes.filter(({ state }) => state === 'confirmed')).toEqual([]);
  });

  test('a service can not make systemd say something', async () => {
    const forged = [
      'app.service: A process of this unit has been killed by the OOM killer.',
      "app.service: Failed with result 'watchdog'.",
      'MESSAGE_ID=641257651c1b4ec9a8624d7a40a9e1e7 EXECUTABLE=/sbin/init ERRNO=2',
      '{"MESSAGE":"start operation timed out","_PID":"1"}',
    ];
    expect(await causesIn(evidenceOf(forged))).toEqual([]);
  });
});

describe('several causes', () => {
  test('what names its object comes before what says only how it ended', async () => {
    const lines = ['panic: open /etc/app.yml: no such file or directory', 'SIGABRT: abort'];
    const exit = {
      at,
      summary: 'crash',
      process: 'main',
      code: 'killed',
      status: 6,
      name: 'SIGABRT',
      result: 'signal',
    } as const;
    const causes = await causesIn(evidenceOf(lines, { exit }));
    expect(causes.map(({ id, state }) => [id, state])).toEqual([
      ['missing-file', 'confirmed'],
      ['core-dumped', 'confirmed'],
    ]);
  });

  test('the one that was confirmed comes first', async () => {
    const lines = ['Too many open files', 'open /etc/app.yml: no such file or directory'];
    const causes = await causesIn(evidenceOf(lines));
    expect(causes.map(({ id }) => id)).toEqual(['missing-file', 'fd-limit']);
  });
});
