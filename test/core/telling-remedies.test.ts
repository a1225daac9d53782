import { expect, test } from 'vitest';
import type { Remedy } from '../../src/core/remedy/remedy.ts';
import type { Silence } from '../../src/core/silence.ts';
import { instant, Timeline } from '../support/timeline.ts';

const unit = 'a.service';

function remedyAt(at: number, change: Partial<Remedy> = {}): Remedy {
  return {
    unit,
    incident: undefined,
    dropIn: '/run/systemd/system/a.service.d/90-flapd.conf',
    directives: [{ name: 'RestartSec', ms: 5000 }],
    by: 'daemon',
    atMs: instant(at).monotonicMs,
    untilWallMs: undefined,
    restartsBefore: 6,
    periodMs: 8100,
    forecast: undefined,
    outcome: 'pending',
    reason: undefined,
    retryAtMs: -Infinity,
    ...change,
  };
}

const takenBack = { dropIn: undefined, reason: 'why' };

/** A loop that has opened an incident, its sixth restart about 49 s after the start. */
function looping(timeline = new Timeline()): Timeline {
  const service = timeline.service(unit);
  service.start(0);
  service.loop(0, 6, 8);
  return timeline;
}

function toldOf(timeline: Timeline, ...remedies: readonly Partial<Remedy>[]): readonly string[] {
  for (const [index, change] of remedies.entries()) {
    const at = 50 + index;
    timeline.take(at, { kind: 'remedy', remedy: remedyAt(at, change) });
  }
  return timeline.told.map((line) => line.split(' ').slice(1).join(' '));
}

test('that a remedy is in force is told once, and so that it helps', () => {
  const timeline = looping();
  expect(toldOf(timeline, {}, {}, { outcome: 'helped' }, { outcome: 'helped' })).toEqual([
    'opened a.service',
    'remedied a.service',
    'helped a.service',
  ]);
  expect(timeline.state.units.get(unit)?.incident?.remedy?.outcome).toBe('helped');
});

test.each(['no-effect', 'worse', 'reverted'] as const)(
  'that it is taken back (%s) is told once',
  (outcome) => {
    const told = toldOf(looping(), {}, { ...takenBack, outcome }, { ...takenBack, outcome });
    expect(told).toEqual(['opened a.service', 'remedied a.service', 'unremedied a.service']);
  },
);

test('so is one that had no effect when it was read back, but none that was never written', () => {
  expect(toldOf(looping(), { ...takenBack, outcome: 'no-effect' })).toEqual([
    'opened a.service',
    'unremedied a.service',
  ]);
  for (const outcome of ['refused', 'failed'] as const)
    expect(toldOf(looping(), { ...takenBack, outcome })).toEqual(['opened a.service']);
});

test('so is one that was taken back while nobody looked, and no other that was over', () => {
  for (const wasInForce of [true, false]) {
    const timeline = looping();
    const remedy = remedyAt(50, { ...takenBack, outcome: 'reverted' });
    timeline.take(50, { kind: 'remedy', remedy, wasInForce });
    const told = timeline.told.map((line) => line.split(' ')[1]);
    expect(told).toEqual(wasInForce ? ['opened', 'unremedied'] : ['opened']);
    expect(timeline.state.remediesTotal.reverted).toBe(1);
  }
});

test('that it does not, in force by hand, is told by the log alone', () => {
  expect(toldOf(looping(), { by: 'hand' }, { by: 'hand', outcome: 'no-effect' })).toEqual([
    'opened a.service',
    'remedied a.service',
  ]);
});

test('nothing is told of a unit without an incident, of what was told before, or to who is kept from it', () => {
  const calm = new Timeline();
  calm.service(unit).start(0);
  expect(toldOf(calm, {}, { ...takenBack, outcome: 'reverted' })).toEqual([]);

  const known = looping();
  known.take(50, { kind: 'remedy', remedy: remedyAt(50), known: true });
  expect(toldOf(known)).toEqual(['opened a.service']);

  const silences: readonly Silence[] = [
    { unit, untilWallMs: instant(900).wallMs, sinceWallMs: instant(0).wallMs, by: 'root', reason: undefined },
  ];
  const silenced = looping();
  silenced.take(49, { kind: 'silences', silences });
  expect(toldOf(silenced, {})).toEqual(['opened a.service']);
});

test('what is done about a unit that is told with another is told by nobody', () => {
  const timeline = new Timeline();
  timeline.dependsOn(0, unit, ['root.service']);
  const root = timeline.service('root.service');
  root.start(0);
  root.loop(0, 6, 7);
  looping(timeline);
  expect(timeline.state.units.get(unit)?.incident?.leader?.unit).toBe('root.service');
  expect(toldOf(timeline, {})).toEqual(['opened root.service']);
});

test('where the end of the loop is due too, only that is told', () => {
  const timeline = looping();
  timeline.service(unit).die(49, {}, false);
  const at = 49 + 700;
  timeline.take(at, { kind: 'remedy', remedy: remedyAt(at) });
  expect(timeline.told.at(-1)).toBe('749 closed a.service');
});

test('the moment in which a run has failed, and the next is not scheduled yet, is no rest', () => {
  const timeline = looping();
  toldOf(timeline, {}, { outcome: 'helped' });
  timeline.service(unit).die(60, {}, false);
  timeline.tick(60.9);
  expect(timeline.state.units.get(unit)?.incident).toBeDefined();
  timeline.tick(61.1);
  expect(timeline.incidents.at(-1)).toBe('61 closed a.service remedied');
});

test('a telling puts the next reminder off', () => {
  const timeline = looping();
  toldOf(timeline, {});
  expect(timeline.state.units.get(unit)?.incident?.toldMs).toBe(instant(50).monotonicMs);
});
