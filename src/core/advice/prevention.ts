import type { AdviceEvidence } from './advice-evidence.ts';
import { deathWords } from './advice-words.ts';
import { countWords } from '../count-words.ts';
import { readDirective } from '../remedy/directive.ts';
import { exitStatusName } from '../systemd/exit-status.ts';
import { exitKey, exitName } from '../exit.ts';
import { byCount, type ExitCount } from '../exit-tally.ts';
import { healedKinds, type LoopShape } from './loop-shape.ts';
import { emptyExitSet, type ExitSet, includesEnd } from '../systemd/restart-settings.ts';

/** Which ends no restart should follow, or the clause that says why none is named. */
export type Prevention =
  | { readonly kind: 'prevent'; readonly exits: ExitSet }
  | { readonly kind: 'none'; readonly because: string };

/** More statuses than these have more than one cause. */
const fewStatuses = 3;

/** Fewer deaths may be chance. */
export const leastDeaths = 3;

/** The program itself says that it may go better later (sysexits.h: EX_NOHOST, EX_UNAVAILABLE, EX_TEMPFAIL). */
const tryLater: ReadonlySet<number> = new Set([68, 69, 75]);

/** A shell's word for a command that a signal killed: 128 and the signal, of which there are 64. */
const isSignalOfShell = (status: number): boolean => status > 128 && status <= 192;

/** Nobody but a person mends what these name: wrong usage or configuration (LSB, sysexits.h), a setting of systemd's own. */
const needsPerson = (status: number): boolean =>
  [2, 5, 6, 64, 78].includes(status) || (status >= 200 && status <= 246);

/**
 * Ends that say that the next run will end in the same way: only of the main process, since systemd looks at no other
 * (service.c `service_shall_restart`), and only what never passed by itself.
 */
export function preventionFor(evidence: AdviceEvidence, loop: LoopShape): Prevention {
  const { preventExitStatus } = evidence.policy.remedy;
  if (preventExitStatus === 'off')
    return none(`policy "${evidence.policy.name}" says prevent_exit_status: off`);
  const { failureAction } = evidence.service;
  if (failureAction !== 'none')
    return none(`FailureAction=${failureAction} would follow when it rests in "failed"`);
  if (preventExitStatus !== 'auto') return listedFor(preventExitStatus, evidence, loop);

  const kinds = byCount(loop.kinds).filter((kind) => !isGap(kind, loop));
  const doubt = kinds.map((kind) => doubtAbout(kind)).find((each) => each !== undefined);
  if (doubt !== undefined) return none(doubt);
  const statuses = [...new Set(kinds.flatMap(({ exit }) => exit.status ?? []))];
  if (statuses.length > fewStatuses)
    return none(`it ends in ${statuses.length} ways, which have hardly one cause`);
  const healed = healedAmong(evidence, loop);
  if (healed !== undefined) return none(healed);
  return weighed(evidence, statuses);
}

/** What a person has named is prevented where it was seen, whatever it may mean; but never what has passed by itself. */
function listedFor(
  listed: readonly (string | number)[],
  evidence: AdviceEvidence,
  loop: LoopShape,
): Prevention {
  const policy = `policy "${evidence.policy.name}"`;
  const reading = readDirective('RestartPreventExitStatus', listed.join(' '));
  const exits =
    reading.ok && reading.directive.name === 'RestartPreventExitStatus'
      ? reading.directive.exits
      : emptyExitSet;
  const seen = loop.kinds.filter(({ exit: { process, code, status } }) => {
    if (process !== 'main' || code === undefined || status === undefined) return false;
    return includesEnd(exits, { code, status });
  });
  if (seen.length === 0) return none(`it ends in no way that ${policy} lists`);
  const healed = healedAmong(evidence, { ...loop, kinds: seen });
  return healed === undefined ? { kind: 'prevent', exits } : none(healed);
}

/**
 * journald loses records of a loop that is fast enough, and with them how some of many deaths were: without "Failed with
 * result" a run seems to have ended well.
 */
function isGap({ exit, count }: ExitCount, { deaths }: LoopShape): boolean {
  return exit.code === undefined && mayBeExit(exit) && count * mostGaps <= deaths.length;
}

/** One in so many. */
const mostGaps = 10;

function mayBeExit({ process, result }: ExitCount['exit']): boolean {
  return (result === 'exit-code' || result === 'success') && (process === undefined || process === 'main');
}

/** Why one kind of end does not say that the next run will end so too; undefined where it does. */
function doubtAbout({ exit, count }: ExitCount): string | undefined {
  const { process, code, status, result } = exit;
  if (process !== undefined && process !== 'main')
    return `it is ${process}= that fails, and RestartPreventExitStatus= looks at the main process alone`;
  switch (result) {
    case 'timeout':
      return 'systemd killed it itself when its time ran out';
    case 'watchdog':
      return 'systemd killed it itself when its watchdog ran out';
    case 'oom-kill':
      return 'the kernel killed it for want of memory, which may come back';
    case 'resources':
      return 'systemd could not even start a process of it';
    default:
  }
  if (code === undefined && result === 'success')
    return 'it ends in good order, and prevented it would rest where nobody sees it';
  if (code === undefined || status === undefined)
    return `how it ended is not known of ${countWords(count, 'death')}`;
  const name = exitName(exit) ?? `signal ${status}`;
  if (code !== 'exited')
    return `${name} ${code === 'dumped' ? 'made it dump core' : 'killed it'}, and the next run may go better`;
  if (status === 0) return 'it ends with status 0, and prevented it would rest where nobody sees it';
  if (tryLater.has(status)) return `status ${status}/${name} says that it may go better later`;
  if (isSignalOfShell(status))
    return `status ${status} is a shell's word for a signal, and the next run may go better`;
  return undefined;
}

function healedAmong(evidence: AdviceEvidence, { kinds }: LoopShape): string | undefined {
  const healed = healedKinds(evidence);
  for (const { exit } of kinds) {
    const times = healed.get(exitKey(exit));
    if (times !== undefined) return `after ${deathWords(exit)} it came back by itself ${timesWords(times)}`;
  }
  return undefined;
}

function timesWords(times: number): string {
  return times === 1 ? 'before' : `${times} times before`;
}

/** At rest it takes down what requires it: worth it only where nothing but a person will mend it. */
function weighed({ service }: AdviceEvidence, statuses: readonly number[]): Prevention {
  const [needs] = [...service.boundBy, ...service.requiredBy];
  const doubtful = statuses.find((status) => !needsPerson(status));
  if (needs === undefined || doubtful === undefined)
    return {
      kind: 'prevent',
      exits: { statuses: statuses.toSorted((a, b) => a - b), signals: [] },
    };
  const name = exitStatusName(doubtful);
  const spelled = name === undefined ? `${doubtful}` : `${doubtful}/${name}`;
  return none(`${needs} requires it, and status ${spelled} does not say that only a person can mend it`);
}

function none(because: string): Prevention {
  return { kind: 'none', because };
}
