import { exitStatusName, signalName } from '../systemd/exit-status.ts';
import { emptyExitSet, type ExitSet } from '../systemd/restart-settings.ts';
import { formatTimeSpan, parseTimeSpan } from '../time-span.ts';

/** Directives of which a remedy may be made (systemd.service(5), systemd.unit(5)); flapd writes no other. */
export type Directive =
  /** Adds to the list that the unit has. */
  | { readonly name: 'RestartPreventExitStatus'; readonly exits: ExitSet }
  | { readonly name: TimeDirective; readonly ms: number }
  | { readonly name: CountDirective; readonly count: number };

type TimeDirective = 'RestartSec' | 'RestartMaxDelaySec' | 'StartLimitIntervalSec';
type CountDirective = 'RestartSteps' | 'StartLimitBurst';

export type DirectiveName = Directive['name'];

export type DirectiveReading =
  | { readonly ok: true; readonly directive: Directive }
  /** `found` and `expected` go into `Cannot …: <found>; expected <expected>`. */
  | { readonly ok: false; readonly found: string; readonly expected: string };

interface Bounds {
  readonly least: number;
  readonly most: number;
}

const secondMs = 1000;
const dayMs = 86_400 * secondMs;

/**
 * Shorter delays than systemd's own default are no remedy; longer ones than a day, and windows longer than the longest
 * rule of a policy may have, are no restart limits any more.
 */
const times: Readonly<Record<TimeDirective, Bounds>> = {
  RestartSec: { least: 100, most: dayMs },
  RestartMaxDelaySec: { least: 100, most: dayMs },
  StartLimitIntervalSec: { least: secondMs, most: 7 * dayMs },
};

/** A burst of 1 would refuse the very next start, also one by hand. */
const counts: Readonly<Record<CountDirective, Bounds>> = {
  RestartSteps: { least: 1, most: 100 },
  StartLimitBurst: { least: 2, most: 1000 },
};

/** The order in which they stand in a file. */
const sections: Readonly<Record<DirectiveName, 'Unit' | 'Service'>> = {
  StartLimitIntervalSec: 'Unit',
  StartLimitBurst: 'Unit',
  RestartPreventExitStatus: 'Service',
  RestartSec: 'Service',
  RestartSteps: 'Service',
  RestartMaxDelaySec: 'Service',
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a Record of all names
export const directiveNames = Object.keys(sections) as readonly DirectiveName[];

export function sectionOf(name: DirectiveName): 'Unit' | 'Service' {
  return sections[name];
}

/** Reads `name=text`, as advice, a request or a file has it; whatever it is made of, only numbers come out. */
export function readDirective(name: string, text: string): DirectiveReading {
  if (name === 'RestartPreventExitStatus') return readExits(text);
  if (isTime(name)) return readTime(name, text);
  if (isCount(name)) return readCount(name, text);
  return refuse('it is none that flapd writes', `one of ${directiveNames.join(', ')}`);
}

/** The value as it stands in a file: digits, letters of ours, spaces; never a specifier. */
export function directiveValue(directive: Directive): string {
  if ('ms' in directive) return formatTimeSpan(directive.ms);
  if ('count' in directive) return String(directive.count);
  // Names of statuses are not the same on every systemd, and what it does not know it passes over.
  const signals = directive.exits.signals.map((signal) => signalName(signal) ?? '');
  return [...directive.exits.statuses.map(String), ...signals].join(' ');
}

/** "RestartSec=5s" */
export function directiveLine(directive: Directive): string {
  return `${directive.name}=${directiveValue(directive)}`;
}

function isTime(name: string): name is TimeDirective {
  return Object.hasOwn(times, name);
}

function isCount(name: string): name is CountDirective {
  return Object.hasOwn(counts, name);
}

function readTime(name: TimeDirective, text: string): DirectiveReading {
  const { least, most } = times[name];
  const expected = `a time span from ${formatTimeSpan(least)} to ${formatTimeSpan(most)}`;
  const span = parseTimeSpan(text);
  if (!span.ok) return refuse(span.found, expected);
  if (span.ms < least || span.ms > most) return refuse(formatTimeSpan(span.ms), expected);
  return { ok: true, directive: { name, ms: span.ms } };
}

function readCount(name: CountDirective, text: string): DirectiveReading {
  const { least, most } = counts[name];
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= least && count <= most) return { ok: true, directive: { name, count } };
  return refuse('out of range, or no whole number', `a whole number from ${least} to ${most}`);
}

/** More than any service has ways to fail. */
const mostExits = 64;
const exitsExpected = `1 to ${mostExits} exit statuses from 1 to 255, their names, or signals such as SIGSEGV`;

/** Systemd sends these itself: a service that was stopped, or missed its watchdog, would not come back (facts §4). */
const sentBySystemd: ReadonlySet<string> = new Set(['SIGTERM', 'SIGABRT', 'SIGKILL']);

const statusNumbers = new Map(
  Array.from({ length: 255 }, (_, index) => [exitStatusName(index + 1) ?? '', index + 1] as const),
);
const signalNumbers = new Map(
  Array.from({ length: 64 }, (_, index) => [signalName(index + 1) ?? '', index + 1] as const),
);

function readExits(text: string): DirectiveReading {
  const words = text.split(' ').filter((word) => word !== '');
  if (words.length === 0 || words.length > mostExits) return refuse(`${words.length} of them`, exitsExpected);
  const statuses = new Set<number>();
  const signals = new Set<number>();
  for (const word of words) {
    if (sentBySystemd.has(word)) return refuse(`${word}, which systemd sends itself`, exitsExpected);
    const status = /^\d{1,3}$/.test(word) ? Number(word) : statusNumbers.get(word);
    const signal = signalNumbers.get(word);
    if (status !== undefined && status >= 1 && status <= 255) statuses.add(status);
    else if (signal !== undefined) signals.add(signal);
    else return refuse('a word that is neither', exitsExpected);
  }
  const inOrder = (numbers: ReadonlySet<number>): number[] => [...numbers].sort((a, b) => a - b);
  const exits: ExitSet = { ...emptyExitSet, statuses: inOrder(statuses), signals: inOrder(signals) };
  return { ok: true, directive: { name: 'RestartPreventExitStatus', exits } };
}

function refuse(found: string, expected: string): DirectiveReading {
  return { ok: false, found, expected };
}
