import { expect, test } from 'vitest';
import type { IncidentView } from '../../src/core/view.ts';
import { mailOf } from '../../src/sinks/mail-text.ts';
import { amend, enqueue, type Queue } from '../../src/sinks/queue.ts';
import { host, loop, notificationOf } from './samples.ts';

const at = loop.openedAt;
const known: IncidentView = {
  ...loop,
  causes: [],
  evidence: {
    lines: [
      { at, by: 'systemd', text: 'Started logstash.service.' },
      { at, by: 'service', text: 'it went\nwrong' },
    ],
    oomKilled: false,
    settings: [],
  },
  changes: [{ at, kind: 'package', what: 'logstash was upgraded from 1 to 2' }],
};

const mail = (incident: IncidentView): string => mailOf(notificationOf('opened', incident), host).text;

test('a mail about a loop of unknown cause has what it said last, and what changed before', () => {
  expect(mail(known)).toContain('\nWhat it said last:\n  it went wrong\n');
  expect(mail(known)).toContain(
    `\nChanged before its first failure:\n  ${at} logstash was upgraded from 1 to 2\n`,
  );
  const cause = { id: 'x', state: 'likely', sentence: 'It is so.', proof: ['it went wrong'] } as const;
  expect(mail({ ...known, causes: [cause] })).not.toContain('What it said last');
  expect(mail(loop)).not.toMatch(/said last|Changed before/);
});

test('who waits to be told of the loop is told what was found out meanwhile, and who hears of its end is not', () => {
  const waiting = (event: 'opened' | 'closed'): Queue =>
    enqueue(new Map(), { notification: notificationOf(event, loop), order: 1, newestMs: 0 }, 9).queue;
  const toldOf = (queue: Queue) => amend(queue, known).get(loop.id)?.notification.incident;
  expect(toldOf(waiting('opened'))).toMatchObject({ evidence: known.evidence, changes: known.changes });
  expect(toldOf(waiting('closed'))).not.toHaveProperty('evidence');
});
