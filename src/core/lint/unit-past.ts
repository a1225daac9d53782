import type { EndedRun } from '../chronicle.ts';
import type { IncidentView } from '../view.ts';

/** What the journal tells of one service, as far as the rules ask. */
export interface UnitPast {
  /** The last restart loop that it was in. */
  readonly loop: { readonly restarts: number; readonly periodMs: number } | undefined;
  /** Ends of processes by which, and with which status: `ExecStartPre 42` or `main 1`, and how often. */
  readonly exits: ReadonlyMap<string, number>;
  /** Starts that were over before the service had said that it is ready. */
  readonly neverReady: number;
  /** Runs that came further than that. */
  readonly ready: number;
}

/** The key of {@link UnitPast.exits}. */
export function exitOf(process: string, status: number): string {
  return `${process} ${status}`;
}

/** The states in which a run has not said yet that it is ready. */
const beforeReady: ReadonlySet<string> = new Set(['', 'dead', 'condition', 'start-pre', 'start']);

/** By unit. `incidents` may be of any unit; the last of each counts. */
export function unitPasts(
  runs: readonly EndedRun[],
  incidents: readonly IncidentView[],
): ReadonlyMap<string, UnitPast> {
  const pasts = new Map<string, UnitPast & { readonly exits: Map<string, number> }>();
  const pastOf = (unit: string): UnitPast & { readonly exits: Map<string, number> } =>
    pasts.get(unit) ?? { loop: undefined, exits: new Map(), neverReady: 0, ready: 0 };
  for (const { unit, run } of runs) {
    const { exit } = run;
    const past = pastOf(unit);
    if (exit.code === 'exited' && exit.status !== undefined) {
      const key = exitOf(exit.process ?? 'main', exit.status);
      past.exits.set(key, (past.exits.get(key) ?? 0) + 1);
    }
    const isWaiting = beforeReady.has(exit.during);
    const gaveUp = exit.result === 'timeout' || exit.result === 'protocol';
    // Where LogLevelMax= hides the start, nobody knows how far it came: it then seems to end where it begins.
    const waitedInVain = isWaiting && gaveUp && (exit.uptimeMs ?? 0) > 0;
    pasts.set(unit, {
      ...past,
      neverReady: past.neverReady + (waitedInVain ? 1 : 0),
      ready: past.ready + (isWaiting ? 0 : 1),
    });
  }
  for (const { unit, kind, restarts, periodSeconds } of incidents) {
    if (kind !== 'loop' || periodSeconds === undefined) continue;
    pasts.set(unit, { ...pastOf(unit), loop: { restarts, periodMs: periodSeconds * 1000 } });
  }
  return pasts;
}
