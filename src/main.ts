import './kit/small-heap.ts';
import { apply } from './cli/apply.ts';
import { parseArgv, type Typed } from './cli/args.ts';
import { showAdvice } from './cli/advise.ts';
import { check } from './cli/check.ts';
import { explain } from './cli/explain.ts';
import { helpText } from './cli/help.ts';
import { showHistory } from './cli/history.ts';
import { showLint } from './cli/lint.ts';
import { testSinks } from './cli/notify-test.ts';
import { showReplay } from './cli/replay.ts';
import { revert } from './cli/revert.ts';
import { runDaemon } from './cli/run.ts';
import type { Shell } from './cli/shell.ts';
import { silence } from './cli/silence.ts';
import { showStatus } from './cli/status.ts';
import { trace } from './cli/trace.ts';
import { unsilence } from './cli/unsilence.ts';
import type { Verb } from './cli/verbs.ts';
import { systemClock } from './kit/clock.ts';
import { AppError, coerceError, type ExitCode } from './kit/errors.ts';
import { version } from './kit/version.ts';

const shell: Shell = {
  env: process.env,
  pid: process.pid,
  uid: process.getuid?.() ?? 0,
  clock: systemClock,
  stdout: process.stdout,
  stderr: process.stderr,
  onSignal: (signal, handler) => void process.on(signal, handler),
};

const commands: Readonly<Record<Verb['name'], (typed: Typed, shell: Shell) => Promise<ExitCode>>> = {
  run: runDaemon,
  status: showStatus,
  explain,
  trace,
  history: showHistory,
  advise: showAdvice,
  replay: showReplay,
  apply,
  revert,
  check,
  lint: showLint,
  'notify-test': testSinks,
  silence,
  unsilence,
};

async function main(argv: readonly string[]): Promise<ExitCode> {
  const parsed = parseArgv(argv);
  if (parsed.kind === 'verb') {
    return commands[parsed.typed.verb.name](parsed.typed, shell);
  }
  process.stdout.write(parsed.kind === 'version' ? `flapd ${version}\n` : helpText(parsed.verb));
  return 0;
}

/** What a person can mend is said in a sentence; a bug keeps its stack, and ends the process so that systemd sees it. */
function complain(thrown: unknown): ExitCode {
  if (!(thrown instanceof AppError)) {
    process.stderr.write(`flapd: this is a bug: ${coerceError(thrown).stack}\n`);
    return 1;
  }
  // The first line is the sentence; below it may stand the places it is about.
  const [sentence = '', ...places] = thrown.message.split('\n');
  const end = places.length > 0 ? ':' : '.';
  const hint = thrown.hint === undefined ? [] : [`Try: ${thrown.hint}`];
  process.stderr.write(`${[`flapd: ${sentence}${end}`, ...places, ...hint].join('\n')}\n`);
  return thrown.exitCode;
}

/** A reader that goes away (`flapd status | head -1`) is no error; a full disk is. */
function stdoutFailed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  const message = `Cannot write to standard output: ${error.message}`;
  process.exit(complain(new AppError(message, { exitCode: 1, cause: error })));
}

process.stdout.on('error', stdoutFailed);
// There is nobody left to tell.
process.stderr.on('error', () => {});
process.on('uncaughtException', (error) => process.exit(complain(error)));

main(process.argv.slice(2)).then(
  // What has been printed gets out first; a connection that hangs is not waited for.
  (exitCode) => process.stdout.write('', () => process.exit(exitCode)),
  (thrown: unknown) => process.exit(complain(thrown)),
);
