import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { LoadedService } from '../core/systemd/loaded-service.ts';
import { presentAdvice } from '../core/advice/present-advice.ts';
import { parseTimeSpan } from '../core/time-span.ts';
import type { Config } from '../config/load.ts';
import { AppError, coerceError, type ExitCode } from '../kit/errors.ts';
import { replay, type Replayed, type ReplayedManager } from '../replay.ts';
import { type JournalQuery, JournalUnreadable, type JournalSource } from '../systemd/journal.ts';
import type { Typed } from './args.ts';
import { busOf, configOf, textFlag } from './options.ts';
import { Progress } from './progress.ts';
import { type AdviceByIncident, adviceByIncident, savedBy, servicesNow } from './replay-advice.ts';
import { renderReplay } from './replay-table.ts';
import { wantsColor, type Shell } from './shell.ts';
import type { Verb } from './verbs.ts';

const defaultSinceMs = 7 * 24 * 3_600_000;
/** What advice would have saved is told of the latest of them: some 50 MB, a day of a loop that never rests. */
const mostRuns = 100_000;

/** `flapd replay`: which incidents these policies would have opened. */
export async function showReplay(typed: Typed, shell: Shell): Promise<ExitCode> {
  const config = await configOf(typed);
  const now = shell.clock.now();
  const source = await sourceOf(typed);
  const since = textFlag(typed.flags['since']);
  const sinceMs = since === undefined && source.kind !== 'live' ? undefined : sinceOf(since);
  const progress = new Progress(shell, 'Reading the journal');
  const query = {
    source,
    manager: config.manager,
    sinceWallMs: sinceMs === undefined ? undefined : now.wallMs - sinceMs,
    now: source.kind === 'live' ? now : { wallMs: now.wallMs, monotonicMs: now.wallMs },
    onLine: () => progress.step(),
    onComplaint: (complaint: string) => tellOfComplaint(shell, complaint),
  };
  const replayed = await replayOrComplain(
    replay({ policies: config.policies, query, mostRuns }),
    source.kind === 'live' ? undefined : expectedOf(source.kind),
  );
  progress.done();
  const services =
    source.kind === 'live' ? await servicesNow(replayed, busOf(typed, config, shell).address) : none;
  const advices = adviceByIncident(replayed.managers, config.policies, services);
  shell.stdout.write(
    typed.flags['json'] === true
      ? jsonOf(replayed, advices)
      : renderReplay(replayed, wantsColor(shell), { advices, assumed: source.kind !== 'live' }),
  );
  return 0;
}

/** A recording does not tell how services are set. */
const none: ReadonlyMap<string, LoadedService> = new Map();

function jsonOf({ managers }: Replayed, advices: AdviceByIncident): string {
  const several = managers.length > 1;
  const named = <T extends object>({ machineId, uid }: ReplayedManager, views: readonly T[]): readonly T[] =>
    several ? views.map((view) => ({ ...view, machineId, ...(uid !== undefined && { uid }) })) : views;
  const units = managers.flatMap((manager) => named(manager, manager.units));
  const incidents = managers.flatMap((manager) =>
    named(
      manager,
      manager.incidents.map((incident) => {
        const advice = advices.get(incident.id);
        return advice === undefined
          ? incident
          : { ...incident, advice: presentAdvice(advice, manager.until) };
      }),
    ),
  );
  return `${JSON.stringify({ units, incidents, saved: savedView(advices) }, undefined, 2)}\n`;
}

function savedView(advices: AdviceByIncident): object {
  const { restarts, burnedCpuMs } = savedBy(advices);
  if (burnedCpuMs === undefined) return { restarts };
  const { was, wouldBe } = burnedCpuMs;
  return { restarts, burnedCpuSeconds: { was: was / 1000, wouldBe: wouldBe / 1000 } };
}

async function sourceOf({ flags, operands }: Typed): Promise<JournalSource> {
  const directory = textFlag(flags['directory']);
  const [file] = operands;
  if (operands.length > 1 || (directory !== undefined && file !== undefined)) {
    throw usage(`Cannot replay from ${operands.join(' and ')}: that is more than one source; expected one`);
  }
  if (directory !== undefined) return { kind: 'directory', path: await existing(directory, 'directory') };
  if (file === undefined) return { kind: 'live' };
  if (file === '-') return { kind: 'text', chunks: process.stdin as AsyncIterable<Buffer> };
  return {
    kind: 'text',
    chunks: createReadStream(await existing(file, 'file'), { highWaterMark: 1024 * 1024 }),
  };
}

function expectedOf(source: 'file' | 'text' | 'directory'): string {
  return source === 'directory' ? 'a directory of journal files' : 'the output of `journalctl -o json`';
}

async function existing(path: string, wanted: 'file' | 'directory'): Promise<string> {
  const expected = expectedOf(wanted);
  try {
    const found = await stat(path);
    if (wanted === 'directory' ? found.isDirectory() : !found.isDirectory()) return path;
  } catch (error) {
    throw usage(`Cannot replay from "${path}": ${coerceError(error).message}; expected ${expected}`);
  }
  throw usage(
    `Cannot replay from "${path}": it is ${wanted === 'file' ? 'a directory' : 'no directory'}; expected ${expected}`,
  );
}

export function sinceOf(text: string | undefined, verb: Verb['name'] = 'replay'): number {
  if (text === undefined) return defaultSinceMs;
  const parsed = parseTimeSpan(text);
  if (parsed.ok && parsed.ms > 0 && Number.isFinite(parsed.ms)) return parsed.ms;
  const found = parsed.ok ? 'it is no time to look back' : parsed.found;
  throw usage(`Cannot look back "${text}": ${found}; expected a time span such as 7d or 12h`, verb);
}

/** `given`: what was expected of a file or directory that somebody named. */
export async function replayOrComplain(reading: Promise<Replayed>, given?: string): Promise<Replayed> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof JournalUnreadable)) throw error;
    if (given !== undefined) throw usage(`Cannot replay from it: ${error.message}; expected ${given}`);
    const message = `Cannot read the journal: ${error.message}; expected a journal that this user may read`;
    throw new AppError(message, { exitCode: 3, hint: 'journalctl -n 1', cause: error });
  }
}

/** The journal of this machine, so far back; on a terminal it is told how far the reading has come. */
export function readingSince(
  sinceMs: number,
  { manager }: Config,
  shell: Shell,
): { readonly query: JournalQuery & { readonly sinceWallMs: number }; readonly progress: Progress } {
  const now = shell.clock.now();
  const progress = new Progress(shell, 'Reading the journal');
  const query = {
    source: { kind: 'live' },
    manager,
    sinceWallMs: now.wallMs - sinceMs,
    now,
    onLine: () => progress.step(),
    onComplaint: (complaint: string) => tellOfComplaint(shell, complaint),
  } as const;
  return { query, progress };
}

export function tellOfComplaint(shell: Shell, complaint: string): void {
  shell.stderr.write(`flapd: Part of the journal can't be read: ${complaint}.\n`);
}

function usage(message: string, verb = 'replay'): AppError {
  return new AppError(message, { exitCode: 2, hint: `flapd ${verb} --help` });
}
