/** One `Directive=value` of a unit file. */
export interface Assignment {
  readonly section: string;
  readonly directive: string;
  /** Continuation lines joined, each line break a space; empty for `Directive=`. */
  readonly value: string;
  /** From 1: where it begins. */
  readonly line: number;
  /** Where its last continuation line is, which is the line that systemd's own messages name. */
  readonly lastLine: number;
  /** From 1, in characters: where the directive begins. */
  readonly column: number;
}

/** What systemd says of a line that it can't read, whatever the directives that it knows. */
export interface UnitFileFault {
  readonly line: number;
  /** A clause: `a section header without its "]"`. */
  readonly found: string;
  /** systemd reads no further: a unit is then not loaded, of a drop-in what stands before counts. */
  readonly ends: boolean;
}

export interface UnitFile {
  readonly assignments: readonly Assignment[];
  readonly faults: readonly UnitFileFault[];
}

/** systemd's own bound for a line with all its continuation lines (fileio.h `LONG_LINE_MAX`, in bytes there). */
export const maxLineLength = 1024 * 1024;

/** Runs of line ends that differ are one: `\r\n`, but also `\n\r`, and a NUL (fileio.c `read_line_full`). */
const lineEnd = /(?:\n\r?|\r\n?)?\0|\n\r?|\r\n?/;

/** What strstrip() takes off. */
const blanks = ' \t\n\r';

/**
 * Reads a unit file, or a drop-in, as conf-parser.c `config_parse` does (systemd.syntax(7)): whatever stands there, in
 * order, known to systemd or not. The text is as decoded from UTF-8, with U+FFFD for what is none.
 */
export function parseUnitFile(text: string): UnitFile {
  const assignments: Assignment[] = [];
  const faults: UnitFileFault[] = [];
  let section: string | undefined;
  for (const line of logicalLines(text)) {
    const read = readLine(line);
    switch (read.kind) {
      case 'nothing':
        break;
      case 'section':
        section = read.name;
        break;
      case 'fault':
        faults.push({ line: line.first, found: read.found, ends: read.ends });
        if (read.ends) return { assignments, faults };
        break;
      case 'assignment': {
        if (section === undefined) {
          faults.push({ line: line.first, found: 'an assignment before any section', ends: false });
          break;
        }
        const { directive, value, column } = read;
        assignments.push({ section, directive, value, line: line.first, lastLine: line.last, column });
        break;
      }
    }
  }
  return { assignments, faults };
}

interface LogicalLine {
  readonly text: string;
  readonly first: number;
  readonly last: number;
}

/**
 * Lines that end in a backslash joined with what follows, comments left out, in between too; an empty line ends a
 * continuation.
 */
function* logicalLines(text: string): Generator<LogicalLine> {
  let parts: string[] = [];
  let first = 0;
  let bomSeen = false;
  const lines = text.split(lineEnd);
  if (lines.at(-1) === '') lines.pop();
  for (const [index, raw] of lines.entries()) {
    if (/^[ \t\n\r]*[#;]/.test(raw)) continue;
    const hasBom: boolean = !bomSeen && raw.startsWith('\ufeff');
    bomSeen ||= hasBom;
    const line = hasBom ? raw.slice(1) : raw;
    if (parts.length === 0) first = index + 1;
    if (goesOn(line)) {
      parts.push(`${line.slice(0, -1)} `);
      continue;
    }
    yield { text: parts.join('') + line, first, last: index + 1 };
    parts = [];
  }
  // A backslash at the end of the file: systemd counts one line more.
  if (parts.length > 0) yield { text: parts.join(''), first, last: lines.length + 1 };
}

/** The last backslash is not itself escaped by one before it. */
function goesOn(line: string): boolean {
  let backslashes = 0;
  while (line[line.length - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

type ReadLine =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'section'; readonly name: string }
  | {
      readonly kind: 'assignment';
      readonly directive: string;
      readonly value: string;
      readonly column: number;
    }
  | { readonly kind: 'fault'; readonly found: string; readonly ends: boolean };

/** One line by itself (conf-parser.c `parse_line`). */
function readLine({ text }: LogicalLine): ReadLine {
  if (text.length > maxLineLength) return fault(`a line of more than ${maxLineLength} characters`, true);
  const stripped = strip(text);
  if (stripped === '') return { kind: 'nothing' };
  if (stripped.includes('\ufffd')) return fault('bytes that are not UTF-8', true);
  if (stripped.startsWith('[')) {
    if (!stripped.endsWith(']')) return fault('a section header without its "]"', true);
    return { kind: 'section', name: stripped.slice(1, -1) };
  }
  const equals = stripped.indexOf('=');
  if (equals < 0) return fault('neither a section nor an assignment: it has no "="', false);
  const directive = strip(stripped.slice(0, equals));
  if (directive === '') return fault('an assignment to nothing', false);
  const column = text.indexOf(stripped) + 1;
  return { kind: 'assignment', directive, value: strip(stripped.slice(equals + 1)), column };
}

function fault(found: string, ends: boolean): ReadLine {
  return { kind: 'fault', found, ends };
}

/** Not trim(): that takes off every kind of space that Unicode knows. */
function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && blanks.includes(text.charAt(start))) start += 1;
  while (end > start && blanks.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
