/** A log record as pino wrote it, to one line of text: for the journal or for a terminal. */

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

type LogRecord = Readonly<Record<string, unknown>> & { time: string; level: LogLevel; message: string };

/** Far below the 48 KiB at which journald splits a line in two (journald.conf(5), LineMax=). */
export const maxLineBytes = 16 * 1024;
const maxValueChars = 2048;
const maxTerminalValueChars = 160;
const maxTerminalFieldsChars = 1000;

/** syslog(3); sd-daemon(3) says how journald reads it off the front of a line. */
const priorityOf: Readonly<Record<LogLevel, number>> = { debug: 7, info: 6, warn: 4, error: 3 };
/** SGR codes: dim, cyan, yellow, red. */
const colorOf: Readonly<Record<LogLevel, string>> = { debug: '2', info: '36', warn: '33', error: '31' };

/** Before a megabyte is made JSON: what is longer than a line can't stay whole. */
export function cutStrings(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'string' ? cutText(value, maxLineBytes) : value,
    ]),
  );
}

/** The sentence stands first: of a long line systemctl(1) shows the beginning only. */
export function journalLine(json: string, level: LogLevel): string {
  const prefix = `<${priorityOf[level]}>`;
  const record: LogRecord = JSON.parse(json);
  if (json.length <= maxLineBytes) {
    const { message, ...fields } = record;
    const line = `${prefix}${escapeInvisible(JSON.stringify({ message, ...fields }))}\n`;
    if (Buffer.byteLength(line) <= maxLineBytes) return line;
  }
  return `${prefix}${cutRecord(record)}\n`;
}

/** Stays JSON: long values are cut, and fields that then still do not fit are left out. */
function cutRecord(record: LogRecord): string {
  const { time, level, message, ...fields } = record;
  let json = '';
  for (const [key, value] of Object.entries({ message, time, level, cut: true, ...fields })) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const kept = text.length <= maxValueChars ? value : cutText(text, maxValueChars);
    const pair = escapeInvisible(`,${JSON.stringify(key)}:${JSON.stringify(kept)}`);
    if (Buffer.byteLength(json + pair) < maxLineBytes - 16) json += pair;
  }
  return `{${json.slice(1)}}`;
}

export function terminalLine(json: string, color: boolean): string {
  const { time, level, message, ...fields }: LogRecord = JSON.parse(json);
  const paint = (code: string, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const clock = new Date(time).toTimeString().slice(0, 8);
  const sentence = escapeInvisible(cutText(message, maxValueChars));
  const pairs = Object.entries(fields).map(
    ([key, value]) => `${escapeInvisible(key)}=${terminalValue(value)}`,
  );
  const tail = cutText(pairs.join(' '), maxTerminalFieldsChars);
  const head = `${clock} ${paint(colorOf[level], level.padEnd(5))} ${sentence}`;
  return tail === '' ? `${head}\n` : `${head}  ${paint('2', tail)}\n`;
}

function terminalValue(value: unknown): string {
  const text = typeof value === 'object' && value !== null && 'message' in value ? value.message : value;
  const plain = typeof text === 'string' && /^[^\s"=]+$/u.test(text) ? text : JSON.stringify(text);
  return escapeInvisible(cutText(plain, maxTerminalValueChars));
}

export function cutText(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars).replace(/[\uD800-\uDBFF]$/u, '')}…`;
}

/** Control, bidirectional and line-separating characters as JSON escapes: no value can forge or hide a line. */
function escapeInvisible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) =>
    Array.from(
      { length: char.length },
      (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
