import { compareText } from './compare-text.ts';
import { byCount, type ExitTally } from './exit-tally.ts';
import { describeExit, exitName, type Exit } from './exit.ts';
import { leadersOf } from './grouping.ts';
import type { Incident } from './incident.ts';
import { instantAt, type Instant } from './instant.ts';
import { presentStanding } from './remedy/remedy-view.ts';
import { incidentSentence } from './sentence.ts';
import { type Silence, silencedUntil } from './silence.ts';
import type { State } from './state.ts';
import { formatTimeSpan } from './time-span.ts';
import { hasTrouble, type UnitRecord } from './unit-record.ts';
import { periodMs, verdictOf } from './verdict.ts';
import type { ExitCountView, ExitKindView, ExitView, IncidentView, UnitView } from './view.ts';
import { countBetween } from './window.ts';

/** Units that restarted or failed since flapd knows them, the loops first. */
export function presentUnits(state: State, now: Instant): readonly UnitView[] {
  return [...state.units.values()]
    .filter(hasTrouble)
    .map((record) => presentUnit(record, now, state.silences))
    .sort((a, b) => rank(a) - rank(b) || compareText(a.unit, b.unit));
}

const ranks: Readonly<Record<UnitView['verdict'], number>> = {
  braked: 0,
  looping: 1,
  recovering: 2,
  suspect: 3,
  calm: 4,
};

function rank(view: UnitView): number {
  return ranks[view.verdict];
}

export function presentUnit(record: UnitRecord, now: Instant, silences: readonly Silence[]): UnitView {
  const nowMs = now.monotonicMs;
  const period = periodMs(record, nowMs);
  const silencedMs = silencedUntil(silences, record.unit, now.wallMs);
  return {
    unit: record.unit,
    verdict: verdictOf(record, nowMs),
    policy: record.policy.name,
    mode: record.policy.mode,
    ...(silencedMs === undefined ? {} : { silencedUntil: isoTime(silencedMs) }),
    restarts: { automatic: record.automatic, external: record.external, inferred: record.inferred },
    window: record.policy.loop.map((rule) => ({
      within: formatTimeSpan(rule.withinMs),
      withinSeconds: rule.withinMs / 1000,
      restarts: countBetween(record.window, nowMs - rule.withinMs, nowMs),
    })),
    timeline: presentTimeline(record, nowMs),
    ...(period === undefined ? {} : { periodSeconds: seconds(period) }),
    ...(record.lastExit === undefined
      ? {}
      : { lastExit: presentExit(record.lastExit, instantAt(record.lastExit.atMs, now).wallMs) }),
    exits: presentTally(record.exits),
    ...(record.burnedCpuMs === undefined ? {} : { burnedCpuSeconds: seconds(record.burnedCpuMs) }),
    ...(record.brakeWorks === undefined ? {} : { brakeEffective: record.brakeWorks }),
    ...(record.incident === undefined ? {} : { incident: record.incident.leader?.id ?? record.incident.id }),
    ...(record.remedy === undefined ? {} : { remedy: presentStanding(record.remedy, now) }),
  };
}

const slices = 12;
/** Below this a timeline would show seconds, and one crash would fill it. */
const shortestTimelineMs = 60_000;

function presentTimeline(record: UnitRecord, nowMs: number): UnitView['timeline'] {
  const firstMs = record.window.restarts[0]?.atMs ?? nowMs;
  const sliceMs = Math.max(nowMs - firstMs, shortestTimelineMs) / slices;
  const restarts = Array.from({ length: slices }, (_, index) => {
    const endMs = nowMs - sliceMs * (slices - 1 - index);
    // The first slice begins with the first restart, which lies on its edge.
    return countBetween(record.window, index === 0 ? -Infinity : endMs - sliceMs, endMs);
  });
  return { sliceSeconds: seconds(sliceMs), restarts };
}

/** Open incidents, then closed ones, the newest first of each; those that are part of another one are listed in that. */
export function presentIncidents(state: State): readonly IncidentView[] {
  const open = leadersOf(state).map(({ incident }) => incident);
  const closed = state.closed.filter(({ leader }) => leader === undefined);
  return [...open.toReversed(), ...closed.toReversed()].map(presentIncident);
}

export function presentIncident(incident: Incident): IncidentView {
  const { closed, rule, periodMs: period, burnedCpuMs, firstExit } = incident;
  const wallMs = (monotonicMs: number): number => instantAt(monotonicMs, incident.openedAt).wallMs;
  return {
    id: incident.id,
    unit: incident.unit,
    kind: incident.kind,
    openedAt: isoTime(incident.openedAt.wallMs),
    beganAt: isoTime(wallMs(incident.beganMs)),
    ...(closed === undefined ? {} : { closedAt: isoTime(closed.at.wallMs), closedBecause: closed.reason }),
    policy: incident.policy,
    ...(rule === undefined
      ? {}
      : { rule: { restarts: rule.restarts, within: formatTimeSpan(rule.withinMs) } }),
    restarts: incident.automatic + incident.external,
    ...(period === undefined ? {} : { periodSeconds: seconds(period) }),
    exits: presentTally(incident.exits),
    ...(firstExit === undefined ? {} : { firstExit: presentExit(firstExit, wallMs(firstExit.atMs)) }),
    ...(burnedCpuMs === undefined ? {} : { burnedCpuSeconds: seconds(burnedCpuMs) }),
    ...(incident.root === undefined ? {} : { root: incident.root }),
    ...(incident.causes === undefined ? {} : { causes: incident.causes }),
    ...(incident.evidence === undefined ? {} : { evidence: incident.evidence }),
    ...(incident.changes === undefined ? {} : { changes: incident.changes }),
    ...(incident.advice === undefined ? {} : { advice: incident.advice }),
    ...(incident.remedy === undefined ? {} : { remedy: presentStanding(incident.remedy, incident.openedAt) }),
    groups: incident.groups,
    ...(incident.leader === undefined ? {} : { partOf: incident.leader.id }),
    sentence: incidentSentence(incident),
  };
}

function presentTally(tally: ExitTally): readonly ExitCountView[] {
  return byCount(tally).map(({ exit, count }) => ({ ...presentKind(exit), count }));
}

function presentKind(exit: Pick<Exit, 'process' | 'code' | 'status' | 'result'>): ExitKindView {
  const name = exitName(exit);
  return {
    ...(exit.process === undefined ? {} : { process: exit.process }),
    ...(exit.code === undefined ? {} : { code: exit.code }),
    ...(exit.status === undefined ? {} : { status: exit.status }),
    ...(name === undefined ? {} : { name }),
    result: exit.result,
  };
}

export function presentExit(exit: Exit, atWallMs: number): ExitView {
  return {
    at: isoTime(atWallMs),
    summary: describeExit(exit),
    ...presentKind(exit),
    ...(exit.uptimeMs === undefined ? {} : { uptimeSeconds: seconds(exit.uptimeMs) }),
    ...(exit.invocationId === '' ? {} : { invocationId: exit.invocationId }),
    ...(exit.during === '' ? {} : { during: exit.during }),
    ...(exit.requested ? { requested: true } : {}),
  };
}

function seconds(ms: number): number {
  return Number((ms / 1000).toFixed(3));
}

/** ISO 8601 in UTC; flapd's readers put it in the zone of whoever looks. */
function isoTime(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
