import { describe, expect, test } from 'vitest';
import type { AdviceEvidence } from '../../../src/core/advice/advice-evidence.ts';
import { counterfactualOf } from '../../../src/core/advice/counterfactual.ts';
import type { RestartSettings } from '../../../src/core/systemd/restart-settings.ts';
import { evidenceOf, hourMs, minuteMs, runsUntil, secondMs, type RunsOf } from './advice-cases.ts';
import { ending, exited, settingsOf, statuses } from '../systemd/ending-cases.ts';

const dies: RunsOf = { ends: [exited(1)], times: 100, uptimeMs: 8 * secondMs, cpuMs: 7000 };
const works: RunsOf = { ends: [exited(1)], times: 1, uptimeMs: 3 * hourMs, cpuMs: hourMs };
const stopped: RunsOf = {
  ends: [ending({ requested: true, result: 'success', status: 0 })],
  times: 1,
  uptimeMs: 3 * hourMs,
  sequel: 'external',
};

const at = (change: Partial<AdviceEvidence>, ...parts: readonly RunsOf[]): AdviceEvidence =>
  evidenceOf(runsUntil(24 * hourMs, ...parts), change);
const under = (evidence: AdviceEvidence, change: Partial<RestartSettings>) =>
  counterfactualOf(evidence, settingsOf({ startLimitIntervalMs: 0, ...change }));
const prevents = { preventExitStatus: statuses(1) };
const waits = { restartSecMs: 5 * minuteMs };

describe('what would have been', () => {
  test('under the settings that were in force is what was', () => {
    const { restarts, burnedCpuMs, longestExtraDownMs } = under(at({}, dies), {});
    // The record has 350 ms between runs; 100 ms end at the next quarter of a second.
    expect(restarts.was).toBe(100);
    expect(Math.abs(restarts.wouldBe - 100)).toBeLessThan(3);
    expect(burnedCpuMs?.was).toBe(700_000);
    expect(longestExtraDownMs).toBe(0);
  });

  test('is one run where its end prevents the next', () => {
    expect(under(at({}, dies), prevents)).toMatchObject({
      restarts: { was: 100, wouldBe: 0 },
      burnedCpuMs: { was: 700_000, wouldBe: 7000 },
      longestExtraDownMs: 0,
    });
  });

  test('lacks what came back by itself where its end prevents the next', () => {
    const evidence = at({}, dies, works, { ...dies, times: 10 });
    const { restarts, longestExtraDownMs } = under(evidence, prevents);
    expect(restarts).toEqual({ was: 111, wouldBe: 0 });
    expect(longestExtraDownMs).toBe(3 * hourMs);
  });

  test('is down for a delay longer than it was', () => {
    const { restarts, longestExtraDownMs } = under(at({}, dies, works, { ...dies, times: 10 }), waits);
    expect(restarts.wouldBe).toBeLessThan(8);
    expect(longestExtraDownMs).toBeGreaterThan(0);
    expect(longestExtraDownMs).toBeLessThanOrEqual(5 * minuteMs + 500);
  });

  test('burns no CPU that was work', () => {
    expect(under(at({}, works, { ...dies, times: 10 }), {}).burnedCpuMs?.was).toBe(70_000);
  });

  test('says nothing of CPU where that is not known', () => {
    const { cpuMs: _, ...silent } = dies;
    expect(under(at({}, silent), prevents).burnedCpuMs).toBeUndefined();
  });

  test('begins anew where somebody started it', () => {
    const evidence = at({}, { ...dies, times: 9 }, { ...dies, times: 1, sequel: 'external' }, dies);
    expect(under(evidence, prevents).restarts).toEqual({ was: 109, wouldBe: 0 });
    // Once of the first ten, and once of the hundred: each time the first death is its last.
    expect(under(evidence, prevents).burnedCpuMs?.wouldBe).toBe(14_000);
  });

  test('is not down for longer where somebody stopped it', () => {
    expect(under(at({}, stopped, dies), prevents).longestExtraDownMs).toBe(0);
  });

  test('goes on with the run that is up now', () => {
    const healthy = at({ upSinceMs: 24 * hourMs + 400, nowMs: 25 * hourMs }, dies);
    const { longestExtraDownMs } = under(healthy, prevents);
    expect(longestExtraDownMs).toBe(hourMs - 400);
  });

  test('of nothing is nothing', () => {
    expect(under(evidenceOf([]), prevents)).toEqual({
      sinceMs: 50,
      untilMs: 24 * hourMs + 50,
      restarts: { was: 0, wouldBe: 0 },
      burnedCpuMs: undefined,
      longestExtraDownMs: 0,
    });
  });
});
