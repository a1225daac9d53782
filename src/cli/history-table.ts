import type { EndedRun } from '../core/chronicle.ts';
import { presentExit } from '../core/present.ts';
import { displayTimeSpan } from '../core/time-span.ts';
import type { ExitView, IncidentView } from '../core/view.ts';
import type { ReplayedManager } from '../replay.ts';
import type { LoggedRemedy } from '../systemd/remedy-log.ts';
import { columns } from './columns.ts';
import { localTime } from './local-time.ts';

/** One line of a unit's history. */
export type HistoryView =
  | (ExitView & { readonly kind: 'exit'; readonly cpuSeconds?: number; readonly sequel: EndedRun['sequel'] })
  | ({ readonly kind: 'incident' } & Omit<IncidentView, 'kind'> & {
        readonly incidentKind: IncidentView['kind'];
      })
  | {
      readonly kind: 'remedy';
      readonly at: string;
      readonly unit: string;
      readonly incident?: string;
      readonly outcome: LoggedRemedy['outcome'];
      readonly sentence: string;
    };

/** Oldest first. */
export function historyOf(
  manager: ReplayedManager | undefined,
  unit: string,
  remedies: readonly LoggedRemedy[] = [],
): readonly HistoryView[] {
  const exits = (manager?.chronicle.runs ?? []).map(exitView);
  const incidents = (manager?.incidents ?? [])
    .filter((incident) => incident.unit === unit)
    .map(({ kind, ...rest }): HistoryView => ({ kind: 'incident', incidentKind: kind, ...rest }));
  const done = remedies.map((remedy) => remedyView(unit, remedy));
  return [...exits, ...incidents, ...done].sort((a, b) => startOf(a) - startOf(b));
}

function startOf(entry: HistoryView): number {
  return Date.parse(entry.kind === 'incident' ? entry.openedAt : entry.at);
}

function remedyView(unit: string, { atWallMs, outcome, sentence, incident }: LoggedRemedy): HistoryView {
  const at = new Date(atWallMs).toISOString();
  return { kind: 'remedy', at, unit, ...(incident === undefined ? {} : { incident }), outcome, sentence };
}

function exitView({ run: { exit, cpuMs }, at, sequel }: EndedRun): HistoryView {
  const cpu = cpuMs === undefined ? {} : { cpuSeconds: Number((cpuMs / 1000).toFixed(3)) };
  return { kind: 'exit', ...presentExit(exit, at.wallMs), ...cpu, sequel };
}

const sequels: Readonly<Record<EndedRun['sequel'], string>> = {
  automatic: 'restarted by systemd',
  external: 'started again from outside',
  none: '-',
};

/** A row per exit, and between them a line per incident and per news of a remedy. */
export function renderHistory(
  unit: string,
  entries: readonly HistoryView[],
  span: string,
  dropped: number,
  nowMs: number,
): string {
  if (entries.length === 0) {
    return `The journal of the last ${span} tells of no end of ${unit}.\n`;
  }
  const exits = entries.filter((entry) => entry.kind === 'exit');
  const [heading = '', ...exitLines] = columns([
    ['TIME', 'AGO', 'UPTIME', 'CPU', 'THEN', 'EXIT'],
    ...exits.map((exit) => exitCells(exit, nowMs)),
  ]);
  const lines = entries.map((entry) => {
    if (entry.kind === 'exit') return exitLines.shift() ?? '';
    return entry.kind === 'incident' ? incidentLine(entry) : remedyLine(entry);
  });
  const more = dropped === 0 ? '' : `${dropped} earlier exits are left out.\n`;
  return `${more}${[heading, ...lines].join('\n')}\n`;
}

function exitCells(entry: Extract<HistoryView, { kind: 'exit' }>, nowMs: number): readonly string[] {
  const { at, uptimeSeconds, cpuSeconds, sequel, summary } = entry;
  const span = (seconds: number | undefined): string =>
    seconds === undefined ? '-' : displayTimeSpan(seconds * 1000);
  const atMs = Date.parse(at);
  const ago = displayTimeSpan(Math.max(0, nowMs - atMs));
  return [localTime(atMs), ago, span(uptimeSeconds), span(cpuSeconds), sequels[sequel], summary];
}

function remedyLine({ at, unit, sentence }: Extract<HistoryView, { kind: 'remedy' }>): string {
  return `${localTime(Date.parse(at))}  -- remedy: ${sentence.replace(`${unit}: `, '')}`;
}

function incidentLine({
  openedAt,
  closedAt,
  closedBecause,
  incidentKind,
  restarts,
  rule,
}: Extract<HistoryView, { kind: 'incident' }>): string {
  const held = rule === undefined ? '' : ` (rule: ${rule.restarts} within ${rule.within})`;
  const given = incidentKind === 'braked' ? 'systemd gave up, ' : '';
  const openedMs = Date.parse(openedAt);
  const end =
    closedAt === undefined ? 'still open' : closedWords(openedMs, Date.parse(closedAt), closedBecause);
  return `${localTime(openedMs)}  -- incident opened: ${given}${restarts} restarts in all${held}, ${end}`;
}

/** How long it lasted says more than two times do, of which one may stand before the other when clocks go back. */
function closedWords(openedMs: number, closedMs: number, because: string | undefined): string {
  const lasted = displayTimeSpan(Math.max(0, closedMs - openedMs));
  return `closed ${localTime(closedMs)}, ${lasted} later (${because})`;
}
