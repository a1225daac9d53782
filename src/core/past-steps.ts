import type { Effect } from './effect.ts';
import type { Input } from './input.ts';
import { instantAt, type Instant } from './instant.ts';
import type { State } from './state.ts';
import { dueMs } from './settle.ts';
import { nextWakeMs, step } from './step.ts';

/** `step` over a past, which has no timers: what was due before an input happens first. */
export class PastSteps {
  readonly #state: State;
  /**
   * No incident is due to close before. Asking all of fifty open ones at each of a million inputs would be most of the work
   * (3 of 5 µs), and only what an input changed can be due earlier than was known.
   */
  #notBeforeMs = -Infinity;

  constructor(state: State) {
    this.#state = state;
  }

  take(input: Input, at: Instant): readonly Effect[] {
    const due = this.#due(at);
    const { effects } = step(this.#state, input, at);
    this.#look(input, at);
    return due.length === 0 ? effects : [...due, ...effects];
  }

  #due(at: Instant): readonly Effect[] {
    const effects: Effect[] = [];
    while (this.#notBeforeMs < at.monotonicMs) {
      this.#notBeforeMs = nextWakeMs(this.#state, at) ?? Infinity;
      if (this.#notBeforeMs >= at.monotonicMs) break;
      effects.push(...step(this.#state, { kind: 'tick' }, instantAt(this.#notBeforeMs, at)).effects);
      this.#notBeforeMs = -Infinity;
    }
    return effects;
  }

  #look(input: Input, at: Instant): void {
    const unit = input.kind === 'snapshot' ? input.snapshot.unit : 'unit' in input ? input.unit : undefined;
    const record = unit === undefined ? undefined : this.#state.units.get(unit);
    if (unit === undefined) this.#notBeforeMs = -Infinity;
    else if (record?.incident !== undefined) {
      this.#notBeforeMs = Math.min(this.#notBeforeMs, dueMs(this.#state, record, at) ?? Infinity);
    }
  }
}
