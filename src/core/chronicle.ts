import type { Effect } from './effect.ts';
import type { Incident } from './incident.ts';
import type { Instant } from './instant.ts';
import type { PastRun } from './unit-record.ts';

/** How the run after an ended one came about; `none` as long as there was no other. */
export type Sequel = 'automatic' | 'external' | 'none';

export interface EndedRun {
  readonly unit: string;
  readonly run: PastRun;
  readonly at: Instant;
  readonly sequel: Sequel;
}

/** What a reading of the past came by, bounded: the latest are kept. */
export class Chronicle {
  readonly #mostRuns: number;
  readonly #wants: (unit: string) => boolean;
  readonly #runs = new Set<Slot>();
  readonly #last = new Map<string, Slot>();
  readonly #incidents: Incident[] = [];
  /** Restarts by unit and slice of time since 1970. */
  readonly #slices = new Map<string, Map<number, number>>();
  #sliceMs = 1000;
  #slicesKept = 0;
  #runsDropped = 0;

  constructor(mostRuns: number, wants: (unit: string) => boolean = () => true) {
    this.#mostRuns = mostRuns;
    this.#wants = wants;
  }

  get runs(): readonly EndedRun[] {
    return [...this.#runs].map(({ ended }) => ended);
  }

  /** Older ended runs that there was no room for. */
  get runsDropped(): number {
    return this.#runsDropped;
  }

  /** Incidents that closed. */
  get incidents(): readonly Incident[] {
    return this.#incidents;
  }

  add(effects: readonly Effect[], at: Instant): void {
    for (const effect of effects) {
      if (effect.kind === 'incident-closed') this.#addIncident(effect.incident);
      else if (effect.kind === 'run-ended' && this.#wants(effect.unit))
        this.#addRun(effect.unit, effect.run, at);
      else if (effect.kind === 'restarted' && this.#wants(effect.unit)) this.#addRestart(effect, at);
    }
  }

  /** Restarts of a unit in equal slices of a time span, the oldest first. */
  slices(unit: string, fromWallMs: number, untilWallMs: number, count: number): readonly number[] {
    const slices = Array.from({ length: count }, () => 0);
    const widthMs = Math.max(1, untilWallMs - fromWallMs) / count;
    for (const [slice, restarts] of this.#slices.get(unit) ?? []) {
      const middleMs = (slice + 0.5) * this.#sliceMs;
      const index = Math.min(count - 1, Math.max(0, Math.floor((middleMs - fromWallMs) / widthMs)));
      slices[index] = (slices[index] ?? 0) + restarts;
    }
    return slices;
  }

  #addIncident(incident: Incident): void {
    if (!this.#wants(incident.unit)) return;
    this.#incidents.push(incident);
    if (this.#incidents.length > mostIncidents) this.#incidents.shift();
  }

  /** The same run may come again, better known. */
  #addRun(unit: string, run: PastRun, at: Instant): void {
    const last = this.#last.get(unit);
    if (last?.ended.run.exit.invocationId === run.exit.invocationId) {
      last.ended = { ...last.ended, run };
      return;
    }
    const slot: Slot = { ended: { unit, run, at, sequel: 'none' } };
    this.#runs.add(slot);
    this.#last.set(unit, slot);
    const [oldest] = this.#runs;
    if (this.#runs.size <= this.#mostRuns || oldest === undefined) return;
    this.#runs.delete(oldest);
    if (this.#last.get(oldest.ended.unit) === oldest) this.#last.delete(oldest.ended.unit);
    this.#runsDropped += 1;
  }

  #addRestart({ unit, automatic, external }: Extract<Effect, { kind: 'restarted' }>, at: Instant): void {
    const slice = Math.floor(at.wallMs / this.#sliceMs);
    const slices = this.#slicesOf(unit);
    const before = slices.get(slice);
    slices.set(slice, (before ?? 0) + automatic + external);
    if (before === undefined) this.#slicesKept += 1;
    if (this.#slicesKept > mostSlices) this.#coarsen();
    const last = this.#last.get(unit);
    if (last !== undefined) last.ended = { ...last.ended, sequel: automatic > 0 ? 'automatic' : 'external' };
  }

  #slicesOf(unit: string): Map<number, number> {
    const known = this.#slices.get(unit);
    if (known !== undefined) return known;
    const [oldest] = this.#slices;
    if (this.#slices.size >= mostUnits && oldest !== undefined) {
      this.#slices.delete(oldest[0]);
      this.#slicesKept -= oldest[1].size;
    }
    const slices = new Map<number, number>();
    this.#slices.set(unit, slices);
    return slices;
  }

  /** Years of a hundred loops: slices become longer rather than more. */
  #coarsen(): void {
    this.#sliceMs *= 2;
    this.#slicesKept = 0;
    for (const [unit, slices] of this.#slices) {
      const longer = new Map<number, number>();
      for (const [slice, restarts] of slices) {
        const into = Math.floor(slice / 2);
        longer.set(into, (longer.get(into) ?? 0) + restarts);
      }
      this.#slices.set(unit, longer);
      this.#slicesKept += longer.size;
    }
  }
}

/** In the order in which runs ended; what a later effect says of a run takes its place. */
interface Slot {
  ended: EndedRun;
}

/** Some megabytes: a day of a unit that never stops looping is told to the second, a year of fifty to the day. */
const mostSlices = 100_000;
const mostUnits = 10_000;
const mostIncidents = 10_000;
