import { burstBurnedAtOnce } from './burst-burned-at-once.ts';
import { delayDoesNotGrow } from './delay-does-not-grow.ts';
import { dropInOverridden } from './drop-in-overridden.ts';
import { ignoredLine } from './ignored-line.ts';
import { neverReady } from './never-ready.ts';
import { onFailureSkipped } from './on-failure-skipped.ts';
import { oneshotRestart } from './oneshot-restart.ts';
import { preventMissesStartPre } from './prevent-misses-start-pre.ts';
import type { LintRule } from './rule.ts';
import { startLimitOff } from './start-limit-off.ts';
import { startLimitOutOfReach } from './start-limit-out-of-reach.ts';
import { watchdogUncovered } from './watchdog-uncovered.ts';
import { wrongSection } from './wrong-section.ts';

/** Every rule of `flapd lint`, in the order in which the manual lists them. */
export const lintRules: readonly LintRule[] = [
  startLimitOutOfReach,
  startLimitOff,
  wrongSection,
  ignoredLine,
  preventMissesStartPre,
  burstBurnedAtOnce,
  delayDoesNotGrow,
  oneshotRestart,
  neverReady,
  watchdogUncovered,
  onFailureSkipped,
  dropInOverridden,
];
