import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Asked } from '../src/apply-client.ts';
import { builtInPolicy } from '../src/core/policy.ts';
import type { SavedRemedy } from '../src/core/saved.ts';
import { settingsOf } from './core/systemd/ending-cases.ts';
import { dropInOf, pathOf, Stage } from './support/remedy-stage.ts';
import { instant } from './support/timeline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('Remedying', () => {
  it('applies, watches, says each step before, and closes the incident as remedied', async () => {
    const stage = new Stage();
    stage.loop('a.service');
    await stage.remedying.start([]);
    await stage.pass(1);
    expect(stage.verbs).toEqual(['recover', 'apply a.service']);
    expect(stage.outcomeOf('a.service')).toBe('pending');
    expect(stage.said).toEqual([
      'Policy "mine" says apply, so a.service is looked at for a remedy.',
      'Asking /run/flapd-apply.sock for RestartPreventExitStatus=1 for a.service: It always dies alike.',
    ]);
    stage.rest('a.service');
    await stage.pass(3);
    expect(stage.outcomeOf('a.service')).toBe('helped');
    expect(stage.timeline.incidents.at(-1)).toMatch(/closed a\.service remedied$/);
    expect(stage.told).toEqual(['opened', 'remedied', 'closed']);
  });

  it('touches one unit at a time where several loop at once', async () => {
    const stage = new Stage();
    const units = Array.from({ length: 6 }, (_, index) => `u${index}.service`);
    // Apart, so that they are no group.
    for (const [index, unit] of units.entries()) stage.loop(unit, 40 - index * 12);
    await stage.remedying.start([]);
    await stage.pass(3);
    expect(stage.verbs.filter((verb) => verb.startsWith('apply'))).toHaveLength(1);
  });

  it('takes back what has no effect, and does not try again until the files have changed', async () => {
    const stage = new Stage();
    stage.loop('a.service');
    await stage.remedying.start([]);
    await stage.pass(1);
    stage.crashOn('a.service', 3);
    await stage.pass(2);
    expect(stage.verbs).toEqual(['recover', 'apply a.service', 'revert a.service']);
    expect([stage.outcomeOf('a.service'), stage.onDisk.size]).toEqual(['no-effect', 0]);
    await stage.pass(5);
    expect(stage.verbs).toHaveLength(3);
    expect(stage.told).toEqual(['opened', 'remedied', 'unremedied']);
    // It calms down, and loops anew.
    await stage.pass(700);
    stage.loop('a.service', stage.seconds);
    stage.seconds += 60;
    stage.remedying.poke();
    await stage.pass(2);
    expect(stage.verbs).toHaveLength(3);
    expect(stage.said.at(-1)).toBe(
      'Policy "mine" says apply, but nothing is tried for a.service: a remedy had no effect, and its files have not changed since.',
    );
    expect(stage.told.slice(3)).toEqual(['closed', 'opened']);
    expect(stage.timeline.state.remediesTotal['no-effect']).toBe(1);
  });

  it('says why nothing can be applied, goes on watching, and asks again later', async () => {
    const stage = new Stage();
    stage.answer = () => ({
      ok: false,
      why: '/run/flapd-apply.sock is not there: flapd-apply.socket is not started',
      isDone: false,
    });
    stage.loop('a.service');
    await stage.remedying.start([]);
    expect(stage.said[0]).toBe(
      'No remedy can be applied: /run/flapd-apply.sock is not there: flapd-apply.socket is not started. flapd watches and advises; it is tried again when one is due.',
    );
    await stage.pass(2);
    expect(stage.outcomeOf('a.service')).toBe('failed');
    stage.answer = (request) => stage.carryOut(request);
    await stage.pass(5);
    expect(stage.outcomeOf('a.service')).toBe('failed');
    stage.loop('a.service', stage.seconds);
    stage.seconds += 600;
    await stage.pass(2);
    expect(stage.verbs.filter((verb) => verb === 'apply a.service').length).toBeGreaterThanOrEqual(1);
  });

  it('sets no timer where no policy says apply, nor applies anything where the host is switched off', async () => {
    const idle = new Stage([builtInPolicy]);
    idle.loop('a.service');
    await idle.remedying.start([]);
    expect(vi.getTimerCount()).toBe(0);
    const off = new Stage();
    off.isOn = false;
    off.loop('a.service');
    await off.remedying.start([]);
    await off.pass(3);
    expect(off.verbs).toEqual([]);
  });

  it('finds at its start what is on disk, and how far it had been judged', async () => {
    const stage = new Stage();
    const incident = 'a.service@20260102T115000.000Z';
    stage.onDisk.set('a.service', dropInOf('a.service', { incident }));
    stage.onDisk.set('hand.service', dropInOf('hand.service', { by: 'hand' }));
    const saved = (unit: string, outcome: SavedRemedy['outcome']): SavedRemedy => ({
      unit,
      incident,
      sections: '[Service]\nRestartSec=5s\n',
      restartsBefore: 5,
      periodMs: 8100,
      forecast: undefined,
      outcome,
      reason: 'so it was',
      atWallMs: instant(0).wallMs,
    });
    await stage.remedying.start([
      saved('a.service', 'helped'),
      saved('gone.service', 'pending'),
      saved('vain.service', 'no-effect'),
    ]);
    expect(['a', 'hand', 'gone', 'vain'].map((name) => stage.outcomeOf(`${name}.service`))).toEqual([
      'helped',
      'pending',
      'reverted',
      'no-effect',
    ]);
    // What a person applied or took back while flapd was away is news, and nothing else of it.
    const { remediesTotal, units } = stage.timeline.state;
    expect(remediesTotal).toMatchObject({ helped: 0, pending: 1, reverted: 1, 'no-effect': 0 });
    expect(units.get('gone.service')?.remedy).toMatchObject({
      directives: [{ name: 'RestartSec', ms: 5000 }],
      reason: 'it was taken back while flapd was away',
    });
  });

  it('tells at its start of a remedy that the flapd before it could not tell of, and of no other', async () => {
    for (const [outcome, told] of [
      ['pending', ['opened']],
      ['reverted', ['opened', 'remedied']],
    ] as const) {
      const stage = new Stage();
      stage.loop('a.service');
      const incident = stage.timeline.state.units.get('a.service')?.incident?.id;
      stage.onDisk.set('a.service', dropInOf('a.service', { incident }));
      const sections = '[Service]\nRestartPreventExitStatus=1\n';
      const measured = { restartsBefore: 5, periodMs: 8100, forecast: undefined, reason: undefined };
      const saved = { unit: 'a.service', incident, sections, ...measured };
      await stage.remedying.start([{ ...saved, outcome, atWallMs: instant(0).wallMs }]);
      expect(stage.told).toEqual(told);
    }
  });

  it('goes by what is on disk where flapd-apply died before it could say what came of it', async () => {
    const died: Asked = { ok: false, why: 'flapd-apply.sock gave no answer', isDone: true };
    const half = new Stage();
    half.loop('a.service');
    await half.remedying.start([]);
    half.answer = (request) => (request.verb === 'apply' ? died : half.carryOut(request));
    await half.pass(1);
    expect(half.verbs).toEqual(['recover', 'apply a.service', 'recover']);
    expect(half.timeline.state.units.get('a.service')?.remedy).toMatchObject({
      outcome: 'failed',
      reason: 'flapd-apply.sock gave no answer',
    });

    const whole = new Stage();
    whole.loop('a.service');
    await whole.remedying.start([]);
    whole.answer = (request) => {
      whole.carryOut(request);
      return request.verb === 'recover' ? whole.carryOut(request) : died;
    };
    await whole.pass(1);
    expect(whole.timeline.state.units.get('a.service')?.remedy).toMatchObject({
      outcome: 'pending',
      dropIn: pathOf('a.service'),
    });
    // So when it is taken back.
    whole.crashOn('a.service', 3);
    await whole.pass(1);
    expect(whole.verbs.slice(-2)).toEqual(['revert a.service', 'recover']);
    expect([whole.outcomeOf('a.service'), whole.onDisk.size]).toEqual(['no-effect', 0]);
    expect(whole.said.at(-1)).toBe(
      'flapd-apply.sock gave no answer: what it left half done is undone or finished now.',
    );
  });

  it('sees what came into force while it was at something else', async () => {
    const stage = new Stage();
    stage.loop('a.service');
    await stage.remedying.start([]);
    stage.answer = (request) => {
      stage.onDisk.set('hand.service', dropInOf('hand.service', { by: 'hand' }));
      stage.remedying.synced();
      return stage.carryOut(request);
    };
    await stage.pass(1);
    expect(['a.service', 'hand.service'].map((unit) => stage.outcomeOf(unit))).toEqual([
      'pending',
      'pending',
    ]);
  });

  it('reads back after a reload, and what a later file overrides is taken back, unless a person applied it', async () => {
    const stage = new Stage();
    stage.loop('a.service');
    await stage.remedying.start([]);
    await stage.pass(1);
    stage.onDisk.set('hand.service', dropInOf('hand.service', { by: 'hand' }));
    const because = 'RestartPreventExitStatus=1 is not in force; later drop-ins are /etc/x.d/99-mine.conf';
    for (const unit of ['a.service', 'hand.service']) stage.overridden.set(unit, because);
    stage.remedying.synced();
    await stage.pass(3);
    expect(stage.verbs).toEqual(['recover', 'apply a.service', 'revert a.service']);
    const remedyOf = (unit: string) => stage.timeline.state.units.get(unit)?.remedy;
    expect(remedyOf('a.service')).toMatchObject({
      outcome: 'no-effect',
      dropIn: undefined,
      reason: because,
    });
    expect(remedyOf('hand.service')).toMatchObject({
      outcome: 'no-effect',
      dropIn: pathOf('hand.service'),
    });
    expect(stage.told).toEqual(['opened', 'remedied', 'unremedied']);
    expect(stage.said).toContain(`Taking back RestartPreventExitStatus=1 of a.service: ${because}.`);
  });

  it('predicts what is to come of what a person applied, by how the unit is set and its runs went', async () => {
    const stage = new Stage([builtInPolicy]);
    stage.loop('hand.service');
    await stage.remedying.start([]);
    stage.settings = settingsOf({ restartSecMs: 300_000, startLimitIntervalMs: 0 });
    stage.onDisk.set('hand.service', dropInOf('hand.service', { by: 'hand' }));
    stage.remedying.synced();
    await stage.pass(1);
    expect(stage.timeline.state.units.get('hand.service')?.remedy).toMatchObject({
      outcome: 'pending',
      forecast: { restarts: 1, rests: false, delayMs: 300_000 },
      reason: 'at most 1 restart is predicted in 1min 20s, 5min after the end of a run',
    });
    await stage.pass(90);
    expect(stage.timeline.state.units.get('hand.service')?.remedy).toMatchObject({
      outcome: 'helped',
      reason: '0 restarts in 1min 20s (at most 1 predicted, 10 without it)',
    });
  });

  it('reads back before it says that a remedy helped', async () => {
    const stage = new Stage();
    stage.loop('a.service');
    await stage.remedying.start([]);
    await stage.pass(1);
    stage.overridden.set('a.service', 'it is not in force');
    stage.rest('a.service');
    await stage.pass(3);
    expect([stage.outcomeOf('a.service'), stage.onDisk.size]).toEqual(['no-effect', 0]);
    expect(stage.timeline.state.remediesTotal.helped).toBe(0);
  });

  it('leaves alone a file that somebody edited, and says so', async () => {
    const stage = new Stage();
    stage.loop('a.service');
    await stage.remedying.start([]);
    await stage.pass(1);
    stage.edited.add('a.service');
    stage.remedying.synced();
    expect(stage.timeline.state.units.get('a.service')?.remedy).toMatchObject({
      outcome: 'reverted',
      reason: `${pathOf('a.service')} was edited since flapd wrote it, and is left alone`,
    });
    await stage.pass(3);
    expect(stage.verbs).toEqual(['recover', 'apply a.service']);
  });

  it('sees after a reload what a person has applied or taken back', async () => {
    const stage = new Stage();
    await stage.remedying.start([]);
    stage.onDisk.set('hand.service', dropInOf('hand.service', { by: 'hand' }));
    stage.remedying.synced();
    expect(stage.outcomeOf('hand.service')).toBe('pending');
    stage.onDisk.clear();
    stage.remedying.synced();
    expect(stage.timeline.state.units.get('hand.service')?.remedy).toMatchObject({
      outcome: 'reverted',
      reason: 'somebody took it back',
    });
  });
});
