import type { Effect } from '../../src/core/effect.ts';
import type { Input } from '../../src/core/input.ts';
import type { Instant } from '../../src/core/instant.ts';
import { PastSteps } from '../../src/core/past-steps.ts';
import { builtInPolicy, type Policy } from '../../src/core/policy.ts';
import { blankSnapshot, type Snapshot } from '../../src/core/snapshot.ts';
import { newState, type State } from '../../src/core/state.ts';

/** Wall and monotonic clock of every timeline: noon, a day after boot. */
const startWallMs = Date.UTC(2026, 0, 2, 12);
const startMonotonicMs = 86_400_000;

export function instant(seconds: number): Instant {
  return { monotonicMs: startMonotonicMs + seconds * 1000, wallMs: startWallMs + seconds * 1000 };
}

export const secondsOf = (at: Instant): number => Math.round(at.monotonicMs - startMonotonicMs) / 1000;

/**
 * A service on a virtual clock: says what PID 1 would say at a moment, and lets flapd see it. Times are seconds from the
 * start of the timeline.
 */
export class Timeline {
  readonly state: State;
  readonly #steps: PastSteps;
  readonly effects: { readonly at: number; readonly effect: Effect }[] = [];
  readonly inputs: { readonly at: Instant; readonly input: Input }[] = [];
  readonly #services = new Map<string, TimelineService>();

  constructor(policies: readonly Policy[] = [builtInPolicy]) {
    this.state = newState(policies);
    this.#steps = new PastSteps(this.state);
  }

  take(at: number, input: Input): void {
    this.inputs.push({ at: instant(at), input });
    for (const effect of this.#steps.take(input, instant(at))) this.effects.push({ at, effect });
  }

  tick(at: number): void {
    this.take(at, { kind: 'tick' });
  }

  service(unit: string): TimelineService {
    const known = this.#services.get(unit) ?? new TimelineService(this, unit);
    this.#services.set(unit, known);
    return known;
  }

  /** What happened to incidents, as "12 opened loop.service"; reminders are left out. */
  get incidents(): readonly string[] {
    return this.effects.flatMap(({ at, effect }) => {
      if (effect.kind === 'incident-closed') {
        return `${secondsOf(effect.incident.closed?.at ?? instant(at))} closed ${effect.incident.unit} ${effect.incident.closed?.reason}`;
      }
      if (!('incident' in effect) || effect.kind === 'incident-reminder') return [];
      const event = effect.kind.slice('incident-'.length);
      const detail =
        effect.kind === 'incident-grouped'
          ? ` with ${effect.leader.unit}`
          : effect.kind === 'incident-worsened' && effect.why === 'faster'
            ? ' faster'
            : '';
      return `${secondsOf(instant(at))} ${event} ${effect.incident.unit}${detail}`;
    });
  }

  /** The same, but only what somebody beside the log is told. */
  get told(): readonly string[] {
    return this.effects.flatMap(({ at, effect }) =>
      'to' in effect && effect.to.length > 0
        ? `${secondsOf(instant(at))} ${effect.kind.slice('incident-'.length)} ${effect.incident.unit}`
        : [],
    );
  }

  /** What the unit's settings say that it builds on. */
  dependsOn(at: number, unit: string, requires: readonly string[], after: readonly string[] = []): void {
    this.take(at, { kind: 'dependencies', unit, dependencies: { requires, after } });
  }
}

export interface Death {
  readonly code?: number;
  readonly status?: number;
  readonly result?: string;
}

/** One service of a timeline. Each method is one look, with the states as systemd 257 shows them. */
export class TimelineService {
  readonly #timeline: Timeline;
  #snapshot: Snapshot;
  #runs = 0;
  #pid = 100;

  constructor(timeline: Timeline, unit: string) {
    this.#timeline = timeline;
    this.#snapshot = blankSnapshot(unit);
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  show(at: number, change: Partial<Snapshot>, origin: 'signal' | 'resync' = 'signal'): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    this.#timeline.take(at, { kind: 'snapshot', origin, snapshot: this.#snapshot });
  }

  /** A new run reaches `active`. */
  start(at: number, change: Partial<Snapshot> = {}): void {
    this.#runs += 1;
    this.#pid += 1;
    const begun = {
      invocationId: `${this.#snapshot.unit}#${this.#runs}`,
      result: 'success',
      jobId: 7,
      mainPid: this.#pid,
      execMainPid: this.#pid,
      execMainCode: 0,
      execMainStatus: 0,
      execMainStartMs: instant(at).monotonicMs,
      execMainExitMs: 0,
      ...change,
    };
    this.show(at, begun);
    this.show(at, { activeState: 'active', subState: 'running', jobId: 0 });
  }

  /** The main process ends; the unit rests, or waits where `waits`. */
  die(at: number, { code = 1, status = 1, result = 'exit-code' }: Death = {}, waits = true): void {
    const ended = {
      mainPid: 0,
      execMainCode: code,
      execMainStatus: status,
      execMainExitMs: instant(at).monotonicMs,
      inactiveEnterMs: instant(at).monotonicMs,
      result,
    };
    const failed = result === 'success' ? 'inactive' : 'failed';
    const word = failed === 'failed' ? 'failed' : 'dead';
    this.show(at, { ...ended, activeState: failed, subState: waits ? `${word}-before-auto-restart` : word });
    if (waits) this.show(at, { activeState: 'activating', subState: 'auto-restart' });
  }

  /** RestartSec is over: PID 1 queues the restart and starts the unit again. */
  autoRestart(at: number): void {
    this.queueRestart(at);
    this.start(at);
  }

  queueRestart(at: number): void {
    this.show(at, { jobId: 7, nRestarts: this.#snapshot.nRestarts + 1 });
    this.show(at, { subState: 'auto-restart-queued' });
  }

  /** The queued restart is refused at the start limit. */
  refuse(at: number): void {
    this.show(at, { activeState: 'failed', subState: 'failed' });
    this.show(at, { jobId: 0 });
  }

  /** `systemctl stop`. */
  stop(at: number): void {
    this.show(at, { activeState: 'deactivating', subState: 'stop-sigterm', jobId: 8 });
    this.show(at, {
      activeState: 'inactive',
      subState: 'dead',
      mainPid: 0,
      execMainCode: 2,
      execMainStatus: 15,
      execMainExitMs: instant(at).monotonicMs,
      inactiveEnterMs: instant(at).monotonicMs,
    });
    this.show(at, { jobId: 0 });
  }

  /** `systemctl restart` of a unit that runs. */
  restart(at: number): void {
    this.stop(at);
    this.start(at, { nRestarts: 0 });
  }

  /** Runs for `upSeconds`, dies, restarts after `delaySeconds`; `cycles` times. Answers when the last restart was. */
  loop(from: number, cycles: number, upSeconds: number, delaySeconds = 0.1, death: Death = {}): number {
    let at = from;
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      this.die(at + upSeconds, death);
      at += upSeconds + delaySeconds;
      this.autoRestart(at);
    }
    return at;
  }
}
