import { describe, expect, test } from 'vitest';
import { builtInPolicy } from '../../src/core/policy.ts';
import { presentIncidents } from '../../src/core/present.ts';
import { savedOf } from '../../src/core/saved.ts';
import { newState, type State } from '../../src/core/state.ts';
import { step } from '../../src/core/step.ts';
import { instant, Timeline } from '../support/timeline.ts';

const sisters = ['web@1.service', 'web@2.service', 'web@3.service'];

function looping(units: readonly string[], status: (unit: string) => number): Timeline {
  const timeline = new Timeline();
  for (const unit of units) {
    const service = timeline.service(unit);
    service.start(0);
    service.loop(1, 6, 2, 0.1, { status: status(unit) });
  }
  return timeline;
}

function restart(from: Timeline, at: number): { state: State; effects: readonly string[] } {
  const saved = savedOf(from.state, 'boot', instant(at - 1), []);
  const state = newState([builtInPolicy]);
  // As a file holds it.
  const { effects } = step(
    state,
    { kind: 'restore', saved: JSON.parse(JSON.stringify(saved)), since: [], bootId: 'boot' },
    instant(at),
  );
  return { state, effects: effects.map(({ kind }) => kind) };
}

describe('a flapd that starts again', () => {
  test('knows which incidents are part of another one, and tells none of them', () => {
    const before = looping(sisters, () => 78);
    const { state, effects } = restart(before, 30);
    expect(effects).toEqual([]);
    const [incident, ...others] = presentIncidents(state);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ id: presentIncidents(before.state)[0]?.id, groups: sisters.slice(1) });
    expect(state.units.get('web@2.service')?.incident?.leader).toEqual({
      unit: 'web@1.service',
      id: incident?.id,
    });
  });

  test('knows who was told, and when', () => {
    const before = looping(['a.service'], () => 1);
    const told = before.state.units.get('a.service')?.incident;
    const { state } = restart(before, 30);
    expect(state.units.get('a.service')?.incident).toMatchObject({ toldTo: 'all', toldMs: told?.toldMs });
  });

  test('that has never seen them tells what belongs together once, by what systemd says of them now', () => {
    const clients = ['db.service', 'client1.service', 'client2.service'];
    const { state } = looping(clients, (unit) => unit.length + Number(unit.at(6)?.replace(/\D/, '0')));
    const dependencies = { requires: ['db.service'], after: [] };
    for (const unit of clients.slice(1))
      step(state, { kind: 'dependencies', unit, dependencies }, instant(29));
    const { effects } = step(
      state,
      { kind: 'restore', saved: undefined, since: [], bootId: 'boot' },
      instant(30),
    );
    expect(
      effects.map((effect) => ('incident' in effect ? `${effect.kind} ${effect.incident.unit}` : '')),
    ).toEqual([
      'incident-opened db.service',
      'incident-grouped client1.service',
      'incident-grouped client2.service',
    ]);
    expect(state.incidentsTotal).toEqual({ loop: 1, braked: 0 });
    expect(presentIncidents(state)).toHaveLength(1);
  });
});
