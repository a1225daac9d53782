import { isDone, type RemedyOutcome } from '../core/remedy/remedy-outcome.ts';
import { presentRemedy } from '../core/remedy/remedy-view.ts';
import { AppError, type ExitCode } from '../kit/errors.ts';
import type { RemedyRoom } from '../apply/remedy-room.ts';
import { revertRemedies } from '../apply/revert-remedies.ts';
import type { Typed } from './args.ts';
import { busOf } from './options.ts';
import { outcomeWords } from './remedy-words.ts';
import { requireRoot } from './require-root.ts';
import { inRoomByHand } from './room-by-hand.ts';
import type { Shell } from './shell.ts';
import { serviceNameOf } from './unit-operands.ts';

/** `flapd revert UNIT… | --all`: what flapd wrote is taken back, with or without a daemon, in this process. */
export async function revert(typed: Typed, shell: Shell): Promise<ExitCode> {
  const { flags, operands } = typed;
  const isAll = flags['all'] === true;
  if (isAll === operands.length > 0) {
    const found = isAll ? 'both --all and a UNIT are given' : 'no UNIT is given';
    throw new AppError(`Cannot revert: ${found}; expected UNIT…, or --all alone`, {
      exitCode: 2,
      hint: 'flapd revert --help',
    });
  }
  const named = operands.map((text) => serviceNameOf(text));
  const dryRun = flags['dry-run'] === true;
  if (!dryRun) requireRoot(typed, shell);
  const busAddress = busOf(typed, { manager: 'system' }, shell).address;
  const outcomes = await inRoomByHand(typed, shell, { wants: 'revert', busAddress, dryRun }, async (room) =>
    revertRemedies(isAll ? unitsOf(room) : await canonical(named, room), room),
  );
  shell.stdout.write(flags['json'] === true ? jsonOf(outcomes) : textOf(outcomes, shell.clock.now().wallMs));
  return outcomes.every(isDone) ? 0 : 1;
}

/** Those at whose place something is, whoever wrote it. */
function unitsOf({ files }: RemedyRoom): readonly string[] {
  return [...new Set(files.list().map(({ unit }) => unit))];
}

/** A drop-in stands under the unit's own name, of which an alias may have been typed; and may outlive the unit. */
async function canonical(
  names: readonly string[],
  { manager, files }: RemedyRoom,
): Promise<readonly string[]> {
  const units = new Set<string>();
  for (const name of names) {
    const isThere = files.list().some(({ unit }) => unit === name);
    units.add(isThere ? name : ((await manager.canonicalName(name).catch(() => undefined)) ?? name));
  }
  return [...units];
}

function textOf(outcomes: readonly RemedyOutcome[], nowMs: number): string {
  if (outcomes.length === 0) return 'Nothing to do: flapd has written nothing.\n';
  return outcomes.map((each) => outcomeWords(each, nowMs)).join('');
}

function jsonOf(outcomes: readonly RemedyOutcome[]): string {
  return `${JSON.stringify(
    outcomes.map((each) => presentRemedy(each, { verb: 'revert' })),
    undefined,
    2,
  )}\n`;
}
