import { expect, test } from 'vitest';
import { withFirstFailure } from '../../src/core/causes/judge-causes.ts';
import { presentIncidents } from '../../src/core/present.ts';
import { revive, savedOf } from '../../src/core/saved.ts';
import type { CauseView } from '../../src/core/view.ts';
import { bootId, interrupted, live, type Move } from '../support/past.ts';
import { instant, Timeline } from '../support/timeline.ts';

/** Five restarts, of which the first death is another one than those that follow. */
function loopAfter(first: (timeline: Timeline) => void): Timeline {
  const timeline = new Timeline();
  const service = timeline.service('app.service');
  service.start(0);
  first(timeline);
  service.loop(10, 5, 2, 0.1, { status: 17 });
  return timeline;
}

const firstOf = (timeline: Timeline): unknown => presentIncidents(timeline.state)[0]?.firstExit;

test('an incident keeps how its first run died, whatever the later ones died of', () => {
  const timeline = loopAfter(() => undefined);
  expect(firstOf(timeline)).toMatchObject({
    at: '2026-01-02T12:00:12.000Z',
    status: 17,
    invocationId: 'app.service#1',
  });
  const changing = new Timeline();
  const service = changing.service('app.service');
  service.start(0);
  service.loop(0, 1, 2, 0.1, { status: 3 });
  service.loop(2.1, 8, 2, 0.1, { status: 17 });
  expect(firstOf(changing)).toMatchObject({ status: 3, invocationId: 'app.service#1' });
});

test('that somebody restarted it before is no failure', () => {
  const timeline = loopAfter((each) => each.service('app.service').restart(5));
  expect(firstOf(timeline)).toMatchObject({ status: 17, invocationId: 'app.service#2' });
});

const crash = (status: number): Move => ({ unit: 'a.service', kind: 'crash', afterSeconds: 2, status });
const life = live([crash(2), crash(2), ...Array.from({ length: 10 }, () => crash(1))]);

test('it is saved with the incident, and known after a start', () => {
  const { state } = life.timeline;
  const now = instant(100);
  const [saved] = savedOf(state, bootId, now, []).incidents;
  expect(saved?.firstExit).toMatchObject({ invocationId: 'a.service#1', status: 2 });
  const known = state.units.get('a.service')?.incident?.firstExit;
  expect(saved && revive(saved, now).firstExit).toEqual(known);
});

test('a flapd that was away in between has the same first failure', () => {
  const count = life.timeline.inputs.length;
  const { state } = interrupted(life, count - 8, count - 4);
  expect(state.units.get('a.service')?.incident?.firstExit).toMatchObject({
    invocationId: 'a.service#1',
    status: 2,
  });
});

const view = (id: string, state: CauseView['state'], sentence = id): CauseView => ({
  id,
  state,
  sentence,
  proof: ['a line'],
});
const at = '2026-01-02T12:00:00.000Z';
const order = (latest: readonly CauseView[], first: readonly CauseView[]): readonly string[] =>
  withFirstFailure(latest, first, at).map(({ id, sentence }) => (id === sentence ? id : `${id} ${sentence}`));

test.each<readonly [string, readonly CauseView[], readonly CauseView[], readonly string[]]>([
  ['what only the first says', [], [view('missing-file', 'likely')], ['missing-file']],
  ['what only the latest says', [view('missing-file', 'likely')], [], ['missing-file']],
  [
    'of equals the first failure leads',
    [view('fd-limit', 'likely')],
    [view('disk-full', 'likely')],
    ['disk-full', 'fd-limit'],
  ],
  [
    'the surer leads',
    [view('fd-limit', 'confirmed')],
    [view('disk-full', 'likely')],
    ['fd-limit', 'disk-full'],
  ],
  [
    'what an operator wrote stands above what is likely',
    [view('fd-limit', 'likely')],
    [view('licence', 'likely')],
    ['licence', 'fd-limit'],
  ],
  [
    'what is general stands last',
    [view('fd-limit', 'could-not-check')],
    [view('core-dumped', 'confirmed')],
    ['fd-limit', 'core-dumped'],
  ],
  [
    'what both say is said once, another file is another cause',
    [view('missing-file', 'likely', '/a')],
    [view('missing-file', 'likely', '/a'), view('missing-file', 'likely', '/b')],
    ['missing-file /b', 'missing-file /a'],
  ],
])('of two runs: %s', (_, latest, first, wanted) => {
  expect(order(latest, first)).toEqual(wanted);
});

test('a cause that only the first failure gave says so', () => {
  const [cause] = withFirstFailure([view('fd-limit', 'likely')], [view('disk-full', 'likely')], at);
  expect(cause?.proof).toEqual([
    'a line',
    `so the loop's first failure, at ${at}; its latest run does not say it`,
  ]);
});
