import type { AdviceEvidence } from './advice-evidence.ts';
import { type Advised, onlyChanges, settingsWith } from './advised.ts';
import { deathWords, loopWords } from './advice-words.ts';
import { countText, countWords } from '../count-words.ts';
import { type Brake, brakeOf } from '../systemd/brake.ts';
import { exitKey } from '../exit.ts';
import { overriderOf } from '../remedy/later-files.ts';
import { deadBrakeWords, limitFor } from './limiting.ts';
import { plainText } from '../log-text.ts';
import { healedKinds, type LoopShape } from './loop-shape.ts';
import { preventionFor } from './prevention.ts';
import type { ExitSet, RestartSettings } from '../systemd/restart-settings.ts';
import { slowingFor } from './slowing.ts';
import { displayTimeSpan } from '../time-span.ts';
import { dropInName } from '../remedy/drop-in.ts';

export type Remedy =
  | { readonly kind: 'change'; readonly advised: readonly Advised[]; readonly notes: readonly string[] }
  /** `because` is a sentence. */
  | { readonly kind: 'none'; readonly because: string; readonly notes: readonly string[] };

/** What each attempt at a remedy knows. */
interface Case {
  readonly evidence: AdviceEvidence;
  readonly loop: LoopShape;
  readonly settings: RestartSettings;
  /** How long a run lasts at its longest in this loop. */
  readonly uptimeMs: number;
  readonly brake: Brake;
  readonly notes: string[];
}

/** At least as slow as systemd's default limit of 5 starts at 100 ms: what a dependency takes to come up. */
const burnedQuicklyMs = 60_000;

/**
 * To end the loop where the next run would die like the last, to slow it down where it might not, and a limit that can
 * trip where neither is to be had, or the slower pace would disarm the one there is.
 */
export function remedyFor(evidence: AdviceEvidence, loop: LoopShape, settings: RestartSettings): Remedy {
  // What RestartRandomizedDelaySec= adds makes a cycle longer, as a longer run does.
  const uptimeMs = (loop.longestUptimeMs ?? 0) + evidence.service.randomDelayMs;
  const brake = brakeOf(settings, uptimeMs);
  const given: Case = { evidence, loop, settings, uptimeMs, brake, notes: [] };
  const prevention = preventionFor(evidence, loop);
  if (evidence.braked && (prevention.kind === 'prevent' || loop.spanMs > burnedQuicklyMs))
    return none(given, brakeWorked(given));
  if (prevention.kind === 'prevent') {
    const advised = withoutOverridden(given, [preventedBy(given, prevention.exits)]);
    if (advised !== undefined) return change(given, advised);
  }
  const why =
    prevention.kind === 'prevent' ? 'a later file empties RestartPreventExitStatus=' : prevention.because;
  const slower = slowed(given, why);
  if (slower.kind === 'advised') return change(given, slower.advised);
  const limited = limitedAlone(given, why);
  if (limited.kind === 'advised') return change(given, limited.advised);
  const reasons = [...new Set([why, slower.because, limited.because])].join('; ');
  return none(given, `No setting of its restarts would help: ${reasons}. Change nothing, fix the program.`);
}

function brakeWorked({ evidence: { service }, loop }: Case): string {
  return `Its start limit has done its work: systemd gave up after ${loopWords(loop)}. Change nothing, fix the program, then \`systemctl reset-failed ${service.unit}\` and start it.`;
}

function preventedBy({ loop, settings, brake, evidence }: Case, exits: ExitSet): Advised {
  const known = loop.kinds.filter(({ exit }) => exit.code !== undefined);
  const kinds = [...new Set(known.map(({ exit }) => deathWords(exit)))].join(' or ');
  const count = known.reduce((sum, kind) => sum + kind.count, 0);
  const times = countWords(count, 'time');
  const unknown = loop.deaths.length - count;
  const gaps = unknown === 0 ? '' : ` (how ${countText(unknown)} more ended is not known)`;
  const each = loop.uptimeMs === undefined ? '' : ` after about ${displayTimeSpan(loop.uptimeMs)}`;
  const dead = brake.kind === 'dead' ? `; ${deadBrakeWords(settings, brake)}` : '';
  const listed = evidence.policy.remedy.preventExitStatus === 'auto' ? '' : ' (listed in its policy)';
  return {
    directive: { name: 'RestartPreventExitStatus', exits },
    reason: `the main process ended ${times} in ${displayTimeSpan(loop.spanMs)} with ${kinds}${each}${gaps}${listed}, and never came back by itself, so restarting it is in vain${dead}; prevented, it rests in "failed", where everybody sees it`,
  };
}

type Attempt =
  | { readonly kind: 'advised'; readonly advised: readonly Advised[] }
  | { readonly kind: 'not'; readonly because: string };

function slowed(given: Case, why: string): Attempt {
  const { evidence, loop, settings, brake, uptimeMs } = given;
  const slowing = slowingFor(evidence, settings);
  if (slowing.kind === 'none') return { kind: 'not', because: slowing.because };
  const advised = withoutOverridden(given, onlyChanges(slowing.advised, settings));
  if (advised === undefined) return { kind: 'not', because: 'a later file sets the delay' };
  const after = settingsWith(
    settings,
    advised.map(({ directive }) => directive),
  );
  const [first, ...rest] = advised;
  if (first === undefined) return { kind: 'not', because: 'no delay is left to change' };
  const led = { ...first, reason: `${loopWords(loop)}; ${why}: ${first.reason}` };
  if (brake.kind === 'off' || brakeOf(after, uptimeMs).kind === 'works')
    return { kind: 'advised', advised: [led, ...rest] };

  const limit = limitUnlessWrong(given, after, true);
  if (limit.kind === 'advised') return { kind: 'advised', advised: [led, ...rest, ...limit.advised] };
  if (brake.kind === 'works')
    return {
      kind: 'not',
      because: `a longer delay would disarm its start limit, which works, and ${limit.because}`,
    };
  given.notes.push(`No start limit is advised with it: ${limit.because}.`);
  return { kind: 'advised', advised: [led, ...rest] };
}

function limitedAlone(given: Case, why: string): Attempt {
  const { loop, settings, brake, evidence } = given;
  if (brake.kind === 'works') return { kind: 'not', because: 'its start limit works' };
  // A unit without one is meant to be tried for ever, unless its policy wants nothing else.
  if (brake.kind === 'off' && evidence.policy.remedy.backoff !== 'off')
    return { kind: 'not', because: 'its start limit is switched off' };
  const limit = limitUnlessWrong(given, settings, false);
  if (limit.kind === 'not') return limit;
  const [first, ...rest] = limit.advised;
  if (first === undefined) return { kind: 'not', because: 'no start limit could trip at this pace' };
  return {
    kind: 'advised',
    advised: [{ ...first, reason: `${loopWords(loop)}; ${why}: ${first.reason}` }, ...rest],
  };
}

/** To give up is wrong where it would have come back by itself, or takes others down, or reboots the machine. */
function limitUnlessWrong(given: Case, after: RestartSettings, patient: boolean): Attempt {
  const { evidence, loop, brake, uptimeMs } = given;
  const { policy, service } = evidence;
  const not = (because: string): Attempt => ({ kind: 'not', because });
  if (policy.remedy.startLimit === 'off') return not(`policy "${policy.name}" says start_limit: off`);
  if (service.startLimitAction !== 'none')
    return not(`StartLimitAction=${service.startLimitAction} would follow when it trips`);
  if (service.failureAction !== 'none')
    return not(`FailureAction=${service.failureAction} would follow when it rests in "failed"`);
  if (brake.kind !== 'works') {
    const healed = healedKinds(evidence);
    const times = Math.max(0, ...loop.kinds.map(({ exit }) => healed.get(exitKey(exit)) ?? 0));
    if (times > 0)
      return not(`it has come back by itself ${countWords(times, 'time')}, so it must go on trying`);
    const [needs] = [...service.boundBy, ...service.requiredBy];
    if (needs !== undefined) return not(`${needs} requires it, and would have to do without it`);
  }
  const advised = withoutOverridden(given, onlyChanges(limitFor(after, uptimeMs, patient), given.settings));
  if (advised === undefined) return not('a later file sets its start limit');
  return advised.length === 0 ? not('no start limit could trip at this pace') : { kind: 'advised', advised };
}

/** Of a foreign text: a line of a terminal. */
const mostShown = 200;

/** All of them together, or none: half a remedy may be worse than the loop. Says which file wins. */
function withoutOverridden(
  { evidence: { files }, settings, notes }: Case,
  advised: readonly Advised[],
): readonly Advised[] | undefined {
  const overridden = advised.flatMap(({ directive }) => {
    const by = overriderOf(files, directive, settings.systemdVersion);
    return by === undefined ? [] : [{ name: directive.name, by }];
  });
  for (const { name, by } of overridden)
    notes.push(
      `${name}= can't be set from ${dropInName}: ${plainText(by.file, mostShown)} is read after it, and says "${by.directive}=${plainText(by.value, mostShown)}" in line ${by.line}. Change it there.`,
    );
  return overridden.length === 0 ? advised : undefined;
}

function change({ notes }: Case, advised: readonly Advised[]): Remedy {
  return { kind: 'change', advised, notes };
}

function none({ notes }: Case, because: string): Remedy {
  return { kind: 'none', because, notes };
}
