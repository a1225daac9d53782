import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { builtInPolicy } from '../../src/core/policy.ts';
import type { Snapshot } from '../../src/core/snapshot.ts';
import { newState, type State } from '../../src/core/state.ts';
import { step } from '../../src/core/step.ts';
import type { ConnectionEvents } from '../../src/systemd/connection.ts';
import { Watcher } from '../../src/systemd/watcher.ts';
import { instant, Timeline } from '../support/timeline.ts';

const unit = 'loop.service';

/** A systemd that has one service, and answers about it when the test says so. */
const systemd = vi.hoisted(() => ({
  events: undefined as ConnectionEvents | undefined,
  state: 'activating',
  answers: [] as ((snapshot: Snapshot) => void)[],
}));

vi.mock('../../src/systemd/connection.ts', () => {
  const manager = {
    version: async () => '257',
    subscribe: async () => {},
    listServices: async () => [
      { unit: 'loop.service', loadState: 'loaded', activeState: systemd.state, subState: '' },
    ],
    snapshot: () => new Promise<Snapshot>((resolve) => systemd.answers.push(resolve)),
    cpuMs: async () => undefined,
    serviceType: async () => 'simple',
    dependencies: async () => ({ requires: [], after: [] }),
  };
  const open = async (_address: string, events: ConnectionEvents) => {
    systemd.events = events;
    return { manager, onLost: () => {}, close: async () => {} };
  };
  return { Connection: { open } };
});

/** Every look at a service that dies and is restarted, again and again: four for each time. */
function looksOfALoop(): readonly Snapshot[] {
  const timeline = new Timeline();
  const service = timeline.service(unit);
  service.start(0);
  service.loop(0, 4, 1);
  return timeline.inputs.flatMap(({ input }) => (input.kind === 'snapshot' ? [input.snapshot] : []));
}

/** The look before the counter rises: the unit waits for its restart, and has restarted `times` times. */
function waitingAfter(looks: readonly Snapshot[], times: number): number {
  return looks.findIndex(
    ({ subState, jobId, nRestarts }) => subState === 'auto-restart' && jobId === 0 && nRestarts === times,
  );
}

describe('a watcher that compares everything while a service loops', () => {
  const looks = looksOfALoop();
  let state: State;
  let watcher: Watcher;

  const signal = (from: number, to: number): void => {
    for (const snapshot of looks.slice(from, to))
      systemd.events?.onInput({ kind: 'snapshot', origin: 'signal', snapshot });
  };
  const answer = async (index: number): Promise<void> => {
    const snapshot = looks[index];
    if (snapshot === undefined) throw new Error(`there is no look ${index}`);
    systemd.answers.shift()?.(snapshot);
    await setImmediate();
  };
  const asked = () => vi.waitFor(() => expect(systemd.answers).toHaveLength(1));

  beforeEach(async () => {
    systemd.answers.length = 0;
    state = newState([builtInPolicy]);
    let seconds = 0;
    const ignore = (): void => {};
    watcher = new Watcher('unix:path=/nowhere', {
      onInput: (input) => step(state, input, instant((seconds += 0.01))).effects,
      onConnected: ignore,
      onDisconnected: ignore,
      onSynced: ignore,
    });
    const started = watcher.start();
    await asked();
    await answer(0);
    await started;
  });

  test('counts no restart twice where signals overtake the answer', async () => {
    const rises = waitingAfter(looks, 1) + 1;
    signal(1, rises);
    systemd.events?.onStale('test');
    await asked();
    signal(rises, rises + 1);
    await answer(rises - 1);
    signal(rises + 1, looks.length);
    expect(state.units.get(unit)).toMatchObject({ automatic: 4, external: 0, inferred: 0 });
    await watcher.stop();
  });

  test('takes no answer for a restart from outside where the next run was seen to start before it', async () => {
    const waits = waitingAfter(looks, 1);
    const runs = looks.findIndex(({ subState, nRestarts }) => subState === 'running' && nRestarts === 2);
    signal(1, waits + 1);
    systemd.events?.onStale('test');
    await asked();
    signal(waits + 1, runs + 1);
    await answer(waits);
    signal(runs + 1, looks.length);
    expect(state.units.get(unit)).toMatchObject({ automatic: 4, external: 0, inferred: 0 });
    await watcher.stop();
  });

  test('reads off the answer what no signal told', async () => {
    const last = looks.length - 1;
    systemd.events?.onStale('test');
    await asked();
    await answer(last);
    expect(state.units.get(unit)).toMatchObject({ automatic: 4, external: 0, inferred: 4 });
    await watcher.stop();
  });
});
