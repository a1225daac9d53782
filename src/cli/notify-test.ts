import type { Config } from '../config/load.ts';
import { nearest } from '../config/nearest.ts';
import type { Notification } from '../core/notification.ts';
import { displayTimeSpan } from '../core/time-span.ts';
import { hostname } from 'node:os';
import { AppError, type ExitCode } from '../kit/errors.ts';
import { openSink } from '../sinks/open-sink.ts';
import { sampleNotification } from '../sinks/sample.ts';
import type { Typed } from './args.ts';
import { configOf } from './options.ts';
import type { Shell } from './shell.ts';

/** What came of one sink: an element of `--json`. */
interface Result {
  readonly sink: string;
  readonly type: string;
  readonly delivered: boolean;
  /** What the other side said; absent where it was not delivered. */
  readonly answer?: string;
  /** Why it was not delivered, or not to everybody. */
  readonly reason?: string;
  readonly durationSeconds: number;
}

/** `flapd notify-test`: each sink is tried once; exits 1 where one was not told. */
export async function testSinks(typed: Typed, shell: Shell): Promise<ExitCode> {
  const config = await configOf(typed);
  const names = namesOf(typed, config);
  const sample = sampleNotification(shell.clock.now().wallMs);
  const asJson = typed.flags['json'] === true;
  const results: Result[] = [];
  for (const running of names.map((name) => tellOnce(name, config, sample, shell))) {
    const result = await running;
    results.push(result);
    if (!asJson) shell.stdout.write(`${lineOf(result)}\n`);
  }
  if (asJson) shell.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
  return results.every(({ delivered, reason }) => delivered && reason === undefined) ? 0 : 1;
}

function namesOf({ operands: [name, ...more], flags }: Typed, { sinks }: Config): readonly string[] {
  const known = Object.keys(sinks);
  const hint = 'flapd notify-test --help';
  if (more.length > 0) {
    const message = `Cannot test "${more.join(' ')}" too: one sink at a time, or all of them; expected one name or none`;
    throw new AppError(message, { exitCode: 2, hint });
  }
  if (known.length === 0) {
    const dir = typeof flags['config'] === 'string' ? flags['config'] : '/etc/flapd';
    const message = `Cannot test the sinks of "${dir}": it has none; expected "sinks:" in flapd.yaml`;
    throw new AppError(message, { exitCode: 2, hint });
  }
  if (name === undefined) return known;
  if (Object.hasOwn(sinks, name)) return [name];
  const near = nearest(name, known);
  const wanted = near === undefined ? `one of ${known.join(', ')}` : `"${near}"`;
  throw new AppError(`Cannot test "${name}": no sink has this name; expected ${wanted}`, {
    exitCode: 2,
    hint: `flapd notify-test ${near ?? known[0] ?? ''}`,
  });
}

async function tellOnce(name: string, config: Config, sample: Notification, shell: Shell): Promise<Result> {
  const settings = config.sinks[name];
  if (settings === undefined) throw new Error(`sink ${name} is gone`);
  const { clock } = shell;
  const beganMs = clock.now().monotonicMs;
  const outcome = await openSink(settings, hostname(), clock).deliver(sample, new AbortController().signal);
  const result = {
    sink: name,
    type: settings.type,
    durationSeconds: Math.round(clock.now().monotonicMs - beganMs) / 1000,
  };
  if (outcome.kind === 'failed') return { ...result, delivered: false, reason: outcome.why };
  const { answer, complaint } = outcome;
  return { ...result, delivered: true, answer, ...(complaint === undefined ? {} : { reason: complaint }) };
}

function lineOf({ sink, delivered, answer, reason, durationSeconds }: Result): string {
  if (!delivered) return `${sink}: ${reason ?? 'not delivered'}`;
  const but = reason === undefined ? '' : `, but ${reason}`;
  return `${sink}: delivered, ${answer ?? ''} in ${displayTimeSpan(durationSeconds * 1000)}${but}`;
}
