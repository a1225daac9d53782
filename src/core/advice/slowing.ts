import type { AdviceEvidence } from './advice-evidence.ts';
import type { Advised } from './advised.ts';
import { countWords } from '../count-words.ts';
import { longestDelayMs } from '../systemd/brake.ts';
import { neatSpanTo } from './neat-span.ts';
import { growingDelaySince } from '../systemd/restart-delay.ts';
import type { RestartSettings } from '../systemd/restart-settings.ts';
import { displayTimeSpan, formatTimeSpan } from '../time-span.ts';

/** Longer delays between restarts, or the clause that says why there are none. */
export type Slowing =
  | { readonly kind: 'slow'; readonly advised: readonly Advised[] }
  | { readonly kind: 'none'; readonly because: string };

/** What a policy that says `auto` means: long enough for a dependency to come up, short enough to be back soon after it. */
const usual = { fromMs: 5000, toMs: 5 * 60_000 };

/** From v254 a delay that about doubles with each restart; one in the middle where systemd knows none that grows. */
export function slowingFor({ policy }: AdviceEvidence, settings: RestartSettings): Slowing {
  const { backoff } = policy.remedy;
  if (backoff === 'off') return none(`policy "${policy.name}" says backoff: off`);
  const { fromMs, toMs } = backoff === 'auto' ? usual : backoff;
  const nowMs = longestDelayMs(settings);
  if (settings.systemdVersion >= growingDelaySince) {
    if (nowMs >= toMs) return none(`it waits up to ${displayTimeSpan(nowMs)} already`);
    return { kind: 'slow', advised: ladder(settings, fromMs, toMs) };
  }
  const delayMs = neatSpanTo(Math.sqrt(fromMs * toMs));
  if (nowMs >= delayMs) return none(`it waits ${displayTimeSpan(nowMs)} already`);
  return { kind: 'slow', advised: [fixedDelay(settings, delayMs, { fromMs, toMs })] };
}

function ladder(settings: RestartSettings, leastMs: number, toMs: number): readonly Advised[] {
  const { restartSecMs, restartSteps } = settings;
  const fromMs = Math.min(Math.max(restartSecMs, leastMs), toMs);
  const doubling = Math.max(1, Math.round(Math.log2(toMs / fromMs)));
  // More steps than it has now would make some of its delays shorter.
  const steps = longestDelayMs(settings) > restartSecMs ? Math.min(restartSteps, doubling) : doubling;
  const factor = (toMs / fromMs) ** (1 / steps);
  const [from, to, before] = [fromMs, toMs, restartSecMs].map((ms) => displayTimeSpan(ms));
  return [
    {
      directive: { name: 'RestartSec', ms: fromMs },
      reason: `the first restart comes after ${from} instead of ${before}`,
    },
    {
      directive: { name: 'RestartSteps', count: steps },
      reason: `from ${from} to ${to} in ${countWords(steps, 'step')} each delay is ${factor.toFixed(1)} times as long as the one before`,
    },
    {
      directive: { name: 'RestartMaxDelaySec', ms: toMs },
      reason: `no delay is longer than ${to}, so once it can run again it is back at most so much later`,
    },
  ];
}

function fixedDelay(
  { restartSecMs, systemdVersion }: RestartSettings,
  delayMs: number,
  { fromMs, toMs }: typeof usual,
): Advised {
  const between = `${formatTimeSpan(delayMs)} lies between ${formatTimeSpan(fromMs)} and ${formatTimeSpan(toMs)}`;
  return {
    directive: { name: 'RestartSec', ms: delayMs },
    reason: `${displayTimeSpan(restartSecMs)} is too short, and systemd ${systemdVersion} knows no delay that grows (${growingDelaySince} does): ${between}`,
  };
}

function none(because: string): Slowing {
  return { kind: 'none', because };
}
