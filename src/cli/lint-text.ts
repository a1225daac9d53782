import { printable } from '../config/problem.ts';
import { severities, type Finding, type Severity } from '../core/lint/finding.ts';

/** Each finding as a compiler would: place, severity, what is wrong, the line, what to write instead, where it is explained. */
export function renderFindings(findings: readonly Finding[], services: number, color: boolean): string {
  return `${[...findings.map((each) => block(each, color)), summary(findings, services)].join('\n')}\n`;
}

const colors: Readonly<Record<Severity, string>> = { error: '31', warning: '33', info: '36' };

function block(finding: Finding, color: boolean): string {
  const { id, severity, unit, file, line, column, message, fix, see, source } = finding;
  const paint = (code: string, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const place = `${printable(file)}:${line}:${column}:`;
  const lines = [
    `${place} ${paint(colors[severity], `${severity}:`)} ${unit}: ${printable(message)} [${id}]`,
    ...(source === undefined ? [] : [`    ${printable(source)}`]),
    ...alsoLines(finding),
    ...fixLines(fix),
    `  see: ${see}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** So many are named; `--json` has more. */
const mostNamed = 5;

function alsoLines({ unit, units = [], unitsTotal = 1 }: Finding): readonly string[] {
  const named = units.filter((each) => each !== unit).slice(0, mostNamed);
  if (named.length === 0) return [];
  const more = unitsTotal - 1 - named.length;
  return [`  also holds for: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
}

/** A drop-in stands by itself, to be copied. */
function fixLines(fix: string): readonly string[] {
  if (!fix.startsWith('[')) return [`  fix: ${printable(fix)}`];
  const lines = fix.trimEnd().split('\n');
  return ['  fix, as a drop-in:', ...lines.map((line) => (line === '' ? '' : `      ${printable(line)}`))];
}

function summary(findings: readonly Finding[], services: number): string {
  const counts = severities.flatMap((severity) => {
    const found = findings.filter((each) => each.severity === severity).length;
    return found === 0 ? [] : [count(found, severity)];
  });
  const last = counts.pop();
  const found =
    last === undefined
      ? 'Nothing found'
      : [...(counts.length > 0 ? [counts.join(', ')] : []), last].join(' and ');
  return `${found} in ${count(services, 'service')}.`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
