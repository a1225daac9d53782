import type { Advice } from '../core/advice/advice.ts';
import { directiveLine } from '../core/remedy/directive.ts';
import { displayTimeSpan } from '../core/time-span.ts';
import type { ExitCountView, IncidentView, UnitView } from '../core/view.ts';
import { countText } from '../core/count-words.ts';
import type { Replayed, ReplayedManager } from '../replay.ts';
import { columns } from './columns.ts';
import { localTime } from './local-time.ts';
import { type AdviceByIncident, savedBy } from './replay-advice.ts';
import { sparkline } from './sparkline.ts';

const slices = 24;
/** One screen: the rest is counted. `--json` has all. */
const mostUnits = 20;
const mostIncidents = 15;

export interface ReplayAdvice {
  readonly advices: AdviceByIncident;
  /** How the units are set is not known, but taken from how they behaved. */
  readonly assumed: boolean;
}

/** A timeline per unit, then the incidents; managers one after the other. */
export function renderReplay(
  replayed: Replayed,
  color: boolean,
  { advices, assumed }: ReplayAdvice = { advices: new Map(), assumed: false },
): string {
  const { managers, records, firstWallMs, lastWallMs } = replayed;
  if (firstWallMs === undefined || lastWallMs === undefined) {
    return 'The journal says nothing about services in this time.\n';
  }
  const span = { fromMs: firstWallMs, untilMs: lastWallMs };
  const header = `${localTime(firstWallMs)} to ${localTime(lastWallMs)} (${displayTimeSpan(lastWallMs - firstWallMs)}), ${countText(records)} entries`;
  const parts = managers.map((manager) => {
    const title = managers.length > 1 ? [nameOf(manager), ''] : [];
    return [...title, ...renderManager(manager, span, color), ...adviceLines(manager, advices, assumed)].join(
      '\n',
    );
  });
  return `${[header, '', parts.join('\n\n')].join('\n')}\n`;
}

interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

function nameOf({ machineId, uid }: ReplayedManager): string {
  return uid === undefined ? `machine ${machineId}` : `machine ${machineId}, user ${uid}`;
}

function renderManager(manager: ReplayedManager, span: Span, color: boolean): readonly string[] {
  const restarted = manager.units.filter(({ restarts }) => restarts.automatic + restarts.external > 0);
  const failed = manager.units.length - restarted.length;
  restarted.sort((a, b) => total(b) - total(a));
  if (restarted.length === 0) return [`No service was restarted${failed === 0 ? '' : `; ${failed} failed`}.`];
  const rows = restarted.slice(0, mostUnits).map((unit) => cells(unit, manager, span));
  const table = columns([['UNIT', 'RESTARTS', 'CPU', 'TIMELINE', 'EXITS'], ...rows]);
  const more = restarted.length > mostUnits ? [`and ${restarted.length - mostUnits} more units`] : [];
  return [...table, ...more, '', ...incidentLines(manager.incidents, color)];
}

function total({ restarts }: UnitView): number {
  return restarts.automatic + restarts.external;
}

function cells(unit: UnitView, { chronicle }: ReplayedManager, { fromMs, untilMs }: Span): readonly string[] {
  const { external } = unit.restarts;
  return [
    unit.unit,
    external === 0 ? String(total(unit)) : `${total(unit)} (${external} external)`,
    unit.burnedCpuSeconds === undefined ? '-' : displayTimeSpan(unit.burnedCpuSeconds * 1000),
    sparkline(chronicle.slices(unit.unit, fromMs, untilMs, slices)),
    unit.exits.slice(0, 3).map(exitWords).join(', '),
  ];
}

/** "12 × 1/FAILURE", "3 × SIGSEGV", "2 × timeout" */
function exitWords({ process, code, status, name, result, count }: ExitCountView): string {
  const control = process === undefined || process === 'main' ? '' : `${process} `;
  const what =
    code === undefined
      ? result
      : code === 'exited'
        ? `${status}${name === undefined ? '' : `/${name}`}`
        : (name ?? `signal ${status}`);
  return `${count} × ${control}${what}`;
}

function incidentLines(incidents: readonly IncidentView[], color: boolean): readonly string[] {
  if (incidents.length === 0) return ['These policies would have opened no incident.'];
  const count = incidents.length === 1 ? '1 incident' : `${incidents.length} incidents`;
  const rows = incidents.slice(-mostIncidents).map(incidentCells);
  const left = incidents.length - rows.length;
  return [
    `These policies would have opened ${count}${left > 0 ? `; the last ${rows.length}` : ''}:`,
    '',
    ...columns([['OPENED', 'LASTED', 'UNIT', 'KIND', 'RESTARTS', 'RULE', 'END'], ...rows]).map((line) =>
      color && line.endsWith('still open') ? `\u001b[31m${line}\u001b[0m` : line,
    ),
  ];
}

/** What the advice on each incident would have saved, from its opening to its end. */
function adviceLines(
  { told }: ReplayedManager,
  advices: AdviceByIncident,
  assumed: boolean,
): readonly string[] {
  const advised = told.flatMap(({ id, unit }) => {
    const advice = advices.get(id);
    return advice === undefined ? [] : [{ unit, id, advice }];
  });
  if (advised.length === 0) return [];
  const { restarts, burnedCpuMs } = savedBy(new Map(advised.map(({ id, advice }) => [id, advice])));
  const cpu = burnedCpuMs === undefined ? 0 : burnedCpuMs.was - burnedCpuMs.wouldBe;
  const cpuWords = cpu < leastCpuMs ? '' : `, and ${displayTimeSpan(cpu)} of CPU`;
  const rows = advised.slice(-mostIncidents).map(({ unit, advice }) => adviceCells(unit, advice));
  return [
    '',
    `Their advice, followed when they opened, would have saved ${restarts.was - restarts.wouldBe} of ${restarts.was} further restarts${cpuWords}:`,
    '',
    ...columns([['UNIT', 'RESTARTS', 'CPU', 'ADVICE'], ...rows]),
    ...(assumed
      ? ['', 'A recording does not tell how the units are set: they are taken to be as they behaved.']
      : []),
  ];
}

/** Less is noise. */
const leastCpuMs = 1000;

function adviceCells(unit: string, { advised, counterfactual, none }: Advice): readonly string[] {
  if (counterfactual === undefined) return [unit, '-', '-', none ?? '-'];
  const { restarts, burnedCpuMs } = counterfactual;
  return [
    unit,
    `${restarts.was} → ${restarts.wouldBe}`,
    burnedCpuMs === undefined
      ? '-'
      : `${displayTimeSpan(burnedCpuMs.was)} → ${displayTimeSpan(burnedCpuMs.wouldBe)}`,
    advised.map(({ directive }) => directiveLine(directive)).join(' '),
  ];
}

function incidentCells(incident: IncidentView): readonly string[] {
  const { openedAt, closedAt, rule } = incident;
  const lastedMs = closedAt === undefined ? undefined : Date.parse(closedAt) - Date.parse(openedAt);
  return [
    localTime(Date.parse(openedAt)),
    lastedMs === undefined ? '-' : displayTimeSpan(lastedMs),
    incident.unit,
    incident.kind,
    String(incident.restarts),
    rule === undefined ? '-' : `${rule.restarts} within ${rule.within}`,
    incident.closedBecause ?? 'still open',
  ];
}
