import { isRecord } from './record.ts';

/** Exit codes of every verb: 1 the system has a problem, 2 wrong usage or configuration, 3 systemd can't be reached. */
export type ExitCode = 0 | 1 | 2 | 3;

/**
 * Something a person can mend: `message` reads `Cannot <action> "<value>": <found>; expected <wanted>`, `hint` is a
 * command to type next. Anything else that is thrown is a bug and keeps its stack.
 */
export class AppError extends Error {
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(message: string, options: { exitCode: ExitCode; hint?: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.exitCode = options.exitCode;
    this.hint = options.hint;
  }
}

/** Whatever was thrown, as an Error. */
export function coerceError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** Of an error of the operating system's, such as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  const code = isRecord(error) ? error['code'] : undefined;
  return typeof code === 'string' ? code : undefined;
}
