import { plainText } from '../log-text.ts';
import { maskSecrets } from './secrets.ts';

/** A system call that failed, as strace(1) wrote it. */
export interface FailedCall {
  readonly call: string;
  /** `ENOENT` */
  readonly error: string;
  /** How often it was seen, word for word. */
  readonly count: number;
  readonly line: string;
}

/** One row of `strace -c`. */
export interface CallCount {
  readonly call: string;
  readonly seconds: number;
  readonly calls: number;
  readonly errors: number;
}

export interface Strace {
  /** The last different ones, oldest first. */
  readonly failed: readonly FailedCall[];
  /** By the time that they took, the longest first. */
  readonly counts: readonly CallCount[];
  /** "exited with 1", "killed by SIGSEGV": of the process that was attached to; undefined where it lives. */
  readonly end: string | undefined;
  /** Why strace could not attach: `Operation not permitted`. */
  readonly refused: string | undefined;
}

/** So many are kept; what came before was lived on after. */
const mostFailed = 20;
const mostChars = 240;

/** A program that waits, or looks whether there is more, gets these all the time. */
const usual = new Set(['EAGAIN', 'EINTR', 'EINPROGRESS', 'ECHILD', 'EWOULDBLOCK']);

const failedLine = /^(?:\[pid +\d+\] )?((\w+)\(.*) = -1 (E[A-Z0-9]+)\b/;
const endLine = /^(?:\[pid +(\d+)\] )?\+\+\+ (exited with \d+|killed by SIG\w+(?: \(core dumped\))?) \+\+\+$/;
const refusedLine = /attach: ptrace\(\w+, \d+\): (.+)$/;
const countLine = /^ *\d+\.\d+ +(\d+\.\d+) +\d+ +(\d+)(?: +(\d+))? +(\w+)$/;

/** Reads what `strace -f -C -Z` writes, line by line, and keeps little of it. */
export class StraceReader {
  readonly #pid: number;
  readonly #failed = new Map<string, FailedCall>();
  readonly #counts: CallCount[] = [];
  #end: string | undefined;
  #refused: string | undefined;

  constructor(pid: number) {
    this.#pid = pid;
  }

  take(raw: string): void {
    const refused = refusedLine.exec(raw);
    if (refused !== null) this.#refused ??= plainText(refused[1] ?? '', mostChars);
    const end = endLine.exec(raw);
    // Where there is but one process, strace leaves its number out.
    if (end !== null && (end[1] === undefined || Number(end[1]) === this.#pid)) this.#end = end[2];
    this.#takeCount(raw);
    this.#takeFailed(raw);
  }

  result(): Strace {
    const counts = this.#counts.toSorted((a, b) => b.seconds - a.seconds || b.calls - a.calls);
    return { failed: [...this.#failed.values()], counts, end: this.#end, refused: this.#refused };
  }

  #takeCount(raw: string): void {
    const [, seconds, calls, errors, call = ''] = countLine.exec(raw) ?? [];
    if (seconds === undefined || call === 'total') return;
    this.#counts.push({ call, seconds: Number(seconds), calls: Number(calls), errors: Number(errors ?? 0) });
  }

  #takeFailed(raw: string): void {
    const [, whole, call = '', error = ''] = failedLine.exec(raw) ?? [];
    if (whole === undefined || usual.has(error)) return;
    const line = plainText(maskSecrets(`${whole} = ${error}`), mostChars);
    const known = this.#failed.get(line);
    this.#failed.delete(line);
    this.#failed.set(line, { call, error, count: (known?.count ?? 0) + 1, line });
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > mostFailed && oldest !== undefined) this.#failed.delete(oldest);
  }
}
