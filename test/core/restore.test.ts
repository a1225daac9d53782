import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Effect } from '../../src/core/effect.ts';
import type { State } from '../../src/core/state.ts';
import { interrupted, live, type Interrupted, type Life, type Move } from '../support/past.ts';

const moves = fc.array(
  fc.record<Move>({
    unit: fc.constantFrom('a.service', 'b.service'),
    kind: fc.constantFrom('crash', 'crash', 'crash', 'restart'),
    afterSeconds: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 90 }), fc.constant(4000)),
    status: fc.constantFrom(1, 2, 78),
  }),
  { minLength: 1, maxLength: 60 },
);

const totals = (state: State): unknown =>
  [...state.units.values()]
    .filter(({ unit }) => unit !== 'earlier.service')
    .map(({ unit, automatic, external, inferred, exits, nRestarts }) => ({
      ...{ unit, automatic, external, inferred, nRestarts },
      runs: exits.reduce((sum, { count }) => sum + count, 0),
      crashes: exits
        .filter(({ exit }) => exit.result === 'exit-code')
        .map(({ exit, count }) => `${count} × ${exit.status}`)
        .toSorted(),
    }))
    .toSorted((a, b) => a.unit.localeCompare(b.unit));

/** That a loop became faster while nobody watched stands in the pace that its opening, or the next news of it, tells. */
const news = (effects: readonly Effect[]): readonly string[] =>
  effects
    .filter((effect) => !(effect.kind === 'incident-worsened' && effect.why === 'faster'))
    .flatMap((effect) => ('incident' in effect ? `${effect.kind} ${effect.incident.id}` : []))
    .toSorted();

/** A loop that came and went while nobody watched is no news any more: the API and the history have it. */
function newsToTell(life: Life, { diedAt, startsAt }: Interrupted): readonly string[] {
  const effects = life.timeline.effects.map(({ effect }) => effect);
  const gone = effects.flatMap((effect) => {
    if (effect.kind !== 'incident-closed') return [];
    const { id, openedAt, closed } = effect.incident;
    const unseen = openedAt.monotonicMs > diedAt.monotonicMs;
    return unseen && (closed?.at.monotonicMs ?? Infinity) <= startsAt.monotonicMs ? id : [];
  });
  return news(effects.filter((effect) => !('incident' in effect && gone.includes(effect.incident.id))));
}

const restartsOfIncidents = (state: State): unknown =>
  [...state.closed, ...[...state.units.values()].flatMap(({ incident }) => incident ?? [])]
    .map(({ unit, automatic, external }) => `${unit} ${automatic} ${external}`)
    .toSorted();

/** What a flapd that was never away has, beside what the two have between them. */
function both(life: Life, upTo: number, from: number, readTo = from): { whole: unknown; parted: unknown } {
  const past = interrupted(life, upTo, from, readTo);
  const seen = (state: State): unknown => ({ totals: totals(state), incidents: restartsOfIncidents(state) });
  return {
    whole: { seen: seen(life.timeline.state), news: newsToTell(life, past) },
    parted: { seen: seen(past.state), news: news(past.told) },
  };
}

const crashes = (count: number): readonly Move[] =>
  Array.from({ length: count }, () => ({ unit: 'a.service', kind: 'crash', afterSeconds: 5, status: 1 }));

describe('flapd, killed at any moment and started at any later one,', () => {
  test('counts what one that was never away counts, and tells each incident once', () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(moves, fc.tuple(part, part, part), (script, parts) => {
        const life = live(script);
        const count = life.timeline.inputs.length;
        const [upTo = 0, from = 0, readTo = 0] = parts
          .map((each) => Math.floor(each * count))
          .toSorted((x, y) => x - y);
        const { whole, parted } = both(life, upTo, from, readTo);
        expect(parted).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  test('goes on with the incident under its id where the loop goes on', () => {
    const life = live(crashes(20));
    const { state } = interrupted(life, 60, 75);
    const [told] = life.timeline.effects.flatMap(({ effect }) =>
      effect.kind === 'incident-opened' ? effect.incident.id : [],
    );
    expect(state.units.get('a.service')?.incident?.id).toBe(told);
  });

  test('tells of a loop that began and one that ended while it was away, once', () => {
    const life = live([...crashes(4), ...crashes(12)]);
    expect(news(interrupted(life, 10, life.timeline.inputs.length).told)).toEqual([
      expect.stringMatching(/^incident-opened a\.service@/),
    ]);
  });

  test('takes a counter that came to the same number again after a reset for another restart', () => {
    const life = live([
      ...crashes(4),
      { unit: 'a.service', kind: 'restart', afterSeconds: 600, status: 0 },
      ...crashes(3),
    ]);
    const count = life.timeline.inputs.length;
    const before = life.timeline.inputs.findIndex(({ at }) => at.monotonicMs > 86_400_000 + 60_000);
    const { whole, parted } = both(life, before, count);
    expect(parted).toEqual(whole);
  });
});
