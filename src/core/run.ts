import { controlProcessOf, hasProcess, isRunOver, isWaiting } from './phase.ts';
import { exitCodeWord, type Exit } from './exit.ts';
import type { Snapshot } from './snapshot.ts';

/** One run of a unit, from its start to its end: systemd names it by its invocation id. */
export interface Run {
  readonly invocationId: string;
  /** When its main process started, or when flapd first saw the run. */
  readonly startedMs: number;
  /** Else `startedMs` is only when it was first heard of: how long it was up is not known. */
  readonly startKnown: boolean;
  /** A process or an active state was seen: what comes to rest now has ended. */
  readonly atWork: boolean;
  /** Somebody's stop or restart job ended it, not its own doing. */
  readonly stopAsked: boolean;
  /** systemd has raised NRestarts for the run that follows. */
  readonly restartQueued: boolean;
  /** A timer or path unit started it. */
  readonly triggered: boolean;
  /** The last state in which nothing had gone wrong yet. */
  readonly during: string;
  /** Set once `Result` says failure: whose it was. */
  readonly culprit: string | undefined;
  readonly mainHadExited: boolean;
  readonly activeState: string;
  /** systemd waits out RestartSec before it starts the next run. */
  readonly waits: boolean;
  readonly exit: Exit | undefined;
}

/** The run that a snapshot shows, from what was known of it (`before`: the same invocation, or undefined for a new one). */
export function observeRun(before: Run | undefined, snapshot: Snapshot, nowMs: number): Run {
  const run = before ?? newRun(snapshot, nowMs);
  const failed = snapshot.result !== 'success';
  const atWork = run.atWork || hasProcess(snapshot) || snapshot.activeState === 'active';
  const seen: Run = {
    ...run,
    startedMs: snapshot.execMainStartMs > 0 ? snapshot.execMainStartMs : run.startedMs,
    startKnown: run.startKnown || snapshot.execMainStartMs > 0,
    atWork,
    stopAsked: run.stopAsked || isStopJob(run, snapshot),
    triggered: run.triggered || snapshot.triggered,
    culprit: run.culprit ?? (failed ? culpritOf(run, snapshot) : undefined),
    during: failed || run.culprit !== undefined ? run.during : snapshot.subState,
    mainHadExited: run.mainHadExited || (snapshot.execMainCode !== 0 && !failed),
    activeState: snapshot.activeState,
    waits: isWaiting(snapshot),
  };
  if (run.exit !== undefined || !isRunOver(snapshot, atWork)) return seen;
  return { ...seen, exit: exitOf(seen, snapshot, nowMs) };
}

/** A run that flapd finds at work: all that is known is which one it is. */
export function runInProgress(invocationId: string, nowMs: number): Run {
  return {
    invocationId,
    startedMs: nowMs,
    startKnown: false,
    atWork: true,
    stopAsked: false,
    restartQueued: false,
    triggered: false,
    during: 'running',
    culprit: undefined,
    mainHadExited: false,
    activeState: 'active',
    waits: false,
    exit: undefined,
  };
}

function newRun(snapshot: Snapshot, nowMs: number): Run {
  return {
    invocationId: snapshot.invocationId,
    startedMs: nowMs,
    // What is first seen as a process that has ended had begun before.
    startKnown: snapshot.execMainCode === 0 && snapshot.result === 'success',
    atWork: false,
    stopAsked: false,
    restartQueued: false,
    triggered: false,
    during: '',
    culprit: undefined,
    mainHadExited: false,
    activeState: snapshot.activeState,
    waits: false,
    exit: undefined,
  };
}

/**
 * A job is queued while the run goes down in good order: a stop or a restart was asked for. A start job is gone before
 * the unit is active, and a failing run is not in good order.
 */
function isStopJob(run: Run, snapshot: Snapshot): boolean {
  if (snapshot.jobId === 0 || snapshot.result !== 'success' || run.exit !== undefined) return false;
  const wasActive = run.activeState === 'active' || run.activeState === 'reloading';
  return snapshot.activeState === 'deactivating' || (snapshot.activeState === 'inactive' && wasActive);
}

/**
 * Whose failure turned `Result`: systemd keeps the first one (service.c), and ExecMain* speak of the main process only.
 * A control process is at fault where it was running and the main process had not just ended.
 */
function culpritOf(run: Run, snapshot: Snapshot): string | undefined {
  // systemd could not even fork: no process is to blame.
  if (snapshot.result === 'resources') return undefined;
  const control = controlProcessOf(run.during);
  const mainJustEnded = snapshot.execMainCode !== 0 && !run.mainHadExited;
  if (mainJustEnded) return 'main';
  if (control !== undefined && run.during !== 'start') return control;
  // In `start` the process is the main one, but for Type=forking, whose main process is not known yet.
  if (snapshot.execMainPid !== 0) return 'main';
  return control;
}

function exitOf(run: Run, snapshot: Snapshot, nowMs: number): Exit {
  const ended = run.culprit ?? (snapshot.execMainCode !== 0 ? 'main' : undefined);
  const atMs = endOf(run, snapshot, nowMs);
  const byMain = ended === 'main' && snapshot.execMainCode !== 0;
  return {
    invocationId: run.invocationId,
    atMs,
    process: ended,
    code: byMain ? exitCodeWord(snapshot.execMainCode) : undefined,
    status: byMain ? snapshot.execMainStatus : undefined,
    result: snapshot.result,
    uptimeMs: run.startKnown ? Math.max(0, atMs - run.startedMs) : undefined,
    during: run.during,
    requested: run.stopAsked && snapshot.result === 'success',
  };
}

/** The main process's end, or else the moment the unit came to rest, where systemd's timestamps fit the run at all. */
function endOf(run: Run, snapshot: Snapshot, nowMs: number): number {
  const fits = (ms: number): boolean => ms >= run.startedMs && ms <= nowMs;
  if (fits(snapshot.execMainExitMs)) return snapshot.execMainExitMs;
  return fits(snapshot.inactiveEnterMs) ? snapshot.inactiveEnterMs : nowMs;
}
