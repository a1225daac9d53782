import type { Effect } from './core/effect.ts';
import type { Input } from './core/input.ts';
import type { Instant } from './core/instant.ts';
import type { State } from './core/state.ts';
import { nextWakeMs, step } from './core/step.ts';
import type { Clock } from './kit/clock.ts';

/** Longest sleep while an incident is open: a closing that has moved nearer is noticed this late at most. */
const longestSleepMs = 5000;

/** How often the past of units that are gone is looked through. */
const housekeepingMs = 3_600_000;

/**
 * Drives `step`: gives it inputs and the time, hands its effects on, and wakes it when an incident is due to close.
 * While nothing is open it sets no timer.
 */
export class Engine {
  readonly state: State;
  readonly #clock: Clock;
  readonly #onEffects: (effects: readonly Effect[]) => void;
  #timer: NodeJS.Timeout | undefined;
  /** Nothing was open when the timer was set: an incident that opens meanwhile must not wait for it. */
  #sleepsLong = false;

  constructor(state: State, clock: Clock, onEffects: (effects: readonly Effect[]) => void) {
    this.state = state;
    this.#clock = clock;
    this.#onEffects = onEffects;
  }

  now(): Instant {
    return this.#clock.now();
  }

  take(input: Input): readonly Effect[] {
    const now = this.#clock.now();
    const { effects } = step(this.state, input, now);
    if (effects.length > 0) this.#onEffects(effects);
    if (this.#timer === undefined || (this.#sleepsLong && this.state.open.size > 0)) this.#sleep(now);
    return effects;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #sleep(now: Instant): void {
    clearTimeout(this.#timer);
    this.#sleepsLong = this.state.open.size === 0;
    if (this.#sleepsLong && this.state.unloaded.size === 0) return;
    const wakeMs = nextWakeMs(this.state, now);
    const dueInMs = wakeMs === undefined ? Infinity : Math.max(0, wakeMs - now.monotonicMs);
    const mostMs = this.#sleepsLong ? housekeepingMs : longestSleepMs;
    this.#timer = setTimeout(() => this.#wake(), Math.ceil(Math.min(dueInMs, mostMs)));
    this.#timer.unref();
  }

  #wake(): void {
    this.#timer = undefined;
    this.take({ kind: 'tick' });
  }
}
