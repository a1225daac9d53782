import { spawn, type ChildProcess } from 'node:child_process';
import { coerceError } from '../kit/errors.ts';

export interface Command {
  /** An absolute path and its arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
  readonly timeoutMs: number;
}

/** How it went, and the end of what it wrote. */
export type Ended = { readonly output: string } & (
  | { readonly how: 'exited'; readonly status: number }
  | { readonly how: 'killed'; readonly by: string }
  | { readonly how: 'late' | 'aborted' }
  | { readonly how: 'not-started'; readonly why: string }
);

const mostOutputBytes = 1024;
/** What a process that has ended wrote is there by then; whoever it left behind may hold the pipes open for ever. */
const lastWordsMs = 100;

/** Without a shell, in a process group of its own, which is killed as a whole when it takes too long. Never rejects. */
export function runCommand({ command, env, input, timeoutMs }: Command, signal: AbortSignal): Promise<Ended> {
  const [file = '', ...args] = command;
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ how: 'aborted', output: '' });
    const child = started(file, args, env);
    if (child instanceof Error) return resolve({ how: 'not-started', why: child.message, output: '' });
    const output = new Tail(mostOutputBytes);
    let cut: 'late' | 'aborted' | undefined;
    let lastWords: NodeJS.Timeout | undefined;
    const kill = (why: 'late' | 'aborted') => (): void => {
      cut ??= why;
      killGroup(child);
    };
    const abort = kill('aborted');
    const timer = setTimeout(kill('late'), timeoutMs);
    signal.addEventListener('abort', abort);
    const end = (how: (output: string) => Ended): void => {
      clearTimeout(timer);
      clearTimeout(lastWords);
      signal.removeEventListener('abort', abort);
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.stdin?.destroy();
      resolve(how(output.text()));
    };
    child.on('error', (error) =>
      end((text) => ({ how: 'not-started', why: startFault(error), output: text })),
    );
    child.on('exit', (status, by) => {
      clearTimeout(timer);
      const ended = (text: string): Ended => endedBy(cut, status, by, text);
      lastWords = setTimeout(() => end(ended), lastWordsMs);
      child.on('close', () => end(ended));
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => output.add(chunk));
      stream?.on('error', () => {});
    }
    // A command need not read what it is told.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

function started(file: string, args: readonly string[], env: Command['env']): ChildProcess | Error {
  try {
    return spawn(file, args, { cwd: '/', env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  } catch (error) {
    return coerceError(error);
  }
}

function endedBy(
  cut: 'late' | 'aborted' | undefined,
  status: number | null,
  by: NodeJS.Signals | null,
  output: string,
): Ended {
  if (cut !== undefined) return { how: cut, output };
  return status === null
    ? { how: 'killed', by: by ?? 'a signal', output }
    : { how: 'exited', status, output };
}

/** `detached` made it the leader of its group. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it is gone already
  }
}

const startFaults: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file, or what its first line names is missing',
  EACCES: 'flapd may not execute it',
  ENOEXEC: 'it is no program',
};

function startFault(error: NodeJS.ErrnoException): string {
  return startFaults[error.code ?? ''] ?? `it can not be started (${error.code ?? 'unknown'})`;
}

/** The last bytes of a stream: there a command says why it failed. */
class Tail {
  readonly #most: number;
  #bytes = Buffer.alloc(0);

  constructor(most: number) {
    this.#most = most;
  }

  add(chunk: Buffer): void {
    const all = Buffer.concat([this.#bytes, chunk.subarray(-this.#most)]);
    this.#bytes = Buffer.from(all.subarray(-this.#most));
  }

  text(): string {
    return this.#bytes.toString('utf8').trim();
  }
}
