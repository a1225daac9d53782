import type { AdviceEvidence, HistoryRun } from '../../../src/core/advice/advice-evidence.ts';
import type { LoadedService } from '../../../src/core/systemd/loaded-service.ts';
import { builtInPolicy } from '../../../src/core/policy.ts';
import type { RestartSettings } from '../../../src/core/systemd/restart-settings.ts';
import type { RunEnding } from '../../../src/core/systemd/run-ending.ts';
import type { PlacedFile } from '../../../src/core/systemd/unit-settings.ts';
import { parseUnitFile } from '../../../src/core/systemd/unit-file.ts';
import { settingsOf } from '../systemd/ending-cases.ts';

export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;

export interface RunsOf {
  readonly ends: readonly RunEnding[];
  /** How often `ends` come around. */
  readonly times: number;
  readonly uptimeMs: number;
  /** From the end of a run to the start of the next. */
  readonly delayMs?: number;
  readonly cpuMs?: number;
  readonly sequel?: HistoryRun['sequel'];
}

/** Runs one after the other, the last of which ends at `untilMs`. */
export function runsUntil(untilMs: number, ...parts: readonly RunsOf[]): readonly HistoryRun[] {
  const runs = parts.flatMap(({ ends, times, uptimeMs, delayMs = 350, cpuMs, sequel = 'automatic' }) =>
    Array.from({ length: times }, () => ends)
      .flat()
      .map((end) => ({ end, uptimeMs, delayMs, cpuMs, sequel })),
  );
  let atMs = untilMs;
  return runs
    .toReversed()
    .map(({ end, uptimeMs, delayMs, cpuMs, sequel }, index): HistoryRun => {
      const exit = { ...end, invocationId: String(runs.length - index), atMs, uptimeMs };
      const before = runs[runs.length - 2 - index];
      atMs -= uptimeMs + (before?.delayMs ?? delayMs);
      return { exit, cpuMs, sequel };
    })
    .toReversed();
}

export function serviceOf(
  settings: Partial<RestartSettings> = {},
  change: Partial<LoadedService> = {},
): LoadedService {
  return {
    unit: 'app.service',
    loadState: 'loaded',
    unitFileState: 'enabled',
    transient: false,
    fragmentPath: '/etc/systemd/system/app.service',
    dropInPaths: [],
    needsReload: false,
    settings: settingsOf(settings),
    startLimitAction: 'none',
    failureAction: 'none',
    randomDelayMs: 0,
    nRestarts: 3,
    activeSinceMs: undefined,
    requiredBy: [],
    boundBy: [],
    ...change,
  };
}

/** A day of history that ends with the runs, and a unit that waits for its next restart. */
export function evidenceOf(
  runs: readonly HistoryRun[],
  change: Partial<AdviceEvidence> & { readonly settings?: Partial<RestartSettings> } = {},
): AdviceEvidence {
  const { settings, ...rest } = change;
  const nowMs = (runs.at(-1)?.exit.atMs ?? 24 * hourMs) + 50;
  return {
    service: serviceOf(settings),
    files: [],
    unread: [],
    policy: builtInPolicy,
    runs,
    sinceMs: nowMs - 24 * hourMs,
    nowMs,
    upSinceMs: undefined,
    braked: false,
    root: undefined,
    sisters: [],
    ...rest,
  };
}

export function fileOf(file: string, text: string): PlacedFile {
  return { file, ...parseUnitFile(text) };
}
