import { spawn } from 'node:child_process';
import { StraceReader, type Strace } from '../core/evidence/strace-output.ts';
import { linesOf } from '../kit/lines.ts';

/** A call with a long buffer; nothing is to be written in full. */
const mostLineBytes = 16 * 1024;

/** Only calls that failed are written (-Z), beside the summary of all (-C); strings are cut at 120 characters. */
const howToTrace = 'exec strace -f -C -Z -q -e signal=none -s 120 -p "$pid"';

/**
 * A strace that waits to be told whom to attach to. It is started ahead, for a service that dies within milliseconds is
 * gone before a program can be: what is left to do then is one exec.
 */
export class WaitingStrace {
  readonly #child = spawn('sh', ['-c', `IFS= read -r pid && ${howToTrace}`], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  readonly #exit = new Promise<void>((resolve) => {
    this.#child.on('close', () => resolve());
    this.#child.on('error', () => resolve());
  });

  constructor() {
    // It may be gone by the time that it is told.
    this.#child.stdin.on('error', () => {});
  }

  /**
   * Attaches, and detaches after `forMs` or when `stop` says so; resolves with what it saw when it has detached, or the
   * process has ended. SIGINT lets it detach, which leaves the process as it was (strace(1)).
   */
  async attach(pid: number, forMs: number, stop: AbortSignal): Promise<Strace> {
    const reader = new StraceReader(pid);
    const detach = (): void => void this.#child.kill('SIGINT');
    const timer = setTimeout(detach, forMs);
    stop.addEventListener('abort', detach);
    try {
      this.#child.stdin.end(`${pid}\n`);
      for await (const line of linesOf(this.#child.stderr, mostLineBytes)) reader.take(line);
      await this.#exit;
      return reader.result();
    } finally {
      clearTimeout(timer);
      stop.removeEventListener('abort', detach);
    }
  }

  /** Where nobody was attached to. */
  dismiss(): void {
    this.#child.kill('SIGTERM');
  }
}
