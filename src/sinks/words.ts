import { shellWord } from '../kit/shell-word.ts';
import { incidentAdvice } from '../core/advice/advice-summary.ts';
import { incidentCause } from '../core/evidence/cause-words.ts';
import type { Notification, NotificationEvent } from '../core/notification.ts';
import { remedySentence } from '../core/remedy/remedy-words.ts';
import { displayTimeSpan } from '../core/time-span.ts';
import type { ExitCountView, IncidentView } from '../core/view.ts';

/** What people read of a notification, whatever the way it comes to them. */

export const testNotice = 'This is a test, sent by "flapd notify-test": nothing has happened.';

/** "logstash.service is in a restart loop (web1)": for a subject or a title. */
export function titleOf(notification: Notification, host: string): string {
  const { incident, isTest } = notification;
  return oneLine(`${isTest ? 'TEST: ' : ''}${incident.unit} ${stateWords(notification)} (${host})`);
}

function stateWords({ event, incident }: Notification): string {
  const isDown = incident.kind === 'braked';
  switch (event) {
    case 'opened':
      return isDown ? 'is down: systemd gave up' : 'is in a restart loop';
    case 'worsened':
      return isDown ? 'is down: systemd gave up' : 'loops faster';
    case 'applied':
      return 'has a remedy in force';
    case 'helped':
      return 'is helped by its remedy';
    case 'reverted':
      return isDown ? 'is down, its remedy taken back' : 'loops on, its remedy taken back';
    case 'reminder':
      return isDown ? 'is still down' : 'is still in a restart loop';
    case 'closed':
      if (incident.closedBecause === 'remedied') return 'is remedied';
      return incident.closedBecause === 'stable' ? 'is calm again' : 'loops no longer';
  }
}

/** The incident's sentence, with a word before it where it has been told before. */
export function sentenceOf({ event, incident }: Notification): string {
  const again = event === 'reminder' ? 'Still: ' : event === 'worsened' ? 'Worse: ' : '';
  return oneLine(again + incident.sentence);
}

/** What was done about it, and what that came to; undefined where nothing was, or the incident's own sentence tells. */
export function remedyOf({ incident }: Pick<Notification, 'incident'>): string | undefined {
  const { remedy, closedBecause } = incident;
  if (remedy === undefined || closedBecause === 'remedied') return undefined;
  const what = (remedy.directives ?? []).map(({ directive, to }) => `${directive}=${to}`).join(', ');
  return oneLine(remedySentence(remedy, what));
}

/** "To undo: sudo flapd revert logstash.service"; undefined where nothing is in force, or the loop is over. */
export function undoOf({ event, incident }: Notification): string | undefined {
  if (event === 'closed' || incident.remedy?.dropIn === undefined) return undefined;
  return `To undo: sudo flapd revert ${quotedUnit(incident.unit)}`;
}

/** For a shell, on one line. */
export function quotedUnit(unit: string): string {
  return shellWord(oneLine(unit));
}

/** For a chat or a phone: the host, the sentence, and how the runs ended where they did in several ways. */
export function shortText(notification: Notification, host: string): string {
  const { incident, isTest } = notification;
  const exits = incident.exits.length > 1 ? [`Runs ended: ${exitList(incident)}`] : [];
  const [news, ...more] = newsLines(notification);
  const lines = [
    ...(isTest ? [testNotice] : []),
    `${host}: ${news}`,
    ...more,
    ...[causeOf(notification), adviceOf(notification)].flatMap((each) => each ?? []),
    ...exits,
  ];
  return lines.map(oneLine).join('\n');
}

const newsOfRemedy: ReadonlySet<NotificationEvent> = new Set(['applied', 'helped', 'reverted']);

/** The sentence, and what was done: that first where it is the news. */
export function newsLines(notification: Notification): readonly [string, ...string[]] {
  const sentence = sentenceOf(notification);
  const remedy = remedyOf(notification);
  if (remedy === undefined) return [sentence];
  const undo = undoOf(notification);
  const isNews = newsOfRemedy.has(notification.event);
  const [first, second] = isNews ? [remedy, sentence] : [sentence, remedy];
  return [first, second, ...(undo === undefined ? [] : [undo])];
}

/** "Cause: … (missing-file, confirmed)"; undefined where none is known, and of a loop that is over. */
export function causeOf({ event, incident }: Notification): string | undefined {
  const cause = event === 'closed' ? undefined : incidentCause(incident);
  return cause === undefined ? undefined : oneLine(cause);
}

/** "Advice: RestartPreventExitStatus=1 (flapd advise logstash.service)"; undefined where there is none, it is done, or the loop is over. */
export function adviceOf({ event, incident }: Notification): string | undefined {
  const isDone = event === 'closed' || incident.remedy?.dropIn !== undefined;
  const advice = isDone ? undefined : incidentAdvice(incident);
  return advice === undefined ? undefined : oneLine(advice);
}

const mostExits = 8;

/** "40 × exited 1/FAILURE, 3 × dumped 11/SIGSEGV" */
export function exitList({ exits }: IncidentView): string {
  const shown = exits.slice(0, mostExits).map((exit) => `${exit.count} × ${exitWords(exit)}`);
  const left = exits.length - shown.length;
  return [...shown, ...(left > 0 ? [`${left} more kinds`] : [])].join(', ');
}

export function exitWords({ process, code, status, name, result }: ExitCountView): string {
  const who = process === undefined || process === 'main' ? '' : `${process} `;
  if (code === undefined) return `${who}${result}`;
  const number = status === undefined ? '' : ` ${status}`;
  return `${who}${code}${number}${name === undefined ? '' : `/${name}`}`;
}

/** "8.1s" from a view's seconds; undefined where it is not known. */
export function spanWords(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : displayTimeSpan(seconds * 1000);
}

/** No text makes a line of its own, or turns the reading direction: it could pass for flapd's. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}
