import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Stage } from './support/remedy-stage.ts';
import { instant } from './support/timeline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('Remedying', () => {
  it('once the budget is spent holds all units back until it is free again, and says so once', async () => {
    const stage = new Stage();
    const units = Array.from({ length: 3 }, (_, index) => `u${index}.service`);
    for (const [index, unit] of units.entries()) stage.loop(unit, 40 - index * 12);
    await stage.remedying.start([]);
    const reason = '6 remedies were applied on this host within 1h, and no unit gets another for 20min';
    const freeWallMs = instant(stage.seconds).wallMs + 20 * 60_000;
    stage.answer = (request) => {
      if (request.verb !== 'apply') return stage.carryOut(request);
      const passes = { atWallMs: freeWallMs, of: 'host' } as const;
      return { ok: true, answer: { outcomes: [{ unit: request.unit, outcome: 'refused', reason, passes }] } };
    };
    await stage.pass(1);
    for (const unit of units) stage.timeline.service(unit).loop(stage.seconds, 40, 27);
    await stage.pass(20 * 60 - 2);
    expect(stage.verbs).toEqual(['recover', 'apply u2.service']);
    expect(stage.timeline.state.remediesTotal.refused).toBe(1);
    stage.answer = (request) => stage.carryOut(request);
    await stage.pass(2);
    expect(stage.verbs.slice(2)).toEqual([expect.stringMatching(/^apply u\d\.service$/)]);
  });

  it('asks again for a unit that cools down when that is over', async () => {
    const stage = new Stage();
    stage.loop('a.service');
    await stage.remedying.start([]);
    stage.answer = (request) => {
      if (request.verb !== 'apply') return stage.carryOut(request);
      const passes = { atWallMs: instant(stage.seconds + 120).wallMs, of: 'unit' } as const;
      return { ok: true, answer: { outcomes: [{ unit: request.unit, outcome: 'refused', passes }] } };
    };
    await stage.pass(1);
    // Meanwhile others are seen to.
    stage.loop('b.service', stage.seconds - 60);
    await stage.pass(2);
    expect(stage.verbs).toEqual(['recover', 'apply a.service', 'apply b.service']);
    await stage.pass(120);
    expect(stage.verbs.slice(3)).toEqual(['apply a.service', 'apply b.service']);
  });

  it('reads back after a reload what it could not during the next one', async () => {
    const stage = new Stage();
    stage.loop('a.service');
    await stage.remedying.start([]);
    await stage.pass(1);
    stage.overridden.set('a.service', 'RestartPreventExitStatus=1 is not in force');
    stage.reloading = true;
    stage.remedying.synced();
    await stage.pass(3);
    expect(stage.verbs).toEqual(['recover', 'apply a.service']);
    stage.reloading = false;
    await stage.pass(1);
    expect(stage.verbs).toEqual(['recover', 'apply a.service', 'revert a.service']);
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
});
