import type { Evidence, LoggedLine } from '../evidence/evidence.ts';

/** Of what a run said last, so much may be why it died; what it said before, it lived on after. */
const mostLines = 15;

/** Frames of stack traces (Java, JavaScript, Python, Go, Ruby), which stand between the error and the end. */
const frame =
  /^\s*(?:at\s.+|\.\.\. \d+ (?:more|common frames)|File ".+", line \d+.*|from .+:\d+:in .*|goroutine \d+ .*|\^+~*|(?:code|errno|syscall|address|port|path): .+|node:internal.*|Node\.js v\d.*|[{}\])]+)\s*$/;

/** The program says itself that it goes on. */
const goesOn =
  /\b(?:ignor(?:ed|ing)|skipp(?:ed|ing)|using default|falling back|fall back|fallback|will retry|retrying in|trying again|continuing|not critical|optional|non-fatal)\b|^\s*(?:\[?(?:debug|trace|info|notice)\]?\b)/i;

/** Also the level in front of it, as in `2026-11-24 12:00:01 WARN …` or `level=warning`. */
const isOnlyWarning = /\b(?:WARN(?:ING)?|warn(?:ing)?:|level=warn(?:ing)?|level=info|INFO|DEBUG)\b/;

/** The last lines of the service itself that may say why it died, the newest first. */
export function tellingLines({ lines }: Pick<Evidence, 'lines'>): readonly LoggedLine[] {
  return lines
    .filter(({ by, text }) => by === 'service' && text.trim() !== '' && !frame.test(text))
    .slice(-mostLines)
    .filter(({ text }) => !goesOn.test(text) && !isOnlyWarning.test(text))
    .toReversed();
}

/** Of what a run said last, what may say why it died to somebody who knows the service; oldest first. */
export function tellingWindow(lines: readonly LoggedLine[]): readonly LoggedLine[] {
  return lines.filter(({ by, text }) => by === 'service' && text.trim() !== '').slice(-mostWindowLines);
}

const mostWindowLines = 40;

export interface Told {
  readonly line: LoggedLine;
  /** Of the match, group 0 first. */
  readonly groups: readonly string[];
  /** Where it begins in the line. */
  readonly index: number;
  /** The lines around it, itself included, nearest first. */
  readonly near: readonly string[];
}

/** What says so in the newest telling line that fits. `pattern` runs over lines of bounded length, and without `g`. */
export function told(evidence: Pick<Evidence, 'lines'>, pattern: RegExp): Told | undefined {
  const lines = tellingLines(evidence);
  for (const [at, line] of lines.entries()) {
    const match = pattern.exec(line.text);
    if (match === null) continue;
    const near = [0, 1, -1, 2, -2, 3].flatMap((offset) => lines[at + offset]?.text ?? []);
    return { line, groups: [...match].map((group) => group ?? ''), index: match.index, near };
  }
  return undefined;
}

/** What PID 1 said of the run. */
export function saidBySystemd({ lines }: Pick<Evidence, 'lines'>, pattern: RegExp): readonly string[] {
  return lines.filter(({ by, text }) => by === 'systemd' && pattern.test(text)).map(({ text }) => text);
}

/** Up to `most` distinct lines that fit, oldest first: the same line each second proves it once. */
export function proofOf(evidence: Pick<Evidence, 'lines'>, pattern: RegExp, most = 4): readonly string[] {
  const fitting = tellingLines(evidence).filter(({ text }) => pattern.test(text));
  return [...new Set(fitting.map(({ text }) => text))].slice(0, most).toReversed();
}
