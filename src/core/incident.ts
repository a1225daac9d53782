import type { Audience } from './audience.ts';
import type { ChangeView } from './evidence/change.ts';
import type { EvidenceView } from './evidence/evidence-view.ts';
import { exitKey, type Exit } from './exit.ts';
import { countExit, recountExit, type ExitTally } from './exit-tally.ts';
import type { Instant } from './instant.ts';
import type { AdviceView, CauseView } from './view.ts';
import type { LoopRule } from './policy.ts';
import type { Remedy } from './remedy/remedy.ts';

/** `loop`: a rule holds; `braked`: systemd gave up on the unit at its start limit. */
export type IncidentKind = 'loop' | 'braked';

/**
 * Why it is over: the unit stays up (`stable`), somebody stopped it (`stopped`), it rests in `failed` without waiting
 * for a restart, systemd no longer has it loaded (`gone`), its policy was changed and calls it a loop no more, or it rests
 * because of a remedy (`remedied`).
 */
export type CloseReason = 'stable' | 'stopped' | 'failed' | 'gone' | 'policy' | 'remedied';

export interface Closed {
  readonly at: Instant;
  readonly reason: CloseReason;
  /** How long the unit had been in the state that ended it. */
  readonly quietMs: number;
}

/** One loop, however long it lasts. */
export interface Incident {
  /** Unit and opening time: the same inputs give the same id. */
  readonly id: string;
  readonly unit: string;
  readonly kind: IncidentKind;
  readonly policy: string;
  /** The rule that opened it; undefined where systemd gave up before any held. */
  readonly rule: LoopRule | undefined;
  readonly openedAt: Instant;
  /** The first exit of the loop, where it was seen; else its first restart. */
  readonly beganMs: number;
  /** Restarts after this moment belong to it. */
  readonly afterMs: number;
  /** Its first restart, and its latest. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly closed: Closed | undefined;
  readonly automatic: number;
  readonly external: number;
  readonly inferred: number;
  readonly exits: ExitTally;
  /** Its first failure, as far back as runs are kept, where one was seen: later runs may die of what that one left behind. */
  readonly firstExit: Exit | undefined;
  readonly lastExit: Exit | undefined;
  readonly burnedCpuMs: number | undefined;
  readonly periodMs: number | undefined;
  /** The service that it likely comes from: one in trouble that this one requires or comes after. */
  readonly root: string | undefined;
  /** Why its runs die, the likeliest first; none found is an empty list, undefined not looked for yet. */
  readonly causes: readonly CauseView[] | undefined;
  /** Of its first failure, where its log still tells of that; else of the latest then. Undefined until it was looked for. */
  readonly evidence: EvidenceView | undefined;
  /** What changed on the machine before its first failure, the latest first. */
  readonly changes: readonly ChangeView[] | undefined;
  /** What to change about the restarts of its unit; undefined where it was not advised on, or not yet. */
  readonly advice: AdviceView | undefined;
  /** What was done about it last; undefined where nothing was. */
  readonly remedy: Remedy | undefined;
  /** The open incident that it is a part of, and is told with. */
  readonly leader: { readonly unit: string; readonly id: string } | undefined;
  /** Units whose incidents are or were a part of this one, in the order in which they came. */
  readonly groups: readonly string[];
  /** Who was told that it opened; nobody while the unit is silenced. */
  readonly toldTo: Audience;
  /** When it was last told. */
  readonly toldMs: number;
  /** The period that was told: half of that is news. */
  readonly toldPeriodMs: number | undefined;
}

export function incidentId(unit: string, openedAt: Instant): string {
  return `${unit}@${new Date(openedAt.wallMs).toISOString().replaceAll(/[-:]/g, '')}`;
}

/** That somebody stopped the unit in the end does not say why it looped: a death of its own stands above it. */
export function addExit(incident: Incident, exit: Exit): Incident {
  const { lastExit } = incident;
  const ownLast = lastExit !== undefined && exit.requested && !lastExit.requested;
  return { ...incident, exits: countExit(incident.exits, exit), lastExit: ownLast ? lastExit : exit };
}

/** Puts a better known exit in the place of one that was counted before. */
export function refineExit(incident: Incident, before: Exit, after: Exit): Incident {
  const refined = (exit: Exit | undefined): Exit | undefined =>
    exit?.invocationId === before.invocationId ? after : exit;
  const counted = incident.exits.some((entry) => exitKey(entry.exit) === exitKey(before));
  return {
    ...incident,
    exits: counted ? recountExit(incident.exits, before, after) : incident.exits,
    firstExit: refined(incident.firstExit),
    lastExit: refined(incident.lastExit),
  };
}
