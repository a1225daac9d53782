import { incidentAdvice } from '../core/advice/advice-summary.ts';
import { incidentCause } from '../core/evidence/cause-words.ts';
import { displayTimeSpan } from '../core/time-span.ts';
import type { ExitView, IncidentView, UnitView, Verdict } from '../core/view.ts';
import { localTime } from './local-time.ts';
import { sparkline } from './sparkline.ts';
import type { StatusPicture } from './status-picture.ts';

export interface StatusText {
  readonly picture: StatusPicture;
  readonly shown: readonly UnitView[];
  readonly all: boolean;
  readonly color: boolean;
  /** The terminal's width; undefined in a pipe, where nothing is cut. */
  readonly columns: number | undefined;
  readonly nowMs: number;
}

const headings = ['UNIT', 'VERDICT', 'RESTARTS', 'PERIOD', 'CPU', 'TREND', 'LAST EXIT'];
const verdictColumn = headings.indexOf('VERDICT');
const trendColumn = headings.indexOf('TREND');
const gap = '  ';

/** SGR codes: red, red, yellow, yellow. */
const colors: Readonly<Record<Exclude<Verdict, 'calm'>, string>> = {
  braked: '31',
  looping: '31',
  recovering: '33',
  suspect: '33',
};

/** The table of units and, below it, a sentence for each loop. */
export function renderStatus(text: StatusText): string {
  const { picture, shown } = text;
  const notes = [...(picture.warning === undefined ? [] : [picture.warning]), source(picture)];
  if (shown.length === 0) return `${nothing(text)}\n${notes.join('\n')}\n`;
  const open = picture.incidents.filter(
    ({ id, closedAt }) => closedAt === undefined && shown.some(({ incident }) => incident === id),
  );
  const sentences = [
    ...open.flatMap(incidentWords),
    ...shown.flatMap((unit) => remedyWords(unit, picture.from === 'daemon')),
    ...shown.flatMap(silenceWords),
    ...unadvisedWords(picture),
  ];
  return [...table(text), '', ...sentences, ...(sentences.length > 0 ? [''] : []), ...notes, ''].join('\n');
}

function incidentWords(incident: IncidentView): readonly string[] {
  const cause = incidentCause(incident);
  const advice = incidentAdvice(incident);
  return [incident.sentence, ...[cause, advice].flatMap((more) => (more === undefined ? [] : `  ${more}`))];
}

/** Only what is in force: what came of the rest stands in the log. */
function remedyWords({ unit, remedy }: UnitView, isWatched: boolean): readonly string[] {
  if (remedy?.dropIn === undefined) return [];
  const directives = (remedy.directives ?? []).map(({ directive, to }) => `${directive}=${to}`);
  const until = remedy.until === undefined ? '' : ` until ${localTime(Date.parse(remedy.until))}`;
  const why = remedy.reason === undefined ? '' : `, ${remedy.reason}`;
  const came = `${remedy.outcome === 'pending' ? 'watched whether it helps' : remedy.outcome}${why}`;
  const result = isWatched ? `: ${came}` : '';
  return [`${unit} has ${directives.join(', ')} by flapd in force${until}${result}.`];
}

function silenceWords({ unit, silencedUntil }: UnitView): readonly string[] {
  return silencedUntil === undefined
    ? []
    : [`${unit} is silenced until ${localTime(Date.parse(silencedUntil))}: nobody but the log is told.`];
}

function unadvisedWords({ unadvised = 0 }: StatusPicture): readonly string[] {
  if (unadvised === 0) return [];
  const more = unadvised === 1 ? '1 more incident' : `${unadvised} more incidents`;
  return [`For advice on ${more}: flapd advise`];
}

function nothing({ picture, all }: StatusText): string {
  const others = picture.units.length;
  const have = others === 1 ? '1 service has' : `${others} services have`;
  if (picture.pastUnknown === true) {
    return others === 0 || all
      ? 'systemd counts no restart of any service.'
      : `By systemd's own counters ${have} restarted: flapd status --all`;
  }
  if (all) return 'No service restarted or failed.';
  return others === 0
    ? 'No service is in a restart loop.'
    : `No service is in a restart loop; ${have} restarted or failed: flapd status --all`;
}

function source({ from, instead, pastUnknown, lookBackMs }: StatusPicture): string {
  if (from === 'daemon') return 'As the running flapd sees it.';
  const hours = Math.round((lookBackMs ?? 0) / 3_600_000);
  const journal = pastUnknown === true ? 'alone' : `and the last ${hours}h of the journal`;
  const read = `read from systemd ${journal}.`;
  return capitalized(instead === undefined ? read : `${instead}: ${read}`);
}

function capitalized(sentence: string): string {
  return `${sentence[0]?.toUpperCase()}${sentence.slice(1)}`;
}

function table({ picture, shown, color, columns, nowMs }: StatusText): readonly string[] {
  const rows = shown.map((unit) => cells(unit, picture.pastUnknown === true, nowMs));
  const whole = [headings, ...rows];
  const wide = linesOf(whole);
  const fits = columns === undefined || wide.every((line) => line.length <= columns);
  const lines = fits ? wide : linesOf(whole.map(narrower));
  const verdictAt = widthOf(whole, verdictColumn - 1) + gap.length;
  return lines.map((line, index) => {
    const cut = columns === undefined || line.length <= columns ? line : `${line.slice(0, columns - 1)}…`;
    const verdict = shown[index - 1]?.verdict;
    return color && verdict !== undefined && verdict !== 'calm' ? painted(cut, verdictAt, verdict) : cut;
  });
}

/** How the last run ended says more than the trend does. */
function narrower(row: readonly string[]): readonly string[] {
  return row.toSpliced(trendColumn, 1).map((cell) => cell.replace(/^the main process /, ''));
}

function linesOf(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = headings.map((_, column) => widthOf(rows, column));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(gap)
      .trimEnd(),
  );
}

function widthOf(rows: readonly (readonly string[])[], column: number): number {
  return Math.max(...rows.map((row) => row[column]?.length ?? 0));
}

function painted(line: string, at: number, verdict: Exclude<Verdict, 'calm'>): string {
  const end = at + verdict.length;
  if (line.length < end) return line;
  return `${line.slice(0, at)}\u001b[${colors[verdict]}m${line.slice(at, end)}\u001b[0m${line.slice(end)}`;
}

function cells(unit: UnitView, pastUnknown: boolean, nowMs: number): readonly string[] {
  const { automatic, external } = unit.restarts;
  const spanSeconds = unit.timeline.sliceSeconds * unit.timeline.restarts.length;
  const anyRestart = unit.timeline.restarts.some((count) => count > 0);
  return [
    unit.unit,
    // Who has not seen the past can't call a unit calm.
    pastUnknown && unit.verdict === 'calm' ? '?' : unit.verdict,
    external === 0 ? String(automatic) : `${automatic + external} (${external} external)`,
    unit.periodSeconds === undefined ? '-' : displayTimeSpan(unit.periodSeconds * 1000),
    unit.burnedCpuSeconds === undefined ? '-' : displayTimeSpan(unit.burnedCpuSeconds * 1000),
    anyRestart ? `${sparkline(unit.timeline.restarts)} ${displayTimeSpan(spanSeconds * 1000)}` : '-',
    unit.lastExit === undefined ? '-' : lastExit(unit.lastExit, nowMs),
  ];
}

function lastExit(view: ExitView, nowMs: number): string {
  return `${view.summary}${afterWords(view.uptimeSeconds)}, ${agoWords(nowMs - Date.parse(view.at))}`;
}

function afterWords(uptimeSeconds: number | undefined): string {
  if (uptimeSeconds === undefined) return '';
  return uptimeSeconds < 0.001 ? ' at once' : ` after ${displayTimeSpan(uptimeSeconds * 1000)}`;
}

function agoWords(ms: number): string {
  return ms < 1 ? 'just now' : `${displayTimeSpan(ms)} ago`;
}
