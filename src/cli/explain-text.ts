import { adviceWords } from '../core/advice/advice-summary.ts';
import type { ChangeView } from '../core/evidence/change.ts';
import { bytesText } from '../core/bytes-text.ts';
import type { EvidenceView } from '../core/evidence/evidence-view.ts';
import type { Evidence, LoggedLine } from '../core/evidence/evidence.ts';
import { plainText } from '../core/log-text.ts';
import { displayTimeSpan } from '../core/time-span.ts';
import { inForceOf, type Setting } from '../core/systemd/unit-settings.ts';
import type { AdviceView, CauseView, ExitView, IncidentView, UnitView } from '../core/view.ts';
import type { Explained } from '../explain-run.ts';
import type { Explanation } from './explain.ts';
import { firstFailureOf } from './first-failure.ts';
import { localTime } from './local-time.ts';
import { shellWord } from '../kit/shell-word.ts';

export interface ExplainLook {
  readonly color: boolean;
  readonly user: boolean;
  readonly nowMs: number;
}

/** Without a cause the last words have to do. */
const mostLastLines = 8;

/** One screen: how it fares, why its last run died and how that is known, what changed before, and what to do next. */
export function explainText(explanation: Explanation, look: ExplainLook): string {
  const { unit, incident, explained, settings, advice, warning } = explanation;
  const { lastExit } = unit;
  const blocks: readonly (readonly string[])[] = [
    [headline(unit, incident, look.nowMs), ...lastExitLines(lastExit, explained?.evidence, look.nowMs)],
    explained === undefined ? [] : causeLines(explained, firstFailureOf(explanation), look),
    explained === undefined ? [] : changeLines(explained.changes, firstFailureMs(incident, lastExit)),
    restartLines(settings),
    unit.verdict === 'calm' || advice === undefined ? [] : adviceLines(advice),
    nextLines(unit, look.user),
    warning === undefined ? [] : [warning],
  ];
  const text = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${inOwnZone(text.join('\n\n'))}\n`;
}

/** Causes have their times in UTC, for they are also sent to other machines. */
function inOwnZone(text: string): string {
  return text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z(?!\w)/g, (time) =>
    localTime(Date.parse(time)),
  );
}

const verdictWords: Readonly<Record<UnitView['verdict'], string>> = {
  braked: 'is down: systemd gave up at its start limit',
  looping: 'is in a restart loop',
  recovering: 'is up again after a restart loop',
  suspect: 'has restarted, and may be about to loop',
  calm: 'is in no restart loop',
};

/** The incident's own sentence has rule and pace; without one, what the window shows. */
function headline(unit: UnitView, incident: IncidentView | undefined, nowMs: number): string {
  if (incident !== undefined && incident.unit === unit.unit) {
    const sinceMs = Date.parse(incident.beganAt ?? incident.openedAt);
    return `${incident.sentence}\nSince ${localTime(sinceMs)}, ${agoWords(nowMs - sinceMs)}.`;
  }
  const { automatic, external } = unit.restarts;
  const count = automatic + external;
  const restarts = count === 0 ? '' : `; ${count === 1 ? '1 restart' : `${count} restarts`} so far`;
  const period =
    unit.periodSeconds === undefined ? '' : `, about every ${displayTimeSpan(unit.periodSeconds * 1000)}`;
  const cpu =
    (unit.burnedCpuSeconds ?? 0) < 1
      ? ''
      : `; ${displayTimeSpan((unit.burnedCpuSeconds ?? 0) * 1000)} of CPU burned`;
  const part = incident === undefined ? '' : ` (told with ${incident.unit})`;
  return `${unit.unit} ${verdictWords[unit.verdict]}${restarts}${period}${cpu}${part}.`;
}

function lastExitLines(
  exit: ExitView | undefined,
  evidence: Evidence | undefined,
  nowMs: number,
): readonly string[] {
  if (exit === undefined) return ['Of no run of it is known that it ended: there is nothing to explain.'];
  const { uptimeSeconds } = exit;
  const after =
    uptimeSeconds === undefined
      ? ''
      : uptimeSeconds === 0
        ? ' at once'
        : ` after ${displayTimeSpan(uptimeSeconds * 1000)}`;
  const used = [
    evidence?.cpuSeconds === undefined ? [] : `${displayTimeSpan(evidence.cpuSeconds * 1000)} of CPU`,
    evidence?.memoryPeakBytes === undefined ? [] : `${bytesText(evidence.memoryPeakBytes)} of memory at most`,
  ].flat();
  const using = used.length === 0 ? '' : `, using ${used.join(' and ')}`;
  const meaning = evidence?.statusMeaning === undefined ? '' : ` (${evidence.statusMeaning})`;
  return [`Last end: ${exit.summary}${meaning}${after}${using}, ${agoWords(nowMs - Date.parse(exit.at))}.`];
}

const stateWords: Readonly<Record<CauseView['state'], string>> = {
  confirmed: 'Cause, confirmed',
  likely: 'Likely cause',
  'could-not-check': 'Likely cause, which could not be checked',
};

function causeLines(
  { causes, evidence }: Explained,
  firstFailure: EvidenceView | undefined,
  { color }: ExplainLook,
): readonly string[] {
  const [first, ...others] = causes;
  if (first === undefined) return unknownCause(evidence, firstFailure);
  const strong = (text: string): string => (color ? `\u001b[1m${text}\u001b[0m` : text);
  return [
    `${stateWords[first.state]} (${first.id}): ${strong(first.sentence)}`,
    ...first.proof.map((line) => `  ${line}`),
    ...(first.hint === undefined ? [] : [`What to do: ${first.hint}`]),
    ...(first.runbook === undefined ? [] : [`More: ${first.runbook}`]),
    ...others.map(
      (cause) =>
        `Also ${cause.state === 'confirmed' ? 'confirmed' : 'possible'} (${cause.id}): ${cause.sentence}`,
    ),
  ];
}

function unknownCause(
  { exit, lines, linesUnknown }: Evidence,
  firstFailure: EvidenceView | undefined,
): readonly string[] {
  if (exit?.requested === true) return [];
  const [last, ofFirst] = [lastWords(lines), lastWords(firstFailure?.lines ?? [])];
  if (last.length > 0) return ['The cause is not known. Its last lines:', ...last];
  if (ofFirst.length > 0) return ["The cause is not known. Its first failure's last lines:", ...ofFirst];
  return [`The cause is not known: ${plainText(linesUnknown ?? 'the run logged nothing', 300)}.`];
}

function lastWords(lines: readonly LoggedLine[]): readonly string[] {
  const own = lines.filter(({ by }) => by === 'service').slice(-mostLastLines);
  return own.map(({ text }) => `  ${text}`);
}

function firstFailureMs(incident: IncidentView | undefined, exit: ExitView | undefined): number {
  return Date.parse(incident?.beganAt ?? exit?.at ?? '');
}

function changeLines(changes: readonly ChangeView[], firstMs: number): readonly string[] {
  if (changes.length === 0) return [];
  return [
    'Changed before its first failure:',
    ...changes.map(({ at, what }) => {
      const beforeMs = firstMs - Date.parse(at);
      const when = beforeMs < 1000 ? 'right before' : `${displayTimeSpan(beforeMs)} before`;
      return `  ${when}: ${what}`;
    }),
  ];
}

const restartDirectives = [
  ['Service', 'Restart'],
  ['Service', 'RestartSec'],
  ['Unit', 'StartLimitIntervalSec'],
  ['Unit', 'StartLimitBurst'],
  ['Service', 'RestartPreventExitStatus'],
] as const;

/** What makes it restart, with the place to change it. */
function restartLines(settings: readonly Setting[]): readonly string[] {
  const lines = restartDirectives.flatMap(([section, directive]) =>
    inForceOf(settings, section, directive).map(
      ({ value, file, line }) => `  ${directive}=${plainText(value, 100)}  (${file}:${line})`,
    ),
  );
  return lines.length === 0 ? [] : ['How it restarts, where its files say so:', ...lines];
}

function adviceLines(advice: AdviceView): readonly string[] {
  return [`Advice: ${adviceWords(advice)}`];
}

function nextLines({ unit, lastExit }: UnitView, user: boolean): readonly string[] {
  const name = shellWord(unit);
  const flag = user ? ' --user' : '';
  const run = lastExit?.invocationId;
  return [
    'To go on:',
    ...(run === undefined ? [] : [`  journalctl${flag} _SYSTEMD_INVOCATION_ID=${run}`]),
    `  flapd advise ${name}${flag}`,
    `  flapd history ${name}${flag}`,
    `  flapd trace ${name}${flag}`,
    `  systemctl${flag} cat ${name}`,
  ];
}

function agoWords(ms: number): string {
  return ms < 1000 ? 'just now' : `${displayTimeSpan(ms)} ago`;
}
