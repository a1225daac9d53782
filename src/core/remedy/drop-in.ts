import type { Directive } from './directive.ts';
import { dropInSections, readSections } from './drop-in-sections.ts';
import { isServiceName } from '../unit-name.ts';

/** Below `UNIT.d/`. Files of all folders are merged in the order of their names: late, but an administrator's `99-` wins. */
export const dropInName = '90-flapd.conf';

/** Several times what the longest one takes. */
export const mostDropInBytes = 16_384;

/** A remedy as a file: what systemd is told, and what a person who finds it wants to know. */
export interface DropIn {
  readonly unit: string;
  /** At least one, each name at most once. */
  readonly directives: readonly Directive[];
  /** One sentence with the numbers. */
  readonly why: string;
  /** Id of the incident that it is for; undefined where a person applied it without one. */
  readonly incident: string | undefined;
  /** A person typed it, or flapd's daemon did it by its policy. */
  readonly by: 'hand' | 'daemon';
  readonly writtenAtWallMs: number;
  /** When flapd takes it back; undefined: when somebody says so. */
  readonly untilWallMs: number | undefined;
  /** Of the flapd that wrote it. */
  readonly version: string;
}

export type DropInReading =
  | { readonly kind: 'ours'; readonly dropIn: DropIn }
  /** Flapd wrote it, and somebody changed it since: it is theirs now. */
  | { readonly kind: 'edited' }
  | { readonly kind: 'foreign' };

const byFlapd = '# Written by flapd';
const kept = 'it is reverted by hand';
const noIncident = 'none';

/** The whole file. The unit is one already checked; all other foreign text stands in comments, cleaned. */
export function renderDropIn(dropIn: DropIn): string {
  const { unit, directives, why, incident, by, writtenAtWallMs, untilWallMs, version } = dropIn;
  const comments = [
    `${byFlapd} ${commentText(version)}. Edited by hand, it is left alone, and yours to remove.`,
    `# Unit: ${unit}`,
    `# Why: ${commentText(why)}`,
    `# Incident: ${commentText(incident ?? noIncident)}`,
    `# Applied by: ${by}`,
    `# Since: ${new Date(writtenAtWallMs).toISOString()}`,
    `# Until: ${untilWallMs === undefined ? kept : new Date(untilWallMs).toISOString()}`,
    `# Undo: flapd revert ${shellWord(unit)}`,
  ];
  const sections = dropInSections(directives);
  return `${[...comments, `# Checksum: ${checksum(comments, sections)}`].join('\n')}\n\n${sections}`;
}

/** What a file at our place is. Only one that is `ours`, to the letter, may be changed or removed. */
export function readDropIn(text: string): DropInReading {
  if (!text.startsWith(byFlapd)) return { kind: 'foreign' };
  const end = text.indexOf('\n\n');
  const comments = text.slice(0, end).split('\n');
  const sections = text.slice(end + 2);
  const sum = comments.pop();
  if (end === -1 || sum !== `# Checksum: ${checksum(comments, sections)}`) return { kind: 'edited' };
  const dropIn = dropInOf(comments, sections);
  return dropIn === undefined ? { kind: 'edited' } : { kind: 'ours', dropIn };
}

/** Unit names hold no quote. */
function shellWord(unit: string): string {
  const word = /^[\w.@:-]+$/.test(unit) ? unit : `'${unit}'`;
  return unit.startsWith('-') ? `-- ${word}` : word;
}

function dropInOf(comments: readonly string[], sections: string): DropIn | undefined {
  const [, version] = /^# Written by flapd (.*)\. Edited/.exec(comments[0] ?? '') ?? [];
  const field = (name: string): string | undefined =>
    comments.find((line) => line.startsWith(`# ${name}: `))?.slice(name.length + 4);
  const unit = field('Unit');
  const why = field('Why');
  const incident = field('Incident');
  const by = field('Applied by');
  const writtenAtWallMs = Date.parse(field('Since') ?? '');
  const until = field('Until');
  const untilWallMs = until === kept ? undefined : Date.parse(until ?? '');
  const directives = readSections(sections);
  if (version === undefined || unit === undefined || !isServiceName(unit)) return undefined;
  if (why === undefined || incident === undefined || directives === undefined) return undefined;
  if (by !== 'hand' && by !== 'daemon') return undefined;
  if (Number.isNaN(writtenAtWallMs) || Number.isNaN(untilWallMs)) return undefined;
  return {
    unit,
    directives,
    why,
    incident: incident === noIncident ? undefined : incident,
    by,
    writtenAtWallMs,
    untilWallMs,
    version,
  };
}

const longestComment = 500;

/**
 * One line of comment, whatever the text: nothing that ends or goes on with a line, or hides on a terminal; no specifier,
 * though systemd expands none in comments, so that no `%` in the file is one.
 */
export function commentText(text: string): string {
  const cleaned = text
    .replaceAll(/ ?%/g, ' percent')
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}\\]/gu, '?')
    .slice(0, longestComment)
    .replace(/\p{Cs}$/u, '')
    .trim();
  return cleaned === '' ? '?' : cleaned;
}

function checksum(comments: readonly string[], sections: string): string {
  return fnv1a64(`${comments.join('\n')}\n\n${sections}`);
}

const fnvOffset = 0xcbf29ce484222325n;
const fnvPrime = 0x100000001b3n;

/** FNV-1a, 64 bits: it notices a change. Nobody is to be kept from forging it: who can write there is root. */
function fnv1a64(text: string): string {
  let hash = fnvOffset;
  for (const byte of new TextEncoder().encode(text))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * fnvPrime);
  return hash.toString(16).padStart(16, '0');
}
