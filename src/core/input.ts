import type { ChangeView } from './evidence/change.ts';
import type { EvidenceView } from './evidence/evidence-view.ts';
import type { Policy } from './policy.ts';
import type { Remedy } from './remedy/remedy.ts';
import type { Saved, UnitCounters } from './saved.ts';
import type { Silence } from './silence.ts';
import type { Snapshot } from './snapshot.ts';
import type { Dependencies } from './trouble.ts';
import type { AdviceView, CauseView } from './view.ts';

/** How flapd came to look: PID 1 told it, or it asked after signals may have been lost. */
export type Origin = 'signal' | 'resync';

/** What can happen, as `step` sees it. JSON-safe: a log of inputs is a bug report. */
export type Input =
  | { readonly kind: 'snapshot'; readonly origin: Origin; readonly snapshot: Snapshot }
  /** After signals may have been lost: these services are loaded, all others are gone. */
  | {
      readonly kind: 'listed';
      readonly units: readonly { readonly unit: string; readonly activeState: string }[];
    }
  /** What was read of a listed service that runs. */
  | {
      readonly kind: 'counters';
      readonly unit: string;
      readonly nRestarts: number;
      readonly invocationId: string;
    }
  /** Where the restart counter stood at the end of what the journal told; undefined where it did not say. */
  | { readonly kind: 'baseline'; readonly unit: string; readonly nRestarts: number | undefined }
  /** After the past was read: what was saved, and what was counted `since`. Undefined where nothing was saved. */
  | {
      readonly kind: 'restore';
      readonly saved: Saved | undefined;
      readonly since: readonly UnitCounters[];
      readonly bootId: string;
    }
  /** There was no past to read: what systemd has counted itself is all that is known of it. */
  | { readonly kind: 'past-unknown' }
  /** The machine was started anew: what ran then has ended, and every counter starts from zero. */
  | { readonly kind: 'booted' }
  | { readonly kind: 'unit-new'; readonly unit: string }
  | { readonly kind: 'unit-removed'; readonly unit: string }
  | { readonly kind: 'cpu'; readonly unit: string; readonly invocationId: string; readonly cpuMs: number }
  | {
      readonly kind: 'control-exit';
      readonly unit: string;
      readonly invocationId: string;
      readonly code: number;
      readonly status: number;
    }
  | { readonly kind: 'service-type'; readonly unit: string; readonly serviceType: string }
  | { readonly kind: 'dependencies'; readonly unit: string; readonly dependencies: Dependencies }
  /** Why the runs of an incident die, and what is left of the first of them. */
  | {
      readonly kind: 'causes';
      readonly unit: string;
      readonly incident: string;
      readonly causes: readonly CauseView[];
      readonly evidence?: EvidenceView;
      readonly changes?: readonly ChangeView[];
    }
  /** What to change about the restarts of an incident's unit. */
  | {
      readonly kind: 'advice';
      readonly unit: string;
      readonly incident: string;
      readonly advice: AdviceView;
    }
  /** Whether the start limit of a unit that loops can trip at its pace. */
  | { readonly kind: 'brake'; readonly unit: string; readonly works: boolean }
  /** What was done about the unit, or what that came to. */
  | {
      readonly kind: 'remedy';
      readonly remedy: Remedy;
      /** It was so before, and counted and told then. */
      readonly known?: boolean;
      /** So far as was told, the flapd before this one having had it: it is in force no more. */
      readonly wasInForce?: boolean;
    }
  /** All that are in force. */
  | { readonly kind: 'silences'; readonly silences: readonly Silence[] }
  | { readonly kind: 'policies'; readonly policies: readonly Policy[] }
  /** Time has passed. */
  | { readonly kind: 'tick' };
