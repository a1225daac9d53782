import { pino } from 'pino';
import { systemClock } from './clock.ts';
import { AppError } from './errors.ts';
import { lineWriter } from './line-writer.ts';
import { cutStrings, cutText, journalLine, maxLineBytes, terminalLine, type LogLevel } from './log-line.ts';

/**
 * The fields of a log line. Every line has the first three; the rest where it applies. More fields are welcome, but
 * never a second name for one of these.
 *
 * | field      | type   | holds                                                                        |
 * |------------|--------|------------------------------------------------------------------------------|
 * | `time`     | string | ISO 8601 with zone                                                           |
 * | `level`    | string | `debug`, `info`, `warn`, `error`                                             |
 * | `message`  | string | one sentence                                                                 |
 * | `unit`     | string | full unit name                                                               |
 * | `incident` | string | incident id                                                                  |
 * | `policy`   | string | policy name                                                                  |
 * | `rule`     | object | `{restarts, within}`: the rule that held                                     |
 * | `restarts` | number | restarts counted                                                             |
 * | `window`   | string | the span they were counted in, in systemd's notation: `2min`                 |
 * | `verdict`  | string | `calm`, `suspect`, `looping`, `recovering`, `braked`                         |
 * | `error`    | object | `{message, hint}` of an AppError; `{message, stack}` of a bug                |
 * | `lost`     | number | lines that could not be written before this one                              |
 * | `cut`      | `true` | the line was longer than 16 KiB: values are cut, some may be left out        |
 */
export interface Log {
  debug(fields: object, sentence: string): void;
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}

export interface LogOptions {
  /** `process.stderr`, or anything else with a file descriptor. */
  readonly stream: { readonly fd: number };
  /** Readable lines in local time; otherwise JSON with the journal's `<N>` prefix (sd-daemon(3)). */
  readonly terminal: boolean;
  readonly level: LogLevel;
  readonly color: boolean;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now?: () => number;
}

const levelOf: Readonly<Record<number, LogLevel>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' };

/**
 * Readable lines on a terminal, and colour only there. JOURNAL_STREAM is not asked: what is a terminal is not the
 * journal, and desktop terminals hand the variable of their own unit down to every shell.
 */
export function logStyle(
  env: NodeJS.ProcessEnv,
  stream: { readonly isTTY?: boolean },
): { readonly terminal: boolean; readonly color: boolean } {
  const terminal = stream.isTTY === true;
  return { terminal, color: terminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb' };
}

export function createLog(options: LogOptions): Log {
  const now = options.now ?? ((): number => systemClock.now().wallMs);
  const isoTime = (): string => new Date(now()).toISOString();
  const lineOf = options.terminal ? (json: string) => terminalLine(json, options.color) : journalLine;
  const write = lineWriter(options.stream.fd, (lost) => {
    const message = `Log lines that could not be written and are lost: ${lost}`;
    return lineOf(JSON.stringify({ level: 'warn', time: isoTime(), lost, message }), 'warn');
  });
  // An own destination: pino's transports run in a worker file, which a bundle does not have.
  const destination = {
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(json: string): void {
      write(lineOf(json.trimEnd(), levelOf[this.lastLevel] ?? 'error'));
    },
  };
  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      errorKey: 'error',
      timestamp: () => `,"time":"${isoTime()}"`,
      formatters: { level: (level) => ({ level }), log: cutStrings },
      serializers: { error: describeError },
    },
    destination,
  );
  const writer =
    (level: LogLevel) =>
    (fields: object, sentence: string): void =>
      logger[level](fields, cutText(sentence, maxLineBytes));
  return { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') };
}

function describeError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const cause = thrown.cause instanceof Error ? { cause: thrown.cause.message } : {};
  if (thrown instanceof AppError) return { message: thrown.message, hint: thrown.hint, ...cause };
  return { message: thrown.message, stack: thrown.stack, ...cause };
}
