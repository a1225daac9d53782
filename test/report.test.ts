import { expect, test } from 'vitest';
import type { Effect } from '../src/core/effect.ts';
import type { Log } from '../src/kit/log.ts';
import { report } from '../src/report.ts';
import { loopingTimeline } from './support/looping-timeline.ts';
import { Timeline } from './support/timeline.ts';

interface Line {
  readonly level: keyof Log;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly sentence: string;
}

function linesOf(effects: readonly Effect[]): readonly Line[] {
  const lines: Line[] = [];
  const at =
    (level: keyof Log) =>
    (fields: object, sentence: string): void =>
      void lines.push({ level, fields: { ...fields }, sentence });
  report({ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, effects);
  return lines;
}

test.each<[counts: [automatic: number, external: number, inferred: number], words: string]>([
  [[1, 0, 0], 'was restarted by systemd;'],
  [[1, 0, 1], 'was restarted by systemd, unseen;'],
  [[4, 0, 3], 'was restarted by systemd 4 times, 3 of them unseen;'],
  [[4, 0, 4], 'was restarted by systemd 4 times, unseen;'],
  [[0, 1, 0], 'was started again from outside;'],
  [[0, 1, 1], 'was started again from outside, unseen;'],
  [[3, 1, 0], 'was restarted 4 times, 1 of them from outside;'],
])('a restart of (automatic, external, inferred) %j "%s"', ([automatic, external, inferred], words) => {
  const unit = 'a.service';
  const [line] = linesOf([{ kind: 'restarted', unit, automatic, external, inferred, inWindow: 9 }]);
  expect(line).toEqual({
    level: 'debug',
    fields: { event: 'restarted', unit, restarts: 9 },
    sentence: `a.service ${words} 9 in the first rule's window.`,
  });
});

test('an incident is a line when it opens and one when it closes, with its fields and no field twice', () => {
  const timeline = new Timeline();
  const service = timeline.service('a.service');
  service.start(0);
  service.loop(0, 5, 1);
  timeline.tick(10_000);
  const lines = linesOf(timeline.effects.map(({ effect }) => effect)).filter(
    ({ fields }) => fields['event'] !== 'restarted',
  );
  expect(lines.map(({ level, fields }) => `${level} ${String(fields['event'])}`)).toEqual([
    'warn incident-opened',
    'info incident-closed',
  ]);
  for (const { fields, sentence } of lines) {
    expect(fields).toMatchObject({ unit: 'a.service', kind: 'loop', policy: 'default', restarts: 5 });
    expect(Object.keys(fields)).not.toContain('sentence');
    expect(Object.keys(fields)).not.toContain('id');
    expect(sentence).toMatch(/^a\.service is .+\.$/);
  }
});

test("of an incident without a known cause its first failure's last words are told, and no evidence is logged twice", () => {
  const { timeline, id } = loopingTimeline();
  const at = '2026-01-02T12:00:02.000Z';
  const evidence = {
    lines: [{ at, by: 'service', text: 'it is upside down' }],
    oomKilled: false,
    settings: [],
  } as const;
  const told = (input: object): Line | undefined => {
    const before = timeline.effects.length;
    timeline.take(11, { kind: 'causes', unit: 'app.service', incident: id, causes: [], ...input });
    return linesOf(timeline.effects.slice(before).map(({ effect }) => effect))[0];
  };
  expect(told({})?.sentence).toBe('Why app.service dies is not known: neither its log nor systemd tells.');
  const line = told({ evidence, changes: [] });
  expect(line?.sentence).toBe('Why app.service dies is not known; it said last: "it is upside down"');
  // The journal has those lines, and the advice a line of its own.
  expect(Object.keys(line?.fields ?? {})).not.toContain('evidence');
  expect(Object.keys(line?.fields ?? {})).not.toContain('changes');
});
