/** Writes the story: a clock in front of each event, commands as if typed, their output below. */
export class Teller {
  readonly #out: NodeJS.WriteStream;
  readonly #color: boolean;
  readonly #startMs = performance.now();

  constructor(out: NodeJS.WriteStream, env: NodeJS.ProcessEnv) {
    this.#out = out;
    this.#color = out.isTTY === true && !env['NO_COLOR'];
  }

  get seconds(): number {
    return (performance.now() - this.#startMs) / 1000;
  }

  line(text = ''): void {
    this.#out.write(`${text}\n`);
  }

  event(text: string, sgr?: string): void {
    const clock = `${this.seconds.toFixed(1)}s`.padStart(6);
    this.line(`${this.#paint('2', clock)}  ${sgr === undefined ? text : this.#paint(sgr, text)}`);
  }

  command(typed: string, output: string): void {
    this.line();
    this.line(this.#paint('1', `  $ ${typed}`));
    for (const each of output.trimEnd().split('\n')) this.line(`  ${each}`);
    this.line();
  }

  #paint(sgr: string, text: string): string {
    return this.#color ? `\u001b[${sgr}m${text}\u001b[0m` : text;
  }
}
