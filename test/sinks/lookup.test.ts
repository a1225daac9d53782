import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { sparingLookup } from '../../src/sinks/lookup.ts';

/** A name service whose answers come when they are let. */
function slowNames(): {
  asked: string[];
  answer: (hostname: string) => void;
  lookup: ReturnType<typeof sparingLookup>;
} {
  const asked: string[] = [];
  const waiting = new Map<string, (addresses: readonly LookupAddress[]) => void>();
  const lookup = sparingLookup((hostname) => {
    asked.push(hostname);
    return new Promise((resolve) => waiting.set(hostname, resolve));
  });
  return {
    asked,
    lookup,
    answer: (hostname) => waiting.get(hostname)?.([{ address: '192.0.2.1', family: 4 }]),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('two names at a time, and each once for all who ask', async () => {
  const { asked, answer, lookup } = slowNames();
  const heard: unknown[] = [];
  const ask = (hostname: string, all: boolean): void =>
    lookup(
      hostname,
      { all },
      (error, address, family) => void heard.push([hostname, error, address, family]),
    );
  ask('a', true);
  ask('a', false);
  ask('b', true);
  ask('c', true);
  await turn();
  expect(asked).toEqual(['a', 'b']);
  answer('a');
  await turn();
  expect(asked).toEqual(['a', 'b', 'c']);
  expect(heard).toEqual([
    ['a', null, [{ address: '192.0.2.1', family: 4 }], undefined],
    ['a', null, '192.0.2.1', 4],
  ]);
  ask('a', false);
  answer('b');
  await turn();
  expect(asked).toEqual(['a', 'b', 'c', 'a']);
});

test('a name that is not known is an error for each who asked', async () => {
  const lookup = sparingLookup(() => Promise.reject(new Error('unknown')));
  const heard: unknown[] = [];
  lookup('a', {}, (error) => heard.push(error?.message));
  lookup('a', {}, (error) => heard.push(error?.message));
  await turn();
  expect(heard).toEqual(['unknown', 'unknown']);
});
