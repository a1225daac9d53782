import { describe, expect, test } from 'vitest';
import { advise, type Advice } from '../../../src/core/advice/advice.ts';
import { directiveValue } from '../../../src/core/remedy/directive.ts';
import { minuteMs, serviceOf } from './advice-cases.ts';
import { circumstances, files, policies } from './advice-circumstances.ts';
import { kinds, stories } from './advice-kinds.ts';
import { day, given, loop, remedy } from './advice-rows.ts';
import { exited, killed, signals } from '../systemd/ending-cases.ts';

const lines = ({ advised }: ReturnType<typeof advise>): readonly string[] =>
  advised.map(({ directive }) => `${directive.name}=${directiveValue(directive)}`);

describe.each(Object.entries({ stories, kinds, circumstances, policies, files }))('%s', (_, cases) => {
  const named = Object.entries(cases).map(([name, each]) => ({ name, because: each.because, each }));
  test.each(named)('$name: $because', ({ each }) => {
    const advice = advise(each.evidence);
    const { none = '', notes, advised } = advice;
    expect(lines(advice)).toEqual(each.lines ?? []);
    if (each.none === undefined) expect(none).toBe('');
    else expect(none).toContain(each.none);
    expect([none, ...notes, ...advised.map(({ reason }) => reason)].join('\n')).toContain(each.says ?? '');
    for (const { reason } of advised) expect(reason).toMatch(/\d.*\.$/s);
  });
});

describe('what it goes by', () => {
  test('is said to be thin where it is', () => {
    const evidence = given({ sinceMs: day - minuteMs }, loop(exited(1), { times: 5 }));
    expect(advise(evidence).basis).toBe(
      'By 5 deaths in 13.4s; of the time before nothing is known: that is thin.',
    );
  });

  test('is one death, which spans no time', () => {
    expect(advise(given({}, loop(exited(1), { times: 1 }))).basis).toMatch(/^By 1 death; in the /);
  });

  test('is a day without any other death', () => {
    expect(advise(given({}, loop(exited(1), { times: 100 }))).basis).toBe(
      'By 100 deaths in 5min 32s; in the 23h 54min before, no other.',
    );
  });
});

describe('the drop-in of an instance', () => {
  const service = serviceOf({}, { unit: 'app@1.service' });
  const adviceWith = (...diesAlike: readonly boolean[]): Advice => {
    const sisters = diesAlike.map((each, index) => ({ unit: `app@${index + 2}.service`, diesAlike: each }));
    return advise(given({ service, sisters }, loop(exited(1))));
  };
  const targetWith = (...diesAlike: readonly boolean[]): string => adviceWith(...diesAlike).target;

  test('is its own', () => {
    expect(targetWith()).toBe('app@1.service');
    expect(targetWith(true, false)).toBe('app@1.service');
  });

  test('is that of its template where all instances die alike', () => {
    expect(targetWith(true, true)).toBe('app@.service');
    expect(adviceWith(true, true).notes).toContain(
      'All 3 instances that are loaded die alike, so it is for their template.',
    );
    expect(adviceWith(true).notes).toContain(
      'Both instances that are loaded die alike, so it is for their template.',
    );
  });
});

describe('unit files that can not be read', () => {
  const drop = ['/etc/systemd/system/app.service.d/99-own.conf'];
  const words =
    "Whether a later file overrides it is not known in full: /etc/systemd/system/app.service.d/99-own.conf can't be read.";

  test('are said, since one of them may have the last word', () => {
    expect(advise(given({ unread: drop }, loop(exited(1)))).notes).toContain(words);
    expect(advise(given({}, loop(exited(1)))).notes).not.toContain(words);
  });

  test('are not where nothing should change', () => {
    expect(advise(given({ unread: drop, runs: [] })).notes).toEqual([]);
  });
});

test('signals that systemd sends are not prevented, whatever a policy lists', () => {
  const evidence = given(remedy({ preventExitStatus: ['SIGTERM', 'SIGKILL', 'SIGABRT'] }), loop(killed(9)));
  const { after } = advise(evidence);
  expect(after?.preventExitStatus).toEqual(signals());
});
