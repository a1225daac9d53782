import { vi } from 'vitest';
import type { Asked } from '../../src/apply-client.ts';
import type { Advice } from '../../src/core/advice/advice.ts';
import type { ApplyRequest } from '../../src/core/remedy/apply-request.ts';
import type { DropIn } from '../../src/core/remedy/drop-in.ts';
import { builtInPolicy, type Policy } from '../../src/core/policy.ts';
import type { RestartSettings } from '../../src/core/systemd/restart-settings.ts';
import type { Log } from '../../src/kit/log.ts';
import { Remedying, type RemedyingDeps } from '../../src/remedying.ts';
import type { ListedDropIn } from '../../src/systemd/drop-in-files.ts';
import { instant, Timeline } from './timeline.ts';

const applying: Policy = { ...builtInPolicy, name: 'mine', match: ['*'], mode: 'apply' };
const directives = [{ name: 'RestartPreventExitStatus', exits: { statuses: [1], signals: [] } }] as const;

/** flapd and what runs as root, which answers as `answer` says; time goes on by a second with each tick. */
export class Stage {
  readonly timeline: Timeline;
  readonly asked: ApplyRequest[] = [];
  readonly said: string[] = [];
  readonly onDisk = new Map<string, DropIn>();
  readonly remedying: Remedying;
  answer: (request: ApplyRequest) => Asked = (request) => this.carryOut(request);
  seconds = 100;
  /** Units whose file somebody has changed. */
  readonly edited = new Set<string>();
  settings: RestartSettings | undefined;
  /** By unit, what is not in force of its remedy. */
  readonly overridden = new Map<string, string>();
  isOn = true;
  reloading = false;
  changedWallMs: number | undefined;

  constructor(policies: readonly Policy[] = [applying]) {
    this.timeline = new Timeline(policies);
    const say = (_: object, sentence: string): void => void this.said.push(sentence);
    const log: Log = { debug: say, info: say, warn: say, error: say };
    const deps: RemedyingDeps = {
      state: this.timeline.state,
      now: () => instant(this.seconds),
      take: (remedy, told) => this.timeline.take(this.seconds, { kind: 'remedy', remedy, ...told }),
      connected: () => true,
      reloading: () => this.reloading,
      advise: async (unit) => adviceOn(unit),
      ask: async (request) => {
        this.asked.push(request);
        return this.answer(request);
      },
      files: {
        list: () =>
          [...this.onDisk.values()].map((dropIn): ListedDropIn => ({
            unit: dropIn.unit,
            lifetime: 'runtime',
            found: this.edited.has(dropIn.unit)
              ? { kind: 'not-ours', reason: `${pathOf(dropIn.unit)} was edited since flapd wrote it` }
              : { kind: 'ours', dropIn },
          })),
        pathOf: (unit) => pathOf(unit),
      },
      readBack: async ({ unit }) => ({ difference: this.overridden.get(unit), settings: this.settings }),
      changedWallMs: async () => this.changedWallMs,
      isOn: () => this.isOn,
      log,
    };
    this.remedying = new Remedying(deps);
  }

  carryOut(request: ApplyRequest): Asked {
    if (request.verb === 'recover') return { ok: true, answer: { outcomes: [] } };
    if (request.verb === 'revert') {
      for (const unit of request.units) this.onDisk.delete(unit);
      return { ok: true, answer: { outcomes: request.units.map((unit) => ({ unit, outcome: 'reverted' })) } };
    }
    const { unit, why, incident } = request;
    this.onDisk.set(unit, dropInOf(unit, { why, incident, writtenAtWallMs: instant(this.seconds).wallMs }));
    return { ok: true, answer: { outcomes: [{ unit, outcome: 'applied', dropIn: pathOf(unit) }] } };
  }

  /** Five deaths within a minute before the hundredth second. */
  loop(unit: string, at = 40): void {
    const service = this.timeline.service(unit);
    service.start(at);
    for (let crash = 1; crash <= 5; crash += 1) {
      service.die(at + crash * 8);
      service.autoRestart(at + crash * 8 + 0.1);
    }
  }

  crashOn(unit: string, times: number): void {
    const service = this.timeline.service(unit);
    for (let crash = 1; crash <= times; crash += 1) {
      service.die(this.seconds + 0.1 * crash);
      service.autoRestart(this.seconds + 0.1 * crash);
    }
  }

  /** Events of incidents that sinks are told. */
  get told(): readonly string[] {
    return this.timeline.told.map((line) => line.split(' ')[1] ?? '');
  }

  rest(unit: string): void {
    this.timeline.service(unit).die(this.seconds, {}, false);
  }

  async pass(seconds: number): Promise<void> {
    for (let each = 0; each < seconds; each += 1) {
      this.seconds += 1;
      await vi.advanceTimersByTimeAsync(1000);
    }
  }

  get verbs(): readonly string[] {
    return this.asked.map((request) =>
      request.verb === 'apply'
        ? `apply ${request.unit}`
        : request.verb === 'revert'
          ? `revert ${request.units.join(' ')}`
          : 'recover',
    );
  }

  outcomeOf(unit: string): string | undefined {
    return this.timeline.state.units.get(unit)?.remedy?.outcome;
  }
}

export function pathOf(unit: string): string {
  return `/run/systemd/system/${unit}.d/90-flapd.conf`;
}

export function dropInOf(unit: string, change: Partial<DropIn> = {}): DropIn {
  return {
    unit,
    directives,
    why: '5 restarts',
    incident: undefined,
    by: 'daemon',
    writtenAtWallMs: instant(0).wallMs,
    untilWallMs: undefined,
    version: '0.1.0',
    ...change,
  };
}

function adviceOn(unit: string): Advice {
  const advised = directives.map((directive) => ({ directive, reason: 'It always dies alike.' }));
  return {
    unit,
    target: unit,
    advised,
    none: undefined,
    basis: '',
    notes: [],
    files: [],
    before: undefined,
    after: undefined,
    counterfactual: undefined,
    usualRun: undefined,
  };
}
