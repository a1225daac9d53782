import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Asked } from '../src/apply-client.ts';
import type { Advice } from '../src/core/advice.ts';
import type { ApplyRequest } from '../src/core/apply-request.ts';
import type { DropIn } from '../src/core/drop-in.ts';
import { builtInPolicy, type Policy } from '../src/core/policy.ts';
import type { SavedRemedy } from '../src/core/saved.ts';
import type { Log } from '../src/kit/log.ts';
import { Remedying, type RemedyingDeps } from '../src/remedying.ts';
import type { ListedDropIn } from '../src/systemd/drop-in-files.ts';
import { instant, Timeline } from './support/timeline.ts';

const applying: Policy = { ...builtInPolicy, name: 'mine', match: ['*'], mode: 'apply' };
const directives = [{ name: 'RestartPreventExitStatus', exits: { statuses: [1], signals: [] } }] as const;

/** flapd and what runs as root, which answers as `answer` says; time goes on by a second with each tick. */
class Stage {
  readonly timeline: Timeline;
  readonly asked: ApplyRequest[] = [];
  readonly said: string[] = [];
  readonly onDisk = new Map<string, DropIn>();
  readonly remedying: Remedying;
  answer: (request: ApplyRequest) => Asked = (request) => this.carryOut(request);
  seconds = 100;
  isOn = true;
  reloading = false;
  changedWallMs: number | undefined;

  constructor(policies: readonly Policy[] = [applying]) {
    this.timeline = new Timeline(policies);
    const say = (_: object, sentence: string): void => void this.said.push(sentence);
    const log: Log = { debug: say, info: say, warn: say, error: say };
    const deps: RemedyingDeps = {
      state: this.timeline.state,
      now: () => instant(this.seconds),
      take: (remedy, known) =>
        this.timeline.take(this.seconds, { kind: 'remedy', remedy, ...(known && { known }) }),
      connected: () => true,
      reloading: () => this.reloading,
      advise: async (unit) => adviceOn(unit),
      ask: async (request) => {
        this.asked.push(request);
        return this.answer(request);
      },
      files: {
        list: () =>
          [...this.onDisk.values()].map((dropIn): ListedDropIn => ({
            unit: dropIn.unit,
            lifetime: 'runtime',
            found: { kind: 'ours', dropIn },
          })),
        pathOf: (unit) => pathOf(unit),
      },
      changedWallMs: async () => this.changedWallMs,
      isOn: () => this.isOn,
      log,
    };
    this.remedying = new Remedying(deps);
  }

  carryOut(request: ApplyRequest): Asked {
    if (request.verb === 'recover') return { ok: true, answer: { outcomes: [] } };
    if (request.verb === 'revert') {
      for (const unit of request.units) this.onDisk.delete(unit);
      return { ok: true, answer: { outcomes: request.units.map((unit) => ({ unit, outcome: 'reverted' })) } };
    }
    const { unit, why, incident } = request;
    this.onDisk.set(unit, dropInOf(unit, { why, incident, writtenAtWallMs: instant(this.seconds).wallMs }));
    return { ok: true, answer: { outcomes: [{ unit, outcome: 'applied', dropIn: pathOf(unit) }] } };
  }

  /** Five deaths within a minute before the hundredth second. */
  loop(unit: string, at = 40): void {
    const service = this.timeline.service(unit);
    service.start(at);
    for (let crash = 1; crash <= 5; crash += 1) {
      service.die(at + crash * 8);
      service.autoRestart(at + crash * 8 + 0.1);
    }
  }

  crashOn(unit: string, times: number): void {
    const service = this.timeline.service(unit);
    for (let crash = 1; crash <= times; crash += 1) {
      service.die(this.seconds + 0.1 * crash);
      service.autoRestart(this.seconds + 0.1 * crash);
    }
  }

  /** Events of incidents that sinks are told. */
  get told(): readonly string[] {
    return this.timeline.told.map((line) => line.split(' ')[1] ?? '');
  }

  rest(unit: string): void {
    this.timeline.service(unit).show(this.seconds, {
      activeState: 'failed',
      subState: 'failed',
      result: 'exit-code',
      mainPid: 0,
      execMainCode: 1,
      execMainStatus: 1,
      jobId: 0,
    });
  }

  async pass(seconds: number): Promise<void> {
    for (let each = 0; each < seconds; each += 1) {
      this.seconds += 1;
      await vi.advanceTimersByTimeAsync(1000);
    }
  }

  get verbs(): readonly string[] {
    return this.asked.map((request) =>
      request.verb === 'apply'
        ? `apply ${request.unit}`
        : request.verb === 'revert'
          ? `revert ${request.units.join(' ')}`
          : 'recover',
    );
  }

  outcomeOf(unit: string): string | undefined {
    return this.timeline.state.units.get(unit)?.remedy?.outcome;
  }
}

function pathOf(unit: string): string {
  return `/run/systemd/system/${unit}.d/90-flapd.conf`;
}

function dropInOf(unit: string, change: Partial<DropIn> = {}): DropIn {
  return {
    unit,
    directives,
    why: '5 restarts',
    incident: undefined,
    by: 'daemon',
    writtenAtWallMs: instant(0).wallMs,
    untilWallMs: undefined,
    version: '0.1.0',
    ...change,
  };
}

function adviceOn(unit: string): Advice {
  const advised = directives.map((directive) => ({ directive, reason: 'It always dies alike.' }));
  return {
    unit,
    target: unit,
    advised,
    none: undefined,
    basis: '',
    notes: [],
    files: [],
    before: undefined,
    after: undefined,
    counterfactual: undefined,
    usualRun: undefined,
  };
}

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
    // What a person applied while flapd was away is news, and nothing else of it.
    expect(stage.timeline.state.remediesTotal).toMatchObject({ helped: 0, pending: 1, reverted: 0 });
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

  it('waits while systemd reloads for somebody else, and no longer than a reload may take', async () => {
    const stage = new Stage();
    stage.loop('a.service');
    await stage.remedying.start([]);
    stage.reloading = true;
    await stage.pass(10);
    expect(stage.verbs).toEqual(['recover']);
    expect(stage.said).toEqual(['systemd is reloading: what is due waits for that, for 2min at most.']);
    stage.reloading = false;
    await stage.pass(1);
    expect(stage.verbs).toEqual(['recover', 'apply a.service']);

    const stuck = new Stage();
    stuck.loop('a.service');
    stuck.reloading = true;
    await stuck.remedying.start([]);
    await stuck.pass(119);
    expect(stuck.verbs).toEqual(['recover']);
    await stuck.pass(2);
    expect(stuck.verbs).toEqual(['recover', 'apply a.service']);
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
