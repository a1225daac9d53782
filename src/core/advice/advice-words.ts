import { countWords } from '../count-words.ts';
import type { ExitCount } from '../exit-tally.ts';
import { exitName } from '../exit.ts';
import type { LoopShape } from './loop-shape.ts';
import { displayTimeSpan } from '../time-span.ts';

/** "status 1/FAILURE", "SIGSEGV", "ExecStartPre= with status 42", "a timeout" */
export function deathWords({ process, code, status, result }: ExitCount['exit']): string {
  const name = exitName({ code, status });
  const who = process === undefined || process === 'main' ? '' : `${process}= with `;
  if (result === 'timeout' || result === 'watchdog') return `a ${result}`;
  if (code === undefined || status === undefined) return `${who}result "${result}"`;
  if (code !== 'exited') return `${who}${name ?? `signal ${status}`}`;
  return `${who}status ${status}${name === undefined ? '' : `/${name}`}`;
}

/** "12 deaths in 1min 37s, each after 8s" */
export function loopWords({ deaths, spanMs, uptimeMs }: LoopShape): string {
  const after = uptimeMs === undefined ? '' : `, each after about ${displayTimeSpan(uptimeMs)}`;
  return `${countWords(deaths.length, 'death')} in ${displayTimeSpan(spanMs)}${after}`;
}

/** "a.service", "a.service and b.service", "a.service, b.service and 3 more" */
export function namesWords(names: readonly string[]): string {
  const [first = '', second = '', ...more] = names;
  if (second === '') return first;
  return more.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${more.length} more`;
}

/** With a full stop, and a capital letter but for systemd, which has none. */
export function asSentence(clause: string): string {
  const first = clause.startsWith('systemd') ? 's' : (clause[0]?.toUpperCase() ?? '');
  return `${first}${clause.slice(1)}.`;
}
