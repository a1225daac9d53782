import type { ChangeView } from './evidence/change.ts';
import type { EvidenceView } from './evidence/evidence-view.ts';
import type { RemedyView } from './remedy/remedy-view.ts';
import type { Mode } from './policy.ts';

/**
 * What flapd shows of its state: the objects of `--json`, the HTTP API and the sinks. Field names are a contract;
 * an absent field means "not known". Times are ISO 8601 with zone, durations are seconds.
 */

export type Verdict = 'calm' | 'suspect' | 'looping' | 'recovering' | 'braked';

/** How a process ended: the words of systemd's journal field EXIT_CODE. */
export type ExitCodeWord = 'exited' | 'killed' | 'dumped';

export interface ExitKindView {
  /** `main`, or the setting whose process ended: `ExecStartPre`, `ExecCondition`, … */
  readonly process?: string;
  readonly code?: ExitCodeWord;
  /** Exit status, or signal number where `code` is not `exited`. */
  readonly status?: number;
  /** `FAILURE`, `CONFIG`, `EXEC`, `SIGSEGV`, …; absent where the status has no name. */
  readonly name?: string;
  /** systemd's `Result`: `exit-code`, `signal`, `timeout`, `watchdog`, … */
  readonly result: string;
}

export interface ExitView extends ExitKindView {
  readonly at: string;
  /** What ended the run, in one clause. */
  readonly summary: string;
  readonly uptimeSeconds?: number;
  /** systemd's name for the run that ended. */
  readonly invocationId?: string;
  /** The furthest state that the run came to before it failed: `start`, `running`, … */
  readonly during?: string;
  /** Somebody asked for it, by a stop or restart job. */
  readonly requested?: true;
}

/** Why a run died, as far as flapd can tell. */
export interface CauseView {
  /** One of flapd's own (`address-in-use`, …), or the name of an operator's. */
  readonly id: string;
  /** `confirmed`: something beside the log says so too. */
  readonly state: 'confirmed' | 'likely' | 'could-not-check';
  readonly sentence: string;
  /** Log lines of the run, and what flapd saw when it looked. */
  readonly proof: readonly string[];
  /** What to do about it, and where more stands: of an operator's own causes. */
  readonly hint?: string;
  readonly runbook?: string;
}

export interface ExitCountView extends ExitKindView {
  readonly count: number;
}

export interface WindowView {
  /** The rule's span in systemd's notation: `2min`. */
  readonly within: string;
  readonly withinSeconds: number;
  /** Restarts in the span that ends now. */
  readonly restarts: number;
}

export interface UnitView {
  readonly unit: string;
  readonly verdict: Verdict;
  readonly policy: string;
  readonly mode: Mode;
  /** Nobody but the log is told of it until then. */
  readonly silencedUntil?: string;
  /** Since flapd first saw the unit. `inferred` of them were not seen one by one, but read off the restart counter. */
  readonly restarts: { readonly automatic: number; readonly external: number; readonly inferred: number };
  readonly window: readonly WindowView[];
  /** Restarts from the first one in the longest window until now, in equal slices, the oldest first. */
  readonly timeline: { readonly sliceSeconds: number; readonly restarts: readonly number[] };
  /** Median time between restarts; absent below two. */
  readonly periodSeconds?: number;
  readonly lastExit?: ExitView;
  readonly exits: readonly ExitCountView[];
  readonly burnedCpuSeconds?: number;
  /** Whether its own start limit could stop its loop at its pace; absent until it was asked. */
  readonly brakeEffective?: boolean;
  /** Id of the open incident that it is in. */
  readonly incident?: string;
  /** What was done about it last. */
  readonly remedy?: RemedyView;
}

export interface DirectiveView {
  readonly section: 'Unit' | 'Service';
  readonly directive: string;
  /** In force now; empty for an empty list. */
  readonly from: string;
  /** In force once the drop-in is. */
  readonly to: string;
  /** What the drop-in says: of a list, what is added to it. */
  readonly writes: string;
  /** One sentence with the numbers. */
  readonly reason: string;
}

/** What would have been, had the advice been followed since then, and up to then. */
export interface CounterfactualView {
  readonly since: string;
  readonly until: string;
  readonly restarts: { readonly was: number; readonly wouldBe: number };
  /** Of runs that died; absent where systemd did not account for it, or the journal does not tell. */
  readonly burnedCpuSeconds?: { readonly was: number; readonly wouldBe: number };
  /** The longest that it would have been down while it was up in truth. */
  readonly longestExtraDownSeconds: number;
  /** One sentence with the numbers. */
  readonly sentence: string;
}

export interface AdviceView {
  readonly unit: string;
  /** Whose drop-in it is: the unit's own, or its template's. */
  readonly target: string;
  /** Empty where nothing should change. */
  readonly directives: readonly DirectiveView[];
  /** A file for `systemctl edit --stdin`; absent where nothing should change. */
  readonly dropIn?: string;
  readonly counterfactual?: CounterfactualView;
  /** The sentence that says why nothing should change; absent where something should. */
  readonly none?: string;
  /** One sentence: what the advice goes by, and whether that is thin. */
  readonly basis: string;
  /** Sentences on what comes with the change, or stands in its way. */
  readonly notes: readonly string[];
}

export interface IncidentView {
  readonly id: string;
  readonly unit: string;
  /** `braked`: systemd gave up on the unit at its start limit. */
  readonly kind: 'loop' | 'braked';
  readonly openedAt: string;
  /** The first failure of the loop, as far as it was seen; else its first restart. */
  readonly beganAt?: string;
  readonly closedAt?: string;
  readonly closedBecause?: string;
  readonly policy: string;
  /** The rule that opened it; absent where systemd gave up before any rule held. */
  readonly rule?: { readonly restarts: number; readonly within: string };
  /** All of the loop, those that made the rule hold included. */
  readonly restarts: number;
  readonly periodSeconds?: number;
  readonly exits: readonly ExitCountView[];
  /** Its first failure, where it was seen: later runs may die of what that one left behind. */
  readonly firstExit?: ExitView;
  readonly burnedCpuSeconds?: number;
  /** The service that it likely comes from, where that is another one. */
  readonly root?: string;
  /** Why its runs die, the likeliest first; absent until it was looked for. */
  readonly causes?: readonly CauseView[];
  /** Of its first failure, where its log still told of that; else of the latest one then. Its lines have no secrets. */
  readonly evidence?: EvidenceView;
  /** What changed on the machine before its first failure, the latest first: most loops follow a change. */
  readonly changes?: readonly ChangeView[];
  /** What to change about its unit's restarts; absent until it was advised on, and where the policy only alerts. */
  readonly advice?: AdviceView;
  /** What was done about it last. */
  readonly remedy?: RemedyView;
  /** Units that loop with it, and are told with it. */
  readonly groups: readonly string[];
  /** Id of the incident that this one is a part of, and is told with. */
  readonly partOf?: string;
  /** One sentence with the numbers. */
  readonly sentence: string;
}
