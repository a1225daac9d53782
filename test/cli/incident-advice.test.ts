import { describe, expect, test } from 'vitest';
import { IncidentAdvice, mostAdvised } from '../../src/cli/incident-advice.ts';
import type { Incident } from '../../src/core/incident.ts';
import { builtInPolicy, type Mode } from '../../src/core/policy.ts';
import { step } from '../../src/core/step.ts';
import type { AdviceView } from '../../src/core/view.ts';
import { BusError } from '../../src/systemd/bus-error.ts';
import { instant, Timeline } from '../support/timeline.ts';

const view: AdviceView = { unit: '', target: '', directives: [], none: 'It is right.', basis: '', notes: [] };
const never = new AbortController().signal;

function looping(count: number, mode: Mode = 'recommend') {
  const { state } = loops(count, mode);
  const asked: string[] = [];
  const incidents = [...state.open].flatMap((unit) => state.units.get(unit)?.incident ?? []);
  const ids = new Set(incidents.map(({ id }) => id));
  const advising = (find: (incident: Incident) => Promise<void>): IncidentAdvice =>
    new IncidentAdvice(state, {
      what: ({ unit }) => unit,
      find: (incident) => {
        asked.push(incident.unit);
        return find(incident);
      },
    });
  const advise = async ({ unit, id }: Incident): Promise<void> => {
    step(state, { kind: 'advice', unit, incident: id, advice: view }, instant(100));
  };
  return { ids, asked, advising, advise };
}

/** Each ends with a status of its own, or they would be one incident. */
function loops(count: number, mode: Mode): Timeline {
  const timeline = new Timeline([{ ...builtInPolicy, mode }]);
  for (let index = 0; index < count; index += 1) {
    const service = timeline.service(`app-${index}.service`);
    const from = index * 30;
    service.start(from);
    for (let death = 1; death <= 5; death += 1) {
      service.die(from + death, { status: index + 1 });
      service.autoRestart(from + death + 0.1);
    }
  }
  return timeline;
}

describe('without a daemon, an open incident', () => {
  test('is advised on once, the newest first', async () => {
    const { ids, asked, advising, advise } = looping(2);
    const advice = advising(advise);
    expect(ids.size).toBe(2);
    expect(await advice.advise(ids, never)).toBe(0);
    expect(await advice.advise(ids, never)).toBe(0);
    expect(asked).toEqual(['app-1.service', 'app-0.service']);
  });

  test('is not where it is not looked at, or its policy only alerts', async () => {
    const other = looping(1);
    expect(await other.advising(other.advise).advise(new Set(['another']), never)).toBe(0);
    const alerted = looping(1, 'alert');
    expect(await alerted.advising(alerted.advise).advise(alerted.ids, never)).toBe(0);
    expect([...other.asked, ...alerted.asked]).toEqual([]);
  });

  test('waits for its turn where there are many, and is counted', async () => {
    const { ids, asked, advising, advise } = looping(mostAdvised + 2);
    const advice = advising(advise);
    expect(await advice.advise(ids, never)).toBe(2);
    expect(asked).toHaveLength(mostAdvised);
    expect(await advice.advise(ids, never)).toBe(0);
  });

  test('holds up nobody who wants to go', async () => {
    const { ids, asked, advising } = looping(3);
    const gone = new AbortController();
    const waiting = advising(() => new Promise(() => {})).advise(ids, gone.signal);
    gone.abort();
    expect(await waiting).toBe(3);
    expect(asked).toHaveLength(1);
  });

  test('goes without where systemd does not answer; a bug stays one', async () => {
    const { ids, advising } = looping(1);
    expect(await advising(() => Promise.reject(new BusError('lost', 'gone'))).advise(ids, never)).toBe(1);
    const broken = advising(() => Promise.reject(new TypeError('a bug')));
    await expect(broken.advise(ids, never)).rejects.toThrow('a bug');
  });
});
