import { applyRemedy } from '../apply/apply-remedy.ts';
import type { Advice } from '../core/advice/advice.ts';
import { isDone, type RemedyOutcome } from '../core/remedy/remedy-outcome.ts';
import { presentRemedy } from '../core/remedy/remedy-view.ts';
import { AppError, type ExitCode } from '../kit/errors.ts';
import type { Lifetime } from '../systemd/drop-in-files.ts';
import { adviseNow } from './advise.ts';
import { renderAdvice } from './advice-text.ts';
import type { Typed } from './args.ts';
import { busOf, configOf } from './options.ts';
import { outcomeWords } from './remedy-words.ts';
import { requireRoot } from './require-root.ts';
import { inRoomByHand } from './room-by-hand.ts';
import { type Shell, wantsColor } from './shell.ts';

/** `flapd apply UNIT`: what `flapd advise` says of it is done, in this process, as root; `--dry-run` by anybody. */
export async function apply(typed: Typed, shell: Shell): Promise<ExitCode> {
  const { flags, operands } = typed;
  const [text] = operands;
  if (text === undefined || operands.length > 1)
    throw usage(
      `Cannot apply: ${operands.length} services are given; expected one, which is looked at first`,
    );
  const lifetime = lifetimeOf(typed);
  const dryRun = flags['dry-run'] === true;
  if (!dryRun) requireRoot(typed, shell);
  const config = await configOf(typed);
  if (config.manager === 'user')
    throw usage(
      'Cannot apply: units of a user are not changed; expected the system manager ("manager: system")',
    );

  const bus = busOf(typed, config, shell);
  const { advice, incident } = await adviseNow(text, { typed, shell, config, bus });
  const json = flags['json'] === true;
  if (!json)
    shell.stdout.write(
      renderAdvice([advice], shell.clock.now(), {
        color: wantsColor(shell),
        user: false,
        named: true,
        applying: true,
      }),
    );
  const directives = advice.advised.map(({ directive }) => directive);
  const outcome: RemedyOutcome =
    advice.none === undefined
      ? await inRoomByHand(typed, shell, { wants: 'apply', busAddress: bus.address, dryRun }, (room) =>
          applyRemedy({ unit: advice.unit, directives, why: reasonsOf(advice), incident, lifetime }, room),
        )
      : { unit: advice.unit, outcome: 'refused', reason: json ? advice.none : 'there is nothing to apply' };
  const now = shell.clock.now().wallMs;
  const view = presentRemedy(outcome, { verb: 'apply', directives, atWallMs: now });
  shell.stdout.write(json ? `${JSON.stringify(view, undefined, 2)}\n` : outcomeWords(outcome, now));
  return isDone(outcome) ? 0 : 1;
}

function lifetimeOf({ flags }: Typed): Lifetime | undefined {
  const [runtime, persistent] = [flags['runtime'] === true, flags['persistent'] === true];
  if (runtime && persistent)
    throw usage(
      'Cannot apply: both --runtime and --persistent are given; expected one of them, or what the policy says',
    );
  return runtime ? 'runtime' : persistent ? 'persistent' : undefined;
}

function reasonsOf({ advised }: Advice): string {
  return advised.map(({ reason }) => reason).join(' ');
}

function usage(message: string): AppError {
  return new AppError(message, { exitCode: 2, hint: 'flapd apply --help' });
}
