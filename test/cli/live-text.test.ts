import { expect, test } from 'vitest';
import { LiveText } from '../../src/cli/live-text.ts';

/** As much of a terminal as LiveText uses: lines, a cursor, and what scrolls off at the top. */
class Screen {
  columns: number;
  rows: number;
  readonly writes: string[] = [];
  readonly #cells: string[][] = [[]];
  #row = 0;
  #column = 0;
  #top = 0;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): void {
    this.writes.push(text);
    for (const [, parameter, command, character = ''] of text.matchAll(
      /\u001b\[([\d;]*)([A-Za-z])|([^])/gu, // eslint-disable-line no-control-regex
    )) {
      if (command === undefined) this.#put(character);
      else this.#obey(command, parameter ?? '');
    }
  }

  /** What is on it and above it. */
  get lines(): readonly string[] {
    return this.#cells.map((cells) => cells.join('').trimEnd());
  }

  #put(character: string): void {
    if (character === '\n') {
      this.#row += 1;
      this.#column = 0;
    } else if (character === '\r') {
      this.#column = 0;
    } else {
      if (this.#column === this.columns) {
        this.#row += 1;
        this.#column = 0;
      }
      this.#line()[this.#column] = character;
      this.#column += 1;
    }
    this.#line();
    this.#top = Math.max(this.#top, this.#row - this.rows + 1);
  }

  #obey(command: string, parameter: string): void {
    if (command === 'A') this.#row = Math.max(this.#top, this.#row - Number(parameter || 1));
    else if (command === 'K' && parameter === '2') this.#line().length = 0;
    else if (command === 'H') [this.#row, this.#column] = [this.#top, 0];
    else if (command === 'J' && parameter === '2') this.#cells.length = this.#top;
    else if (command === 'J') {
      this.#cells.length = this.#row + 1;
      this.#line().length = this.#column;
    } else if (command !== 'm') throw new Error(`unknown command ${parameter}${command}`);
  }

  #line(): string[] {
    while (this.#cells.length <= this.#row) this.#cells.push([]);
    return (this.#cells[this.#row] ??= []);
  }
}

function screenAfter(texts: readonly string[], columns = 40, rows = 10): Screen {
  const screen = new Screen(columns, rows);
  screen.write('$ flapd status --watch\n');
  const live = new LiveText(screen);
  for (const text of texts) live.show(text);
  return screen;
}

test('a text is written below what was there', () => {
  expect(screenAfter(['one\ntwo\n']).lines).toEqual(['$ flapd status --watch', 'one', 'two', '']);
});

test('the next one takes its place', () => {
  expect(screenAfter(['one\ntwo\n', 'three\nfour\n']).lines).toEqual([
    '$ flapd status --watch',
    'three',
    'four',
    '',
  ]);
});

test('of a longer one nothing is left', () => {
  expect(screenAfter(['one\ntwo\nthree\n', '1\n']).lines).toEqual(['$ flapd status --watch', '1', '']);
  expect(screenAfter(['1\n', 'one\ntwo\nthree\n']).lines.slice(1, 4)).toEqual(['one', 'two', 'three']);
});

test('each is one write that never clears the screen first: nothing to flicker', () => {
  const { writes } = screenAfter(['one\n', 'two\n', 'three\n']);
  expect(writes).toHaveLength(4);
  for (const write of writes) expect(write).not.toContain('2J');
});

test('long lines break at a space, and count as the lines they are', () => {
  const sentence = 'logstash.service is in a restart loop: 5 restarts in 32s.';
  const { lines } = screenAfter([`${sentence}\nend\n`, `${sentence}\nEND\n`], 30);
  expect(lines).toEqual([
    '$ flapd status --watch',
    'logstash.service is in a',
    'restart loop: 5 restarts in',
    '32s.',
    'END',
    '',
  ]);
});

test('a line that fills the width is not followed by an empty one', () => {
  const line = 'x'.repeat(20);
  expect(screenAfter([`${line}\nend\n`, `${line}\nend\n`], 20).lines.slice(2)).toEqual([line, 'end', '']);
});

test('a word longer than the width is cut', () => {
  expect(screenAfter([`${'x'.repeat(25)}\n`], 10).lines.slice(3)).toEqual([
    'xxxxxxxxxx',
    'xxxxxxxxxx',
    'xxxxx',
    '',
  ]);
});

test('colour takes no room', () => {
  const line = `\u001b[31m${'x'.repeat(10)}\u001b[0m`;
  expect(screenAfter([`${line}\nend\n`], 10).lines.slice(-3)).toEqual(['x'.repeat(10), 'end', '']);
});

test('what is higher than the terminal is cut, and it is said by how much', () => {
  const text = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`).join('\n');
  const screen = screenAfter([text, text, text], 40, 6);
  expect(screen.lines).toEqual([
    '$ flapd status --watch',
    'line 1',
    'line 2',
    'line 3',
    'line 4',
    '… 16 more lines',
    '',
  ]);
});

test('when the width has changed it begins at the top', () => {
  const screen = new Screen(40, 10);
  const live = new LiveText(screen);
  live.show('one\n');
  screen.columns = 20;
  live.show('two\n');
  expect(screen.lines).toEqual(['two', '']);
  live.show('three\n');
  expect(screen.lines).toEqual(['three', '']);
});

test('after others have written, the next text goes below', () => {
  const screen = new Screen(40, 10);
  const live = new LiveText(screen);
  live.show('one\n');
  screen.write('[1]+ Stopped\n');
  live.forget();
  live.show('two\n');
  expect(screen.lines).toEqual(['one', '[1]+ Stopped', 'two', '']);
});

test('a terminal that does not know its size is taken for one of 80 by 24', () => {
  const screen = new Screen(200, 100);
  screen.columns = 0;
  screen.rows = 0;
  const written: string[] = [];
  const live = new LiveText({ columns: 0, rows: 0, write: (text) => written.push(text) });
  live.show(`${'x'.repeat(100)}\n`.repeat(30));
  expect(written.join('').split('\n')).toHaveLength(24);
});
