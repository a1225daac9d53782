import { describe, expect, it } from 'vitest';
import { builtInPolicy, type Policy } from '../../../src/core/policy.ts';
import { nextDeed } from '../../../src/core/remedy/remedy-deeds.ts';
import type { Remedy } from '../../../src/core/remedy/remedy.ts';
import { presentIncidents, presentUnit } from '../../../src/core/present.ts';
import { instant, Timeline } from '../../support/timeline.ts';

const applying: Policy = { ...builtInPolicy, name: 'mine', match: ['*'], mode: 'apply' };

/** Five deaths from `at` on, every eight seconds; answers when the last restart came. */
function loop(timeline: Timeline, unit: string, at = 0): number {
  const service = timeline.service(unit);
  service.start(at);
  let now = at;
  for (let crash = 1; crash <= 5; crash += 1) {
    service.die(now + 8);
    now += 8.1;
    service.autoRestart(now);
  }
  return now;
}

function remedyFor(timeline: Timeline, unit: string, at: number, change: Partial<Remedy> = {}): Remedy {
  const record = timeline.state.units.get(unit);
  return {
    unit,
    incident: record?.incident?.id,
    dropIn: `/run/systemd/system/${unit}.d/90-flapd.conf`,
    directives: [{ name: 'RestartPreventExitStatus', exits: { statuses: [1], signals: [] } }],
    by: 'daemon',
    atMs: instant(at).monotonicMs,
    untilWallMs: undefined,
    restartsBefore: (record?.automatic ?? 0) + (record?.external ?? 0),
    periodMs: record?.incident?.periodMs,
    forecast: undefined,
    outcome: 'pending',
    reason: undefined,
    retryAtMs: -Infinity,
    ...change,
  };
}

function deedAt(timeline: Timeline, at: number): string | undefined {
  const deed = nextDeed(timeline.state, instant(at));
  switch (deed?.kind) {
    case 'apply':
      return `apply ${deed.record.unit}`;
    case 'judged':
      return `judged ${deed.remedy.unit} ${deed.remedy.outcome}`;
    case 'revert':
      return deed.remedies.map(({ remedy, outcome }) => `revert ${remedy.unit} ${outcome}`).join(', ');
    case undefined:
      return undefined;
  }
}

describe('nextDeed', () => {
  it('applies to the loop that began first, and to no other while that is watched', () => {
    const timeline = new Timeline([applying]);
    const at = loop(timeline, 'b.service');
    loop(timeline, 'a.service', 200);
    expect(deedAt(timeline, 300)).toBe('apply b.service');
    timeline.take(300, { kind: 'remedy', remedy: remedyFor(timeline, 'b.service', 300) });
    expect(deedAt(timeline, 301)).toBeUndefined();
    const { remedy } = timeline.state.units.get('b.service') ?? {};
    if (remedy === undefined) throw new Error('it has one');
    timeline.take(302, { kind: 'remedy', remedy: { ...remedy, outcome: 'helped' } });
    expect(deedAt(timeline, 303)).toBe('apply a.service');
    expect(at).toBeGreaterThan(0);
  });

  it.each([
    ['its policy recommends', [builtInPolicy]],
    ['its policy alerts', [{ ...applying, mode: 'alert' as const }]],
  ])('applies nothing where %s', (_, policies) => {
    const timeline = new Timeline(policies);
    loop(timeline, 'a.service');
    expect(deedAt(timeline, 60)).toBeUndefined();
  });

  it('applies nothing to a unit that is calm, silenced, or part of the incident of another', () => {
    const timeline = new Timeline([applying]);
    timeline.service('calm.service').start(0);
    timeline.dependsOn(0, 'b.service', ['a.service']);
    loop(timeline, 'a.service');
    loop(timeline, 'b.service', 1);
    expect(timeline.state.units.get('b.service')?.incident?.leader?.unit).toBe('a.service');
    expect(deedAt(timeline, 60)).toBe('apply a.service');
    const silence = {
      unit: 'a.service',
      untilWallMs: instant(900).wallMs,
      sinceWallMs: instant(0).wallMs,
      by: undefined,
      reason: undefined,
    };
    timeline.take(60, { kind: 'silences', silences: [silence] });
    expect(deedAt(timeline, 61)).toBeUndefined();
  });

  it('asks once for each incident, and again only where that was said', () => {
    const timeline = new Timeline([applying]);
    loop(timeline, 'a.service');
    const refused = remedyFor(timeline, 'a.service', 50, {
      dropIn: undefined,
      outcome: 'refused',
      retryAtMs: instant(650).monotonicMs,
    });
    timeline.take(50, { kind: 'remedy', remedy: refused });
    expect([deedAt(timeline, 649), deedAt(timeline, 650)]).toEqual([undefined, 'apply a.service']);
    timeline.take(650, { kind: 'remedy', remedy: { ...refused, outcome: 'no-effect', retryAtMs: Infinity } });
    expect(deedAt(timeline, 100_000)).toBeUndefined();
  });

  it('takes back what did not help, what is over its time, and after calm what is needed no more: all at once', () => {
    const timeline = new Timeline([applying]);
    for (const unit of ['calm.service', 'old.service', 'hand.service']) {
      timeline.service(unit).start(0);
      timeline.take(1, {
        kind: 'remedy',
        remedy: remedyFor(timeline, unit, 1, {
          outcome: 'helped',
          by: unit === 'hand.service' ? 'hand' : 'daemon',
          untilWallMs: unit === 'old.service' ? instant(700).wallMs : undefined,
        }),
      });
    }
    expect(deedAt(timeline, 599)).toBeUndefined();
    expect(deedAt(timeline, 700)).toBe('revert calm.service reverted, revert old.service reverted');
    const at = loop(timeline, 'vain.service', 1000);
    timeline.take(at, { kind: 'remedy', remedy: remedyFor(timeline, 'vain.service', at) });
    const service = timeline.service('vain.service');
    for (let crash = 1; crash <= 3; crash += 1) {
      service.die(at + crash * 8);
      service.autoRestart(at + crash * 8 + 0.1);
    }
    expect(deedAt(timeline, at + 25)).toContain('revert vain.service no-effect');
  });
});

describe('whether its own brake works', () => {
  it('is shown of a unit that was asked about, until systemd reloads', () => {
    const timeline = new Timeline([applying]);
    loop(timeline, 'a.service');
    const shown = (): unknown => {
      const record = timeline.state.units.get('a.service');
      return record && presentUnit(record, instant(50), []).brakeEffective;
    };
    expect(shown()).toBeUndefined();
    timeline.take(50, { kind: 'brake', unit: 'a.service', works: false });
    expect(shown()).toBe(false);
    timeline.take(51, { kind: 'listed', units: [{ unit: 'a.service', activeState: 'active' }] });
    expect(shown()).toBeUndefined();
  });
});

describe('a remedy that helped', () => {
  it('closes the incident of a unit that rests, with the CPU that is saved', () => {
    const timeline = new Timeline([applying]);
    const at = loop(timeline, 'a.service');
    const { invocationId } = timeline.service('a.service').snapshot;
    const remedy = remedyFor(timeline, 'a.service', at);
    timeline.take(at, { kind: 'remedy', remedy });
    timeline.take(at, { kind: 'cpu', unit: 'a.service', invocationId, cpuMs: 7500 });
    timeline.service('a.service').die(at + 8, {}, false);
    expect(deedAt(timeline, at + 8.5)).toBeUndefined();
    expect(deedAt(timeline, at + 9)).toBe('judged a.service helped');
    timeline.take(at + 9, {
      kind: 'remedy',
      remedy: { ...remedy, outcome: 'helped', reason: 'it rests in failed after 0 restarts' },
    });
    expect(timeline.incidents.at(-1)).toBe(
      `${Math.round(at * 1000 + 9000) / 1000} closed a.service remedied`,
    );
    expect(presentIncidents(timeline.state)[0]?.sentence).toMatch(
      /^a\.service is remedied: it rests in failed, and has not restarted for 1s \(by RestartPreventExitStatus=1\); the loop took 5 restarts in 32\.4s/,
    );
    expect(timeline.state.remediesTotal).toMatchObject({ pending: 1, helped: 1, reverted: 0 });
    const record = timeline.state.units.get('a.service');
    expect(record && presentUnit(record, instant(at + 10), []).remedy).toMatchObject({
      outcome: 'helped',
      appliedAt: new Date(instant(at).wallMs).toISOString(),
    });
  });
});
