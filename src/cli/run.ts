import { startDaemon } from '../daemon.ts';
import { AppError, type ExitCode } from '../kit/errors.ts';
import { collectGarbage, collectSooner, optimizeCode, postponeOptimizing } from '../kit/heap.ts';
import { createLog, logStyle } from '../kit/log.ts';
import { logLevels, type LogLevel } from '../kit/log-line.ts';
import { nameProcess } from '../kit/process-name.ts';
import { createNotifier } from '../systemd/notify.ts';
import { stateFile } from '../state-file.ts';
import type { Typed } from './args.ts';
import { busOf, configDirOf, configOf, readConfig, textFlag } from './options.ts';
import { Progress } from './progress.ts';
import type { Shell } from './shell.ts';

/** The start's garbage is old enough to be told from what is kept. */
const settledMs = 1000;

/** Entries of the journal that are read in less time than optimising their reader takes. */
const fewEntries = 5000;

/** The daemon, until SIGTERM or SIGINT. */
export async function runDaemon(typed: Typed, shell: Shell): Promise<ExitCode> {
  nameProcess('flapd');
  postponeOptimizing();
  const level = levelOf(textFlag(typed.flags['log-level']));
  const log = createLog({
    stream: shell.stderr,
    ...logStyle(shell.env, shell.stderr),
    level,
  });
  const stopping = new AbortController();
  const asked = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      shell.onSignal(signal, () => {
        stopping.abort();
        resolve(signal);
      });
  });
  // Before the daemon is there it is reading the configuration anyway.
  let reload = async (): Promise<void> => {};
  shell.onSignal('SIGHUP', () => void reload());
  const config = await configOf(typed);
  const notifier = createNotifier(shell.env, shell.pid, (error) => {
    // PID 1 stops the whole unit, so that the helper that was to say so is stopped with it.
    if (!stopping.signal.aborted) log.warn({ error }, error.message);
  });
  const starting = startDaemon({
    config,
    configDir: configDirOf(typed),
    loadConfig: async () => readConfig(typed),
    busAddress: busOf(typed, config, shell).address,
    clock: shell.clock,
    log,
    notifier,
    stateFile: stateFile(shell.env, shell.uid, config.manager),
    progress: progressOf(shell),
  });
  const daemon = await Promise.race([starting, asked]);
  if (typeof daemon === 'string') {
    log.info({}, `Stopping on ${daemon}, before the start was over.`);
    return 0;
  }
  reload = async () => daemon.reload();
  setTimeout(settle, settledMs).unref();
  // It ends by itself on a bug only, and rejects then.
  await Promise.race([asked.then((signal) => log.info({}, `Stopping on ${signal}.`)), daemon.done]);
  await daemon.stop();
  return 0;
}

function settle(): void {
  collectGarbage();
  collectSooner();
  optimizeCode();
}

function progressOf(shell: Shell): { step(): void; done(): void } {
  const progress = new Progress(shell, 'Reading the journal');
  let entries = 0;
  return {
    step: () => {
      entries += 1;
      if (entries === fewEntries) optimizeCode();
      progress.step();
    },
    done: () => progress.done(),
  };
}

function levelOf(text: string | undefined): LogLevel {
  const level = logLevels.find((each) => each === (text ?? 'info'));
  if (level !== undefined) return level;
  const message = `Cannot log at level "${text}": there is no such level; expected one of ${logLevels.join(', ')}`;
  throw new AppError(message, { exitCode: 2, hint: 'flapd run --help' });
}
