import type { Input } from './input.ts';
import type { JournalRecord } from './journal-record.ts';
import { blankSnapshot, type Snapshot } from './snapshot.ts';

/**
 * What the journal has told of one unit so far, as a snapshot in the making: the journal's records are turned into the
 * looks that a subscriber would have had, so that past and present are judged by the same `step`.
 */
interface Draft {
  /** Its `nRestarts` counts what the journal showed; where the counter stood before is not known. */
  readonly snapshot: Snapshot;
  readonly control: { readonly code: number; readonly status: number } | undefined;
  /** The last N_RESTARTS seen; 0 where a start was that no restart went before. */
  readonly counter: number | undefined;
  /** Somebody stopped the run while it was up: PID 1 counts from zero after it (facts §2). */
  readonly stopped: boolean;
}

/** Units in the making: a host that starts transient ones for each job has a million names in its journal. */
const mostDrafts = 5000;

/** Where the journal begins between a restart and the start that it led to, that start is not one by hand. */
const restartToStartMs = 1000;

/**
 * And where it begins within a start, which may take TimeoutStartSec= (90 s) and of which `started` alone is left, that one
 * may have been systemd's seven hundredth.
 */
const slowestStartMs = 120_000;

/** Sub states in which the control processes of a start run. */
const subStates: Readonly<Record<string, string>> = {
  ExecCondition: 'condition',
  ExecStartPre: 'start-pre',
  ExecStartPost: 'start-post',
  ExecStop: 'stop',
  ExecStopPost: 'stop-post',
};

/** Any process id does: the journal says that a process is there, and a snapshot asks for no more. */
const somePid = 1;

/** Folds the journal of one manager. */
export class JournalFold {
  /** The one that was seen last comes last. */
  readonly #drafts = new Map<string, Draft>();
  #bootId: string | undefined;
  #firstMs: number | undefined;

  /** The inputs that a record stands for, in order. */
  inputs(record: JournalRecord): readonly Input[] {
    this.#firstMs ??= record.at.monotonicMs;
    if (this.#bootId === record.bootId) return this.#inputs(record);
    const first = this.#bootId === undefined;
    this.#bootId = record.bootId;
    this.#drafts.clear();
    return first ? this.#inputs(record) : [{ kind: 'booted' }, ...this.#inputs(record)];
  }

  #inputs(record: JournalRecord): readonly Input[] {
    const { unit, invocationId } = record;
    if (record.kind === 'resources') return [{ kind: 'cpu', unit, invocationId, cpuMs: record.cpuMs }];
    const known = this.#drafts.get(unit);
    const before = known ?? blankDraft(unit);
    const drafts = draftsOf(before, record);
    const looks = drafts.map(({ snapshot }): Input => ({ kind: 'snapshot', origin: 'signal', snapshot }));
    const left = this.#keep(this.#withStart(drafts.at(-1) ?? before, record, known === undefined));
    // What the journal tells of a unit first may be a restart: it is one more than there were.
    const baseline: readonly Input[] =
      known === undefined ? [{ kind: 'baseline', unit, nRestarts: before.snapshot.nRestarts }] : [];
    const asked: readonly Input[] =
      record.kind === 'failed' && before.control !== undefined
        ? [{ kind: 'control-exit', unit, invocationId, ...before.control }]
        : [];
    return [...left, ...baseline, ...looks, ...asked];
  }

  #withStart(draft: Draft, { kind, at }: JournalRecord, isFirst: boolean): Draft {
    const isStart = kind === 'starting' || kind === 'started';
    if (!isStart || draft.counter !== undefined) return draft;
    const afterMs = isFirst && kind === 'started' ? slowestStartMs : restartToStartMs;
    const fromMs = (this.#firstMs ?? at.monotonicMs) + afterMs;
    return at.monotonicMs > fromMs ? { ...draft, counter: 0 } : draft;
  }

  /** Answers which unit there is no room for any more. */
  #keep(draft: Draft): readonly Input[] {
    const { unit } = draft.snapshot;
    this.#drafts.delete(unit);
    this.#drafts.set(unit, draft);
    const [oldest] = this.#drafts.keys();
    if (this.#drafts.size <= mostDrafts || oldest === undefined) return [];
    this.#drafts.delete(oldest);
    return [{ kind: 'unit-removed', unit: oldest }];
  }

  /**
   * At the journal's end, in the boot that is now: where each unit's own counter stands, so that what systemd says now can
   * be compared.
   */
  finish(bootId: string): readonly Input[] {
    if (this.#bootId !== undefined && this.#bootId !== bootId) return [{ kind: 'booted' }];
    return [...this.#drafts].map(([unit, { counter }]): Input => ({
      kind: 'baseline',
      unit,
      nRestarts: counter,
    }));
  }
}

function blankDraft(unit: string): Draft {
  return { snapshot: blankSnapshot(unit), control: undefined, counter: undefined, stopped: false };
}

function draftsOf(before: Draft, record: Exclude<JournalRecord, { kind: 'resources' }>): readonly Draft[] {
  const atMs = record.at.monotonicMs;
  const known = before.snapshot.invocationId === record.invocationId;
  const running = known ? before : begin(before, record);
  const { snapshot } = running;
  switch (record.kind) {
    case 'starting':
      return [{ ...running, snapshot: { ...snapshot, activeState: 'activating', subState: 'start' } }];
    case 'started':
      return [
        {
          ...running,
          snapshot: { ...snapshot, activeState: 'active', subState: 'running' },
        },
      ];
    case 'stopping':
      return [
        {
          ...running,
          stopped: snapshot.activeState === 'active',
          snapshot: { ...snapshot, activeState: 'deactivating', subState: 'stop-sigterm', jobId: 1 },
        },
      ];
    case 'process-exit':
      return [afterProcessExit(running, record)];
    case 'failed':
      // Told late, as in lines that were sorted by their second: what is from before the restart is no give-up.
      if (snapshot.subState === 'auto-restart' && atMs < snapshot.inactiveEnterMs)
        return [{ ...running, snapshot: { ...snapshot, result: record.result } }];
      return [running, rest(running, 'failed', record.result, atMs)];
    case 'deactivated':
      return [running, rest(running, 'inactive', 'success', atMs)];
    case 'restart-scheduled':
      return [afterScheduled(running, record)];
  }
}

/** A counter that skipped some says how many restarts the journal did not show; one that fell counts from zero. */
function afterScheduled(
  draft: Draft,
  { nRestarts, at }: Extract<JournalRecord, { kind: 'restart-scheduled' }>,
): Draft {
  const { counter, snapshot } = draft;
  const more = counter === undefined ? 1 : nRestarts > counter ? nRestarts - counter : nRestarts;
  const resting = rest(draft, 'activating', snapshot.result, at.monotonicMs);
  return {
    ...resting,
    counter: nRestarts,
    snapshot: {
      ...resting.snapshot,
      subState: 'auto-restart',
      jobId: 1,
      nRestarts: snapshot.nRestarts + more,
    },
  };
}

/** Where the journal begins within a run, or LogLevelMax= leaves starts out, nobody knows since when it was up. */
function begin(before: Draft, record: JournalRecord): Draft {
  const isStart = record.kind === 'starting' || record.kind === 'started';
  return {
    counter: before.stopped ? 0 : before.counter,
    stopped: false,
    control: undefined,
    snapshot: {
      ...blankSnapshot(record.unit),
      invocationId: record.invocationId,
      nRestarts: before.snapshot.nRestarts,
      activeState: 'activating',
      subState: 'start',
      mainPid: somePid,
      execMainPid: somePid,
      execMainStartMs: isStart ? record.at.monotonicMs : 0,
    },
  };
}

function afterProcessExit(draft: Draft, record: Extract<JournalRecord, { kind: 'process-exit' }>): Draft {
  const { code, status, command } = record;
  const subState = subStates[command];
  // systemd keeps the first failure of a run: ExecStopPost= after a dead main process changes nothing.
  if (subState !== undefined && draft.snapshot.execMainCode !== 0) return draft;
  if (subState !== undefined) {
    return {
      ...draft,
      control: { code, status },
      snapshot: { ...draft.snapshot, subState, controlPid: somePid },
    };
  }
  return {
    ...draft,
    snapshot: {
      ...draft.snapshot,
      execMainCode: code,
      execMainStatus: status,
      execMainExitMs: record.at.monotonicMs,
    },
  };
}

/** Nothing runs any more. A control process that failed had no main process beside it, or took it down. */
function rest(draft: Draft, activeState: string, result: string, atMs: number): Draft {
  const subState = activeState === 'failed' ? 'failed' : 'dead';
  const { snapshot } = draft;
  return {
    ...draft,
    control: undefined,
    snapshot: {
      ...snapshot,
      activeState,
      subState,
      result,
      jobId: 0,
      mainPid: 0,
      controlPid: 0,
      inactiveEnterMs: atMs,
    },
  };
}
