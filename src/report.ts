import type { Effect, IncidentEffect } from './core/effect.ts';
import type { Incident } from './core/incident.ts';
import { adviceWords } from './core/advice/advice-summary.ts';
import { causeWords, lastWords } from './core/evidence/cause-words.ts';
import { leavingOutEvidence } from './core/evidence/kept-evidence.ts';
import { presentIncident } from './core/present.ts';
import { type Remedy, remedyWords } from './core/remedy/remedy.ts';
import { remedySentence } from './core/remedy/remedy-words.ts';
import type { IncidentView } from './core/view.ts';
import type { Log } from './kit/log.ts';

/** Writes what `step` decided: a line for each news of an incident; single restarts at `debug`. */
export function report(log: Log, effects: readonly Effect[]): void {
  for (const effect of effects) {
    if ('to' in effect) reportIncident(log, effect);
    else if (effect.kind === 'incident-explained') {
      const { incident } = effect;
      // No news of the incident itself: whoever counts those by their event is not to count it.
      log.info(
        { ...fieldsOf('explained', incident), event: 'explained' },
        explainedSentence(presentIncident(incident)),
      );
    } else if (effect.kind === 'incident-advised') {
      const { incident } = effect;
      const { id, unit, advice } = incident;
      log.info({ event: 'advised', incident: id, unit, advice }, advisedSentence(incident));
    } else if (effect.kind === 'incident-grouped') {
      const { incident, leader } = effect;
      log.info(fieldsOf('grouped', incident), groupedSentence(incident, leader));
    } else if (effect.kind === 'remedy-changed') {
      reportRemedy(log, effect.remedy);
    } else if (effect.kind === 'restarted') {
      log.debug(
        { event: 'restarted', unit: effect.unit, restarts: effect.inWindow },
        restartSentence(effect),
      );
    }
  }
}

/** A unit that is down weighs more than one that still tries. What is part of another incident ends without a line at `info`. */
function reportIncident(log: Log, { kind, incident }: IncidentEffect): void {
  const { sentence } = presentIncident(incident);
  const fields = fieldsOf(kind.slice('incident-'.length), incident);
  switch (kind) {
    case 'incident-opened':
      log[incident.kind === 'braked' ? 'error' : 'warn'](fields, sentence);
      break;
    case 'incident-worsened':
      if (incident.kind === 'braked') log.error(fields, sentence);
      else log.warn(fields, `It became faster: ${sentence}`);
      break;
    case 'incident-announced':
      log.info(fields, `No longer silenced: ${sentence}`);
      break;
    case 'incident-reminder':
      log.info(fields, `Still so: ${sentence}`);
      break;
    case 'incident-closed':
      log[incident.leader === undefined ? 'info' : 'debug'](fields, sentence);
      break;
    case 'incident-remedied':
    case 'incident-helped':
    case 'incident-unremedied':
      // The line of the remedy itself says it.
      break;
  }
}

function explainedSentence(incident: IncidentView): string {
  const { unit } = incident;
  const [first] = incident.causes ?? [];
  if (first === undefined) {
    const words = lastWords(incident);
    return words === undefined
      ? `Why ${unit} dies is not known: neither its log nor systemd tells.`
      : `Why ${unit} dies is not known; it said last: "${words}"`;
  }
  return `Why ${unit} dies: ${causeWords(first)}`;
}

function advisedSentence({ unit, advice }: Incident): string {
  return advice === undefined ? `No advice on ${unit}.` : `Advice on ${unit}: ${adviceWords(advice)}`;
}

/** What came of it: a person should know where flapd has changed something, or could not. */
function reportRemedy(log: Log, remedy: Remedy): void {
  const { unit, incident, outcome, dropIn } = remedy;
  const fields = { event: 'remedy', unit, incident, outcome, dropIn };
  const level =
    outcome === 'failed' || outcome === 'worse' ? 'error' : outcome === 'no-effect' ? 'warn' : 'info';
  log[level](fields, remedySentence(remedy, remedyWords(remedy)));
}

function groupedSentence(incident: Incident, leader: Incident): string {
  const { unit, root } = incident;
  const why = root === undefined ? 'they die alike' : `likely because of ${root}`;
  return `${unit} is in a restart loop together with ${leader.unit} (${why}); it is told with that one.`;
}

/**
 * The incident as the API shows it, but for the sentence, which is the message, for what the line has anyway, and for the
 * advice, which has a line of its own; the evidence is of the journal.
 */
function fieldsOf(event: string, incident: Incident): object {
  const {
    id,
    sentence: _message,
    advice: _advice,
    ...fields
  } = leavingOutEvidence(presentIncident(incident));
  return { event: `incident-${event}`, incident: id, ...fields };
}

function restartSentence(effect: Extract<Effect, { kind: 'restarted' }>): string {
  const { unit, automatic, external, inferred, inWindow } = effect;
  const count = automatic + external;
  const often = count === 1 ? '' : ` ${count} times`;
  const unseen = inferred === 0 ? '' : inferred === count ? ', unseen' : `, ${inferred} of them unseen`;
  return `${unit} ${restartWords(automatic, external, often)}${unseen}; ${inWindow} in the first rule's window.`;
}

function restartWords(automatic: number, external: number, often: string): string {
  if (external === 0) return `was restarted by systemd${often}`;
  if (automatic === 0) return `was started again from outside${often}`;
  return `was restarted${often}, ${external} of them from outside`;
}
