import type { Strace } from '../core/evidence/strace-output.ts';
import { parseTimeSpan, displayTimeSpan } from '../core/time-span.ts';
import { AppError, coerceError, type ExitCode } from '../kit/errors.ts';
import { programOutput } from '../kit/program-output.ts';
import { WaitingStrace } from '../probes/strace.ts';
import { RunWatch, type BegunRun } from '../systemd/next-run.ts';
import { systemdUnreachable } from '../systemd/unreachable.ts';
import type { Typed } from './args.ts';
import { busOf, configOf, textFlag } from './options.ts';
import type { Shell } from './shell.ts';
import { shellWord } from '../kit/shell-word.ts';
import { traceText, traceView, type Traced } from './trace-text.ts';
import { canonicalNames, serviceNameOf } from './unit-operands.ts';

const usualForMs = 30_000;
const usualWaitMs = 10 * 60_000;
/** strace slows what it looks at: not for longer than somebody waits for it. */
const mostForMs = 10 * 60_000;
const mostWaitMs = 24 * 3_600_000;

/** Runs that were over before strace was there; a service that dies within a millisecond is no case for it. */
const mostMissed = 20;

/** `flapd trace UNIT`: attaches strace to the next run of a service, and says what it did before it died. */
export async function trace(typed: Typed, shell: Shell): Promise<ExitCode> {
  const [operand, ...others] = typed.operands;
  if (operand === undefined || others.length > 0) {
    const message = 'Cannot trace no unit, or several: expected one, such as "flapd trace logstash"';
    throw new AppError(message, { exitCode: 2, hint: 'flapd trace --help' });
  }
  const name = serviceNameOf(operand);
  const forMs = spanOf('for', typed, usualForMs, mostForMs);
  const waitMs = spanOf('wait', typed, usualWaitMs, mostWaitMs);
  const config = await configOf(typed);
  const { address } = busOf(typed, config, shell);
  const unit = (await canonicalNames(address, [name])).get(name) ?? name;
  await requireStrace(unit);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) shell.onSignal(signal, () => stop.abort());
  const watch = await RunWatch.open(address, unit).catch((error: unknown) => {
    throw systemdUnreachable(error, address);
  });
  try {
    if (shell.stderr.isTTY)
      shell.stderr.write(`Waiting for the next start of ${unit}, up to ${displayTimeSpan(waitMs)} …\n`);
    const waiting = AbortSignal.any([stop.signal, AbortSignal.timeout(waitMs)]);
    const traced = await traceNext(unit, watch, { forMs, waiting, stop: stop.signal });
    if (traced === undefined) return nothingTraced(unit, waitMs, stop.signal.aborted);
    const json = typed.flags['json'] === true;
    shell.stdout.write(json ? `${JSON.stringify(traceView(traced), undefined, 2)}\n` : traceText(traced));
    return 0;
  } finally {
    await watch.close();
  }
}

interface Bounds {
  readonly forMs: number;
  readonly waiting: AbortSignal;
  readonly stop: AbortSignal;
}

/** Undefined where no run began in time. */
async function traceNext(
  unit: string,
  watch: RunWatch,
  { forMs, waiting, stop }: Bounds,
): Promise<Traced | undefined> {
  for (let missed = 0; missed <= mostMissed; missed += 1) {
    const strace = new WaitingStrace();
    const run = await nextRun(watch, waiting);
    if (run === undefined) {
      strace.dismiss();
      return undefined;
    }
    const startMs = performance.now();
    const seen = await strace.attach(run.pid, forMs, stop);
    if (isSeen(unit, seen))
      return { unit, ...run, seconds: (performance.now() - startMs) / 1000, missed, seen };
  }
  const message = `Cannot trace "${unit}": ${mostMissed + 1} of its runs were over before strace was attached`;
  throw new AppError(`${message}; expected one that lasts for some milliseconds`, {
    exitCode: 1,
    hint: `flapd explain ${shellWord(unit)}`,
  });
}

async function nextRun(watch: RunWatch, waiting: AbortSignal): Promise<BegunRun | undefined> {
  try {
    return await watch.next(waiting);
  } catch (error) {
    throw new AppError(`Cannot wait for the next run: the bus was lost (${coerceError(error).message})`, {
      exitCode: 3,
    });
  }
}

/** A run that was over already is passed over; a refusal would be one again. */
function isSeen(unit: string, { refused, counts }: Strace): boolean {
  if (refused === undefined) return counts.length > 0;
  if (/No such process/.test(refused)) return false;
  throw new AppError(`Cannot trace "${unit}": strace may not attach (${refused}); expected root's rights`, {
    exitCode: 1,
    hint: `sudo flapd trace ${shellWord(unit)}`,
  });
}

async function requireStrace(unit: string): Promise<void> {
  const version = await programOutput(['strace', '-V'], { timeoutMs: 2000 });
  if (version?.code === 0) return;
  throw new AppError(`Cannot trace "${unit}": there is no strace; expected that of Debian's package`, {
    exitCode: 1,
    hint: 'apt-get install strace',
  });
}

function nothingTraced(unit: string, waitMs: number, stopped: boolean): ExitCode {
  if (stopped) return 0;
  throw new AppError(
    `Cannot trace "${unit}": it was not started within ${displayTimeSpan(waitMs)}; expected a start`,
    {
      exitCode: 1,
      hint: `systemctl restart ${shellWord(unit)}`,
    },
  );
}

function spanOf(flag: 'for' | 'wait', { flags }: Typed, usualMs: number, mostMs: number): number {
  const text = textFlag(flags[flag]);
  if (text === undefined) return usualMs;
  const parsed = parseTimeSpan(text);
  if (parsed.ok && parsed.ms > 0 && parsed.ms <= mostMs) return parsed.ms;
  const found = parsed.ok ? (parsed.ms > 0 ? 'it is too long' : 'it is no time') : parsed.found;
  const message = `Cannot use --${flag} "${text}": ${found}; expected a time span of at most ${displayTimeSpan(mostMs)}`;
  throw new AppError(message, { exitCode: 2, hint: 'flapd trace --help' });
}
