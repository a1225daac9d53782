import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Incident } from '../src/core/incident.ts';
import type { Log } from '../src/kit/log.ts';
import { type Look, LookingInto } from '../src/looking-into.ts';
import { BusError } from '../src/systemd/bus-error.ts';
import { Timeline } from './support/timeline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const logged: string[] = [];
const note = (_: object, sentence: string): void => void logged.push(sentence);
const log: Log = { debug: note, info: note, warn: note, error: note };

function incidentOfLoop(): Incident {
  const timeline = new Timeline();
  const service = timeline.service('app.service');
  service.start(0);
  service.loop(0, 6, 2);
  const incident = timeline.state.units.get('app.service')?.incident;
  if (incident === undefined) throw new Error('no incident has opened');
  return incident;
}

const incident = incidentOfLoop();
const look = (find: Look['find']): Look => ({ what: ({ unit }) => `the cause of ${unit}`, find });

function lookingInto(...finds: readonly Look['find'][]): { into: LookingInto; done: string[] } {
  const done: string[] = [];
  const into = new LookingInto({ looks: finds.map(look), log, onDone: ({ id }) => void done.push(id) });
  return { into, done };
}

test('is done when all looks are', async () => {
  const found: string[] = [];
  const { into, done } = lookingInto(
    async () => void found.push('cause'),
    async () => void found.push('advice'),
  );
  expect(into.start(incident)).toBe(true);
  // The news goes out first.
  expect(found).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect({ found, done }).toEqual({ found: ['cause', 'advice'], done: [incident.id] });
});

test('is done after two seconds where a look is not', async () => {
  const { into, done } = lookingInto(() => new Promise(() => {}));
  into.start(incident);
  await vi.advanceTimersByTimeAsync(1990);
  expect(done).toEqual([]);
  await vi.advanceTimersByTimeAsync(20);
  expect(done).toEqual([incident.id]);
});

test('is done where a look fails, and says so', async () => {
  const { into, done } = lookingInto(() => Promise.reject(new Error('no')));
  into.start(incident);
  await vi.advanceTimersByTimeAsync(1);
  expect(done).toEqual([incident.id]);
  expect(logged).toContain('Looking for the cause of app.service failed; watching goes on.');
});

test('looks once more where systemd did not answer, and makes no fuss where it does not again', async () => {
  let asked = 0;
  const levels: string[] = [];
  const noting = (level: string) => (): void => void levels.push(level);
  const into = new LookingInto({
    looks: [
      look(() => {
        asked += 1;
        return Promise.reject(new BusError('error-reply', 'it re-executes'));
      }),
    ],
    log: { debug: noting('debug'), info: noting('info'), warn: noting('warn'), error: noting('error') },
    onDone: () => {},
  });
  into.start(incident);
  await vi.advanceTimersByTimeAsync(1000);
  expect({ asked, levels }).toEqual({ asked: 2, levels: ['debug'] });
});

test('takes two at a time, and of a crowd no more than has room', async () => {
  let running = 0;
  const { into } = lookingInto(() => {
    running += 1;
    return new Promise(() => {});
  });
  const started = Array.from({ length: 30 }, () => into.start(incident));
  await vi.advanceTimersByTimeAsync(1);
  expect(running).toBe(2);
  expect(started.filter(Boolean)).toHaveLength(22);
});

test('looks at nothing more once it is closed', async () => {
  let looked = false;
  const { into } = lookingInto(async () => void (looked = true));
  into.start(incident);
  into.close();
  await vi.advanceTimersByTimeAsync(1);
  expect(looked).toBe(false);
  expect(into.start(incident)).toBe(false);
});
