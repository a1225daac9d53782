import { byCount, type ExitTally } from './exit-tally.ts';
import { describeExit, type Exit } from './exit.ts';
import type { Closed, Incident } from './incident.ts';
import { remedyWords } from './remedy/remedy.ts';
import { displayTimeSpan, formatTimeSpan } from './time-span.ts';

/** "5 restarts" or "1 restart". */
function restartsWords(count: number): string {
  return count === 1 ? '1 restart' : `${count} restarts`;
}

function totalRestarts(incident: Incident): number {
  return incident.automatic + incident.external;
}

/** "5 restarts in 41s (rule: 5 within 2min), about every 8.2s; the main process exited with status 1/FAILURE after 8s" */
function numbers(incident: Incident): string {
  const { rule, periodMs, firstMs, lastMs } = incident;
  const lasted = lastMs > firstMs ? ` in ${displayTimeSpan(lastMs - firstMs)}` : '';
  const which = rule === undefined ? '' : ` (rule: ${rule.restarts} within ${formatTimeSpan(rule.withinMs)})`;
  const pace = periodMs === undefined ? '' : `, about every ${displayTimeSpan(periodMs)}`;
  return `${restartsWords(totalRestarts(incident))}${lasted}${which}${pace}`;
}

function fromOutside(incident: Incident): string {
  if (incident.external === 0) return '';
  const all = incident.automatic === 0;
  return all
    ? '; started from outside each time, not by Restart='
    : `; ${incident.external} of them started from outside`;
}

function inferredWords(incident: Incident): string {
  return incident.inferred === 0 ? '' : `; ${incident.inferred} of them read off the restart counter`;
}

/** "; the main process exited with status 1/FAILURE after 8s", or "; last, …" where runs ended in several ways */
function deaths(tally: ExitTally, last: Exit | undefined): string {
  if (last === undefined) return '';
  const kinds = byCount(tally);
  const after = last.uptimeMs === undefined ? '' : ` after ${displayTimeSpan(last.uptimeMs)}`;
  return kinds.length > 1 ? `; last, ${describeExit(last)}${after}` : `; ${describeExit(last)}${after}`;
}

/** Less is noise: starting a shell takes milliseconds. */
const leastCpuMs = 1000;

function cpu(incident: Incident): string {
  return (incident.burnedCpuMs ?? 0) < leastCpuMs
    ? ''
    : `; ${displayTimeSpan(incident.burnedCpuMs ?? 0)} of CPU burned`;
}

/** "; likely because of db.service", where that is another one */
function because({ root }: Incident): string {
  return root === undefined ? '' : `; likely because of ${root}`;
}

/** Named one by one; more would hide the numbers. */
const mostNamed = 3;

/** "; with it a.service, b.service, c.service and 46 more" */
function together({ groups }: Incident): string {
  if (groups.length === 0) return '';
  const named = groups.slice(0, mostNamed).join(', ');
  const rest = groups.length - mostNamed;
  return `; with it ${named}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** What happened, in one sentence with its numbers. */
export function incidentSentence(incident: Incident): string {
  const { closed, unit } = incident;
  if (closed !== undefined) return closedSentence(incident, closed);
  const rest = `${deaths(incident.exits, incident.lastExit)}${cpu(incident)}${fromOutside(incident)}${inferredWords(incident)}${because(incident)}${together(incident)}.`;
  if (incident.kind === 'braked') {
    return `${unit} is down: systemd gave up at its start limit after ${numbers(incident)}${rest}`;
  }
  return `${unit} is in a restart loop: ${numbers(incident)}${rest}`;
}

const endings: Readonly<Record<Closed['reason'], (quiet: string) => string>> = {
  stable: (quiet) => `is calm again: up without a restart for ${quiet}`,
  stopped: (quiet) => `loops no longer: it was stopped, and has not restarted for ${quiet}`,
  failed: (quiet) => `loops no longer: it rests in failed, and has not restarted for ${quiet}`,
  gone: (quiet) => `loops no longer: systemd has unloaded it, and it has not restarted for ${quiet}`,
  remedied: (quiet) => `is remedied: it rests in failed, and has not restarted for ${quiet}`,
  policy: (quiet) => `is in no loop by the rules that its policy has now: its last restart was ${quiet} ago`,
};

function closedSentence(incident: Incident, { reason, quietMs }: Closed): string {
  const { firstMs, lastMs, unit } = incident;
  const lasted = lastMs > firstMs ? ` in ${displayTimeSpan(lastMs - firstMs)}` : '';
  const took = `the loop took ${restartsWords(totalRestarts(incident))}${lasted}`;
  const end = `${endings[reason](displayTimeSpan(quietMs))}${remedied(incident)}`;
  return `${unit} ${end}; ${took}${cpu(incident)}${reason === 'remedied' ? savedCpu(incident) : ''}${together(incident)}.`;
}

/** "; by RestartPreventExitStatus=1" */
function remedied({ remedy, closed }: Incident): string {
  return remedy === undefined || closed?.reason !== 'remedied' ? '' : ` (by ${remedyWords(remedy)})`;
}

const hourMs = 3_600_000;

/** What the loop took, spread over an hour: ", and 56min of CPU an hour are saved" */
function savedCpu({ burnedCpuMs = 0, beganMs, lastMs }: Incident): string {
  const lastedMs = lastMs - beganMs;
  const hourlyMs = lastedMs > 0 ? (burnedCpuMs / lastedMs) * hourMs : 0;
  return hourlyMs < leastCpuMs ? '' : `, and about ${displayTimeSpan(hourlyMs)} of it an hour saved`;
}
