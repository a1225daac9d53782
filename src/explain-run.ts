import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { judgeCauses, rankWithOperators, withFirstFailure } from './core/causes/judge-causes.ts';
import { changesBefore, type ChangeView } from './core/evidence/change.ts';
import type { Evidence } from './core/evidence/evidence.ts';
import { programStatus } from './core/evidence/program-status.ts';
import { operatorCausesOf, type OperatorCause } from './core/evidence/operator-cause.ts';
import type { CauseView, ExitCountView, ExitView } from './core/view.ts';
import { changesOf } from './probes/changes.ts';
import { probing, type Probe } from './probes/probe.ts';
import { BusError } from './systemd/bus-error.ts';
import type { LastRun } from './systemd/last-run.ts';
import type { Manager } from './systemd/manager.ts';
import { readRunLog } from './systemd/run-log.ts';
import type { RunLog } from './systemd/run-log-reader.ts';

export interface RunToExplain {
  readonly manager: Manager;
  readonly managerKind: 'system' | 'user';
  readonly unit: string;
  readonly exit: ExitView;
  /** How the first run of its loop died, where it was seen: why this one did may be in that one's log only. */
  readonly firstExit: ExitView | undefined;
  /** Ends of late, this one included. */
  readonly exits: readonly ExitCountView[];
  /** What changed before then may be why. */
  readonly firstFailureMs: number;
  /** Causes that operators know of, beside flapd's own. */
  readonly operatorCauses: readonly OperatorCause[];
  /** Undefined: the journal is read; else why it is not. */
  readonly noJournal?: string;
}

export interface Explained {
  readonly evidence: Evidence;
  /** Of the first failure of its loop, where its log still tells of that; else of this one. */
  readonly first: Evidence;
  /** The likeliest first. */
  readonly causes: readonly CauseView[];
  /** The latest first. */
  readonly changes: readonly ChangeView[];
}

/** Gathers what there is of a run that died, and asks why: reads only, bounded in time, with the rights there are. */
export async function explainRun(run: RunToExplain): Promise<Explained> {
  const first = firstOf(run);
  const [lastRun, log, firstLog] = await Promise.all([lastRunOf(run), logOf(run), first && logOf(first)]);
  const evidence = evidenceOf(run, lastRun, log);
  const firstEvidence = first && firstLog && evidenceOf(first, lastRun, firstLog);
  const told = firstEvidence === undefined || isMute(firstEvidence) ? undefined : firstEvidence;
  const probe = probing({ ownUser: run.managerKind === 'user' ? userInfo().username : '' });
  const [causes, firstCauses, changes] = await Promise.all([
    causesOf(run, evidence, probe),
    told === undefined ? [] : causesOf(run, told, probe),
    changesOf({
      fragmentPath: lastRun?.fragmentPath,
      dropInPaths: lastRun?.dropInPaths ?? [],
      facts: lastRun?.facts,
    }),
  ]);
  return {
    evidence,
    first: told ?? evidence,
    causes: first === undefined ? causes : withFirstFailure(causes, firstCauses, first.exit.at),
    changes: changesBefore(changes, run.firstFailureMs),
  };
}

/** Undefined where the run is the first of its loop, or that one is not known. */
function firstOf(run: RunToExplain): RunToExplain | undefined {
  const { exit, firstExit } = run;
  const isOther = firstExit?.invocationId !== undefined && firstExit.invocationId !== exit.invocationId;
  return isOther ? { ...run, exit: firstExit } : undefined;
}

/** Its log is gone, or there never was one: what is left is how it ended, of which the latest run tells as much. */
function isMute({ lines, spawn, coreDump }: Evidence): boolean {
  return lines.length === 0 && spawn === undefined && coreDump === undefined;
}

async function causesOf(
  { operatorCauses }: RunToExplain,
  evidence: Evidence,
  probe: Probe,
): Promise<readonly CauseView[]> {
  const [own, operators] = await Promise.all([
    judgeCauses(evidence, probe),
    operatorCausesOf(evidence, operatorCauses, breathe),
  ]);
  return rankWithOperators(own, operators);
}

/** Signals are not to wait for somebody's expressions. */
const breathe = async (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Undefined where systemd does not know the unit, or is not there. */
async function lastRunOf({ manager, unit }: RunToExplain): Promise<LastRun | undefined> {
  try {
    return await manager.lastRun(unit);
  } catch (error) {
    if (error instanceof BusError) return undefined;
    throw error;
  }
}

/** journald takes what a service writes when it comes to it, which may be a moment after it has taken PID 1's word on the end. */
const firstReadAfterMs = 200;
const settlesWithinMs = 3000;
const rereads = 2;
const rereadAfterMs = 250;

/** ExecStartPre= comes before what systemd calls the start of the main process. */
const startSlackMs = 1000;

function hasServiceLine({ lines }: RunLog): boolean {
  return lines.some(({ by }) => by === 'service');
}

/** How far before its end a run may have begun whose beginning was not seen. */
const longestUnknownMs = 10_000;

async function logOf({ managerKind, unit, exit, noJournal }: RunToExplain): Promise<RunLog> {
  const { invocationId, at, uptimeSeconds } = exit;
  if (noJournal !== undefined || invocationId === undefined) {
    const unknown = noJournal ?? 'systemd did not tell which run it was';
    return { lines: [], unknown, spawn: undefined, coreDump: undefined, oomKilled: false };
  }
  const untilWallMs = Date.parse(at);
  const lastedMs = uptimeSeconds === undefined ? longestUnknownMs : uptimeSeconds * 1000 + startSlackMs;
  const fromWallMs = untilWallMs - lastedMs;
  const query = { unit, invocationId, manager: managerKind, fromWallMs, untilWallMs };
  await sleep(Math.min(firstReadAfterMs, Math.max(0, untilWallMs + firstReadAfterMs - Date.now())));
  let log = await readRunLog(query);
  const mostReads = Date.now() - untilWallMs < settlesWithinMs ? rereads : 0;
  for (let read = 0; read < mostReads && !hasServiceLine(log); read += 1) {
    await sleep(rereadAfterMs);
    log = await readRunLog(query);
  }
  return log;
}

function evidenceOf(
  { unit, exit, exits }: RunToExplain,
  lastRun: LastRun | undefined,
  log: RunLog,
): Evidence {
  // Accounts are of the run that systemd speaks of now, which may be the next one.
  const accounts = lastRun !== undefined && lastRun.invocationId === exit.invocationId ? lastRun : undefined;
  const meaning = lastRun && statusMeaning(exit, lastRun);
  return {
    unit,
    exit,
    ...(meaning === undefined ? {} : { statusMeaning: meaning }),
    lines: log.lines,
    oomKilled: log.oomKilled,
    alike: alikeIn(exits, exit),
    ...(log.unknown === undefined ? {} : { linesUnknown: log.unknown }),
    ...(log.spawn === undefined ? {} : { spawn: log.spawn }),
    ...(log.coreDump === undefined ? {} : { coreDump: log.coreDump }),
    ...(accounts?.cpuSeconds === undefined ? {} : { cpuSeconds: accounts.cpuSeconds }),
    ...(accounts?.memoryPeakBytes === undefined ? {} : { memoryPeakBytes: accounts.memoryPeakBytes }),
    ...(lastRun === undefined ? {} : { service: lastRun.facts }),
  };
}

/** How many of them were of the same kind. */
function alikeIn(exits: readonly ExitCountView[], exit: ExitView): number {
  const same = exits.find(
    ({ process, code, status, result }) =>
      process === exit.process && code === exit.code && status === exit.status && result === exit.result,
  );
  return same?.count ?? 1;
}

/** Of the main process; a control process may be any of several programs. */
function statusMeaning({ process, code, status }: ExitView, { facts }: LastRun): string | undefined {
  if (process !== 'main' || code !== 'exited' || status === undefined) return undefined;
  const executable = facts.commands.find(({ setting }) => setting === 'ExecStart')?.argv[0];
  return executable === undefined ? undefined : programStatus(executable, status);
}
