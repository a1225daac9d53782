/** What kind of problem, apart from its place and words. */
export interface ProblemKind {
  /** For scripts: `unknown-key`. */
  readonly id: string;
  /** A warning stops nothing: the configuration can be used, but says something that its writer hardly means. */
  readonly severity: 'error' | 'warning';
  /** The unit it is about, where it is about one. */
  readonly unit?: string;
  /** What to do about it, where that is known: `write "match"`. */
  readonly fix?: string;
}

/** One mistake in the configuration, at the place where it stands. */
export interface Problem extends ProblemKind {
  readonly file: string;
  /** From 1; a problem of the file as a whole stands at 1:1 and has no `source`. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  readonly message: string;
  /** The line itself; absent where there is none to show. */
  readonly source?: string;
}

const invalid: ProblemKind = { id: 'invalid', severity: 'error' };

/** More at once would only hide the first. */
export const maxProblems = 100;

/** Longer lines help nobody on a terminal. */
const maxSourceLength = 500;
const maxQuotedLength = 60;

/** Control characters and what reorders text: a file must not be able to write to the terminal that shows it. */
const unprintable = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g; // eslint-disable-line no-control-regex

/** The problem at an offset of the file's text. */
export function problemAt(
  file: string,
  text: string,
  offset: number,
  message: string,
  kind: ProblemKind = invalid,
): Problem {
  // lastIndexOf takes -1 for 0
  const lineStart = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  const before = text.slice(lineStart, offset);
  const lineEnd = text.indexOf('\n', lineStart);
  const source = text.slice(lineStart, lineEnd === -1 ? text.length : lineEnd).replace(/\r$/, '');
  return {
    ...kind,
    file,
    line: countOf('\n', text, lineStart) + 1,
    column: before.length - (before.match(/[\ud800-\udbff]/g)?.length ?? 0) + 1,
    message: printable(message),
    ...(source !== '' && source.length <= maxSourceLength ? { source: printable(masked(source)) } : {}),
  };
}

/** A problem of a file or directory as a whole. */
export function problemOf(file: string, message: string): Problem {
  return { ...invalid, file, line: 1, column: 1, message: printable(message) };
}

export function comparePlaces(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}

/** `file:line:column: message`, the line, and a caret below the column; without a closing newline. */
export function renderProblems(problems: readonly Problem[]): string {
  return problems.map((problem) => renderProblem(problem, problem.message)).join('\n');
}

/** The same with `error:` or `warning:` before each message. */
export function renderBySeverity(problems: readonly Problem[]): string {
  return problems
    .map((problem) => renderProblem(problem, `${problem.severity}: ${problem.message}`))
    .join('\n');
}

/** A value as a message shows it: in double quotes, one line, cut where it is long. */
export function quote(text: string): string {
  const characters = Array.from(text.slice(0, 2 * maxQuotedLength));
  const cut = characters.length > maxQuotedLength || text.length > 2 * maxQuotedLength;
  return JSON.stringify(cut ? `${characters.slice(0, maxQuotedLength).join('')}…` : text);
}

/** A user name and password in a URL, each character as a star: what is wrong with it must not tell them. */
export function masked(text: string): string {
  return text.replace(
    /(:\/\/)([^\s/@"']+)(?=@)/g,
    (_, scheme: string, secret: string) => scheme + '*'.repeat(Array.from(secret).length),
  );
}

function renderProblem({ file, line, column, source }: Problem, message: string): string {
  const head = `${printable(file)}:${line}:${column}: ${message}`;
  if (source === undefined) return head;
  const margin = '    ';
  const indent = Array.from(source.slice(0, 2 * column), (character) =>
    character === '\t' ? '\t' : ' ',
  ).slice(0, column - 1);
  return `${head}\n${margin}${source}\n${margin}${indent.join('')}^`;
}

/** For a terminal: what could move its cursor, or turn text around, becomes U+FFFD. */
export function printable(text: string): string {
  return text.replace(unprintable, '\ufffd');
}

function countOf(character: string, text: string, end: number): number {
  let count = 0;
  for (let at = text.indexOf(character); at !== -1 && at < end; at = text.indexOf(character, at + 1))
    count += 1;
  return count;
}
