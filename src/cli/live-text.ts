/** What it needs of a terminal. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
}

const escape = '\u001b[';
const sgr = /\u001b\[[\d;]*m/g; // eslint-disable-line no-control-regex

/**
 * A text that is written over itself, in one write and without clearing first, so that nothing flickers. It stays below
 * what was on the terminal, and nothing has to be put back at the end.
 */
export class LiveText {
  readonly #terminal: Terminal;
  #height = 0;
  #columns = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(text: string): void {
    const columns = this.#terminal.columns || 80;
    const rows = this.#terminal.rows || 24;
    const wrapped = text
      .trimEnd()
      .split('\n')
      .flatMap((line) => wrap(line, columns));
    const lines = fit(wrapped, Math.max(1, rows - 1));
    // What a terminal does to old lines when its width changes is its own affair: begin anew.
    const start = this.#columns === 0 || this.#columns === columns ? this.#up() : `${escape}H${escape}2J`;
    this.#terminal.write(`${start}${lines.map((line) => `${escape}2K${line}\n`).join('')}${escape}J`);
    this.#height = lines.length;
    this.#columns = columns;
  }

  /** Others have written to the terminal: the next text is written below. */
  forget(): void {
    this.#height = 0;
  }

  #up(): string {
    return this.#height === 0 ? '' : `\r${escape}${this.#height}A`;
  }
}

function fit(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  const left = lines.length - most + 1;
  return [...lines.slice(0, most - 1), `… ${left} more lines`];
}

/** At the last space that fits; lines with colour are the table's, and cut already. */
function wrap(line: string, columns: number): readonly string[] {
  if (line.replace(sgr, '').length <= columns) return [line];
  const parts: string[] = [];
  let rest = line;
  while (rest.length > columns) {
    const space = rest.lastIndexOf(' ', columns);
    const end = space > 0 ? space : columns;
    parts.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...parts, rest];
}
