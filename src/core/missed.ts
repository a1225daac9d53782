import type { Effect } from './effect.ts';
import { countExit, recountExit } from './exit-tally.ts';
import type { JournalRecord } from './journal-record.ts';
import type { Mark, Saved, UnitCounters } from './saved.ts';
import type { PastRun } from './unit-record.ts';

/**
 * Counts what happened since the state was saved, from the effects of reading the past. Fed from a moment a little before
 * that: what a unit's mark covers is taken back when it comes by.
 */
export class Missed {
  readonly #marks: ReadonlyMap<string, Mark>;
  readonly #savedAtWallMs: number;
  readonly #units = new Map<string, UnitCounters>();
  readonly #runs = new Map<string, PastRun>();

  constructor(saved: Saved | undefined) {
    this.#marks = new Map(saved?.units.map((each) => [each.unit, each]));
    this.#savedAtWallMs = saved?.savedAtWallMs ?? -Infinity;
  }

  /** `record`: what the effects come from; undefined where time alone passed. */
  add(effects: readonly Effect[], record: JournalRecord | undefined): void {
    for (const effect of effects) {
      if (effect.kind === 'restarted') {
        const covered = record !== undefined && this.#coversRestart(effect.unit, record);
        this.#change(effect.unit, (unit) =>
          covered ? { ...unit, ...noRestarts } : addRestarts(unit, effect),
        );
      } else if (effect.kind === 'run-ended') {
        const covered = this.#marks.get(effect.unit)?.endedInvocationId === effect.run.exit.invocationId;
        if (covered) this.#change(effect.unit, (unit) => ({ ...unit, ...noExits }));
        else this.#addRun(effect.unit, effect.run);
      }
    }
  }

  units(): readonly UnitCounters[] {
    return [...this.#units.values()];
  }

  /** The restart that this record tells of is the last one that was counted. After a reset its number comes again. */
  #coversRestart(unit: string, record: JournalRecord): boolean {
    const mark = this.#marks.get(unit);
    if (mark === undefined || record.at.wallMs > this.#savedAtWallMs) return false;
    if (record.kind === 'restart-scheduled') return record.nRestarts === mark.nRestarts;
    return record.invocationId === mark.invocationId;
  }

  /** The same run may come again, better known. Only the latest of a unit does. */
  #addRun(unit: string, run: PastRun): void {
    const before = this.#runs.get(unit);
    const again = before !== undefined && before.exit.invocationId === run.exit.invocationId;
    this.#runs.set(unit, run);
    this.#change(unit, (counted) => ({
      ...counted,
      exits: again ? recountExit(counted.exits, before.exit, run.exit) : countExit(counted.exits, run.exit),
      burnedCpuMs: sumOf(counted.burnedCpuMs, again && before.cpuMs !== undefined ? undefined : run.cpuMs),
    }));
  }

  #change(unit: string, change: (counted: UnitCounters) => UnitCounters): void {
    this.#units.set(unit, change(this.#units.get(unit) ?? { unit, ...noRestarts, ...noExits }));
  }
}

const noRestarts = { automatic: 0, external: 0, inferred: 0 };
const noExits = { exits: [], burnedCpuMs: undefined };

function addRestarts(unit: UnitCounters, effect: Extract<Effect, { kind: 'restarted' }>): UnitCounters {
  return {
    ...unit,
    automatic: unit.automatic + effect.automatic,
    external: unit.external + effect.external,
    inferred: unit.inferred + effect.inferred,
  };
}

function sumOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : a + (b ?? 0);
}
