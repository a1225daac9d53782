import { hasUnitSuffix } from './unit-name.ts';

/**
 * Unit name globs as systemctl's: fnmatch(3) with FNM_NOESCAPE (dbus-manager.c `list_units_filtered`). `*`, `?`,
 * `[a-z]`, `[!a]` or `[^a]`, `[[:digit:]]`; a backslash is itself, so that `dev\x2dsda` fits the unit it names.
 *
 * A pattern that ends in no unit type is about services: `.service` is added (`logstash@*` is `logstash@*.service`,
 * `*` is every service), but not after a closing `.*`, which stands for any type by itself.
 */
export function matchesUnit(pattern: string, name: string): boolean {
  return matchesGlob(typedPattern(pattern), name);
}

/** What keeps a pattern from ever fitting a service, or undefined. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern === '') return 'nothing to match';
  if (pattern.length > maxPatternLength) return `longer than ${maxPatternLength} characters`;
  for (let at = 0; at < pattern.length;) {
    const character = pattern.charAt(at);
    const set = character === '[' ? readSet(pattern, at) : undefined;
    if (character === '[' && !set) return 'its "[" is never closed';
    const backward = set?.ranges.find(([from, to]) => from > to);
    if (backward)
      return `its range "${String.fromCharCode(backward[0])}-${String.fromCharCode(backward[1])}" is empty`;
    if (!set && !/[\w:.\\@*?-]/.test(character)) return `no unit name holds ${JSON.stringify(character)}`;
    at = set?.end ?? at + 1;
  }
  const typed = typedPattern(pattern);
  if (hasUnitSuffix(typed) && !typed.endsWith('.service')) return 'only services are watched';
  return undefined;
}

/** Four times the longest unit name: room for sets. */
const maxPatternLength = 1020;

export interface CharacterSet {
  readonly negated: boolean;
  /** Character codes, both ends included. */
  readonly ranges: readonly (readonly [number, number])[];
  /** Where the pattern goes on after `]`. */
  readonly end: number;
}

/** Pairs of range ends, in the C locale. */
const namedSets: Readonly<Record<string, string>> = {
  alnum: '09AZaz',
  alpha: 'AZaz',
  digit: '09',
  lower: 'az',
  punct: '!/:@[`{~',
  upper: 'AZ',
  xdigit: '09AFaf',
};

/** The pattern with the unit type that it leaves out. */
export function typedPattern(pattern: string): string {
  return hasUnitSuffix(pattern) || pattern.endsWith('.*') ? pattern : `${pattern}.service`;
}

/** Only the last `*` is ever tried again, which is enough (a later one can take all that an earlier one could). */
function matchesGlob(pattern: string, name: string): boolean {
  let at = 0;
  let position = 0;
  let afterStar = -1;
  let starPosition = 0;
  while (position < name.length) {
    if (pattern[at] === '*') {
      at += 1;
      afterStar = at;
      starPosition = position;
      continue;
    }
    const next = matchOne(pattern, at, name.charCodeAt(position));
    if (next !== undefined) {
      at = next;
      position += 1;
    } else if (afterStar !== -1) {
      at = afterStar;
      starPosition += 1;
      position = starPosition;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** Where the pattern goes on when the piece at `at` takes this character; undefined when it does not. */
function matchOne(pattern: string, at: number, code: number): number | undefined {
  const piece = pattern[at];
  if (piece === '?') return at + 1;
  const set = piece === '[' ? readSet(pattern, at) : undefined;
  if (!set) return pattern.charCodeAt(at) === code ? at + 1 : undefined;
  const held = set.ranges.some(([from, to]) => from <= code && code <= to);
  return held === set.negated ? undefined : set.end;
}

/** The set whose `[` stands at `start`; undefined where it is never closed (fnmatch then takes `[` as itself). */
export function readSet(pattern: string, start: number): CharacterSet | undefined {
  const negated = pattern[start + 1] === '!' || pattern[start + 1] === '^';
  const first = start + (negated ? 2 : 1);
  const ranges: (readonly [number, number])[] = [];
  for (let at = first; at < pattern.length;) {
    if (pattern[at] === ']' && at > first) return { negated, ranges, end: at + 1 };
    const name = /^\[:([a-z]+):\]/.exec(pattern.slice(at, at + 12))?.[1];
    const named = name === undefined ? undefined : namedSets[name];
    if (named !== undefined && name !== undefined) {
      for (let pair = 0; pair < named.length; pair += 2)
        ranges.push([named.charCodeAt(pair), named.charCodeAt(pair + 1)]);
      at += name.length + 4;
      continue;
    }
    const isRange = pattern[at + 1] === '-' && at + 2 < pattern.length && pattern[at + 2] !== ']';
    const last = isRange ? at + 2 : at;
    ranges.push([pattern.charCodeAt(at), pattern.charCodeAt(last)]);
    at = last + 1;
  }
  return undefined;
}
