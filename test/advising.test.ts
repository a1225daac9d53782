import { describe, expect, test } from 'vitest';
import { advising } from '../src/advising.ts';
import type { Incident } from '../src/core/incident.ts';
import { builtInPolicy, type Mode } from '../src/core/policy.ts';
import type { Manager } from '../src/systemd/manager.ts';
import { instant, Timeline } from './support/timeline.ts';

/** A loop under a policy of this mode, and who would be asked about it. */
function looping(mode: Mode): { timeline: Timeline; incident: Incident } {
  const timeline = new Timeline([{ ...builtInPolicy, mode }]);
  const service = timeline.service('app.service');
  service.start(0);
  service.loop(0, 6, 2);
  const incident = timeline.state.units.get('app.service')?.incident;
  if (incident === undefined) throw new Error('no incident has opened');
  return { timeline, incident };
}

/** How often systemd is asked; it answers nothing. */
async function asked(mode: Mode, change: (incident: Incident) => Incident = (same) => same): Promise<number> {
  const { timeline, incident } = looping(mode);
  let calls = 0;
  const version = (): Promise<string> => {
    calls += 1;
    return Promise.reject(new Error('not here'));
  };
  const look = advising({
    managerKind: 'system',
    manager: () => ({ version }) as unknown as Manager,
    state: () => timeline.state,
    now: () => instant(20),
    onAdvice: () => {
      throw new Error('there is none');
    },
  });
  await look.find(change(incident), new AbortController().signal).catch(() => undefined);
  return calls;
}

describe('a new incident', () => {
  test.each(['recommend', 'apply'] as const)('is advised on where its policy says %s', async (mode) => {
    expect(await asked(mode)).toBe(1);
  });

  test('is not where its policy only alerts', async () => {
    expect(await asked('alert')).toBe(0);
  });

  test('is not where it has closed meanwhile', async () => {
    expect(await asked('recommend', (incident) => ({ ...incident, id: 'another' }))).toBe(0);
  });
});
