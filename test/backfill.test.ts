import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backfill } from '../src/backfill.ts';
import { builtInPolicy } from '../src/core/policy.ts';
import { newState } from '../src/core/state.ts';

const now = { wallMs: Date.now(), monotonicMs: 10 * 3_600_000 };
const search = process.env['PATH'];
let folder = '';

const ids = {
  started: '39f53479d3a045ac8e11786248231fbf',
  failed: 'd9b373ed55a64feb8242e02dbe79a49c',
  scheduled: '5eb03494b6584870a536b337290809b3',
};

/** What PID 1 says of a service that has died each half minute, from so many minutes ago until so many. */
function loop(bootId: string, fromMinutes: number, toMinutes: number): string {
  const lines: string[] = [];
  const say = (agoMs: number, fields: object): void => {
    const usec = (ms: number): string => String(Math.round((ms - agoMs) * 1000));
    const times = {
      __REALTIME_TIMESTAMP: usec(now.wallMs),
      __MONOTONIC_TIMESTAMP: usec(now.monotonicMs),
    };
    const of = { _PID: '1', _BOOT_ID: bootId, _MACHINE_ID: 'm', UNIT: 'loop.service' };
    lines.push(JSON.stringify({ ...times, ...of, ...fields }));
  };
  for (let half = fromMinutes * 2; half > toMinutes * 2; half -= 1) {
    const agoMs = half * 30_000;
    const run = { INVOCATION_ID: String(half) };
    say(agoMs, { ...run, MESSAGE_ID: ids.started });
    say(agoMs - 29_000, { ...run, MESSAGE_ID: ids.failed, UNIT_RESULT: 'exit-code' });
    say(agoMs - 29_900, { ...run, MESSAGE_ID: ids.scheduled, N_RESTARTS: String(1000 - half) });
  }
  return `${lines.join('\n')}\n`;
}

/** A `journalctl` that is slow unless it is asked for the last hour alone. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flapd-backfill-'));
  const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim().replaceAll('-', '');
  await writeFile(path.join(folder, 'old'), loop(bootId, 240, 180));
  await writeFile(path.join(folder, 'recent'), loop(bootId, 59, 0));
  const script = `#!/bin/sh
for each; do case $each in --since=@*) since=\${each#*@};; esac; done
[ $(($(date +%s) - since)) -gt 7200 ] && { cat ${folder}/old; exec sleep 60; }
[ -e ${folder}/slow ] && exec sleep 60
cat ${folder}/recent
`;
  await writeFile(path.join(folder, 'journalctl'), script, { mode: 0o755 });
  process.env['PATH'] = `${folder}:${search}`;
});
afterAll(async () => {
  process.env['PATH'] = search;
  await rm(folder, { recursive: true });
});

async function start() {
  const state = newState([builtInPolicy]);
  const { warning, effects } = await backfill({
    state,
    clock: { now: () => now },
    manager: 'system',
    backfillMs: 24 * 3_600_000,
    saved: undefined,
    bootId: 'any',
    dependenciesOf: () => Promise.resolve(undefined),
    mostMs: 1000,
  });
  return { state, warning, told: effects.map(({ kind }) => kind) };
}

test('where the journal takes too long its last hour counts, and what loops still is one incident', async () => {
  const { state, warning, told } = await start();
  expect(warning).toBe('Reading the journal took too long, so only its last hour counts.');
  expect(state.closed).toEqual([]);
  expect(state.units.get('loop.service')).toMatchObject({ automatic: 118, inferred: 0 });
  expect(told).toEqual(['incident-opened']);
});

test('where that takes too long as well nothing is made of the part that was read', async () => {
  await writeFile(path.join(folder, 'slow'), '');
  const { state, warning, told } = await start();
  expect(warning).toBe('Reading the journal took too long.');
  expect([state.units.size, state.closed, told]).toEqual([0, [], []]);
});
