import { createHash } from 'node:crypto';
import type { Notification } from '../core/notification.ts';
import {
  causeOf,
  exitWords,
  newsLines,
  oneLine,
  quotedUnit,
  spanWords,
  testNotice,
  titleOf,
} from './words.ts';

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  /** The first mail of the incident; absent in itself. */
  readonly inReplyTo?: string;
}

export function mailOf(notification: Notification, host: string): Mail {
  const { event, atWallMs, incident, isTest } = notification;
  const first = messageId(incident.id, 'opened', host);
  const own =
    event === 'opened' && !isTest ? first : messageId(incident.id, `${event}.${String(atWallMs)}`, host);
  return {
    subject: titleOf(notification, host),
    text: mailText(notification, host),
    messageId: own,
    ...(own === first || isTest ? {} : { inReplyTo: first }),
  };
}

/**
 * One incident is one thread. The same notification has the same id each time it is sent, so that a server which took it
 * before its answer was lost can tell.
 */
function messageId(incident: string, part: string, host: string): string {
  const hash = createHash('sha256').update(`${host} ${incident}`).digest('hex').slice(0, 20);
  const domain = host.replaceAll(/[^A-Za-z0-9.-]/gu, '-').replaceAll(/^[.-]+|[.-]+$/gu, '');
  return `<flapd.${hash}.${part}@${domain === '' ? 'localhost' : domain}>`;
}

function mailText(notification: Notification, host: string): string {
  const { atWallMs, incident, isTest } = notification;
  const { rule } = incident;
  const rows: readonly (readonly [name: string, value: string | undefined])[] = [
    ['Unit', incident.unit],
    ['Likely from', incident.root],
    ['With it', unitList(incident.groups)],
    ['Host', host],
    ['Since', incident.openedAt],
    ['Until', incident.closedAt],
    // A mail may be late.
    ['As of', new Date(atWallMs).toISOString()],
    ['Restarts', String(incident.restarts)],
    ['About every', spanWords(incident.periodSeconds)],
    ['CPU burned', spanWords(incident.burnedCpuSeconds)],
    ['Rule', rule && `${String(rule.restarts)} restarts within ${rule.within}`],
    ['Policy', incident.policy],
    ['Incident', incident.id],
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const table = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [oneLine(`${`${name}:`.padEnd(width)}${value}`)],
  );
  const exits = incident.exits.map((exit) => oneLine(`  ${String(exit.count)} × ${exitWords(exit)}`));
  return [
    ...(isTest ? [testNotice, ''] : []),
    ...newsLines(notification),
    '',
    ...table,
    ...(exits.length === 0 ? [] : ['', 'How its runs ended:', ...exits]),
    ...causeLines(notification),
    ...changeLines(notification),
    ...adviceLines(notification),
    '',
    `More on ${oneLine(host)}: flapd explain ${quotedUnit(incident.unit)}; journalctl -u ${quotedUnit(incident.unit)}`,
    '',
  ].join('\n');
}

/** Without a cause, what it said last; a mail has room. */
const mostLastLines = 8;
const mostChanges = 5;

function causeLines(notification: Notification): readonly string[] {
  const proof = notification.incident.causes?.[0]?.proof;
  if (proof === undefined) return lastWords(notification);
  const cause = causeOf(notification);
  return cause === undefined ? [] : ['', cause, ...proof.map((line) => `  ${oneLine(line)}`)];
}

function lastWords({ incident: { evidence } }: Notification): readonly string[] {
  const own = (evidence?.lines ?? []).filter(({ by }) => by === 'service').slice(-mostLastLines);
  return own.length === 0 ? [] : ['', 'What it said last:', ...own.map(({ text }) => `  ${oneLine(text)}`)];
}

function changeLines({ incident: { changes = [] } }: Notification): readonly string[] {
  if (changes.length === 0) return [];
  const lines = changes.slice(0, mostChanges).map(({ at, what }) => oneLine(`  ${at} ${what}`));
  return ['', 'Changed before its first failure:', ...lines];
}

/** In full: a mail has room, and its reader no terminal at hand. */
function adviceLines({ event, incident: { advice, remedy } }: Notification): readonly string[] {
  if (event === 'closed' || advice === undefined || remedy?.dropIn !== undefined) return [];
  const { none, directives, counterfactual, notes } = advice;
  if (none !== undefined) return ['', oneLine(`Advice: ${none}`)];
  const changes = directives.flatMap(({ section, directive, from, to, reason }) => [
    oneLine(`  [${section}] ${directive}: ${from === '' ? '(none)' : from} → ${to}`),
    oneLine(`    ${reason}`),
  ]);
  const more = [...(counterfactual === undefined ? [] : [counterfactual.sentence]), ...notes];
  return [
    '',
    oneLine(`Advice, as a drop-in for ${advice.target}:`),
    ...changes,
    ...more.map((text) => oneLine(`  ${text}`)),
  ];
}

const mostUnits = 20;

function unitList(units: readonly string[]): string | undefined {
  if (units.length === 0) return undefined;
  const rest = units.length - mostUnits;
  return units.slice(0, mostUnits).join(', ') + (rest > 0 ? `, and ${String(rest)} more` : '');
}
