import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { Limit } from '../kit/limit.ts';

/**
 * getaddrinfo(3) holds one of the process's four threads until it is done, half a minute where no name server answers.
 * Reading a file needs one too: two are left for it.
 */
const width = 2;

export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** Looks up a name once for all who ask meanwhile, so that a sink that no longer waits leaves no second one behind. */
export function sparingLookup(resolve: Resolve): LookupFunction {
  const limit = new Limit(width);
  const running = new Map<string, Promise<readonly LookupAddress[]>>();
  const shared = callbackify((hostname: string) => {
    const found =
      running.get(hostname) ?? limit.run(() => resolve(hostname)).finally(() => running.delete(hostname));
    running.set(hostname, found);
    return found;
  });
  return (hostname, options, callback) =>
    shared(hostname, (error: Error | null, addresses) => {
      if (error !== null) return callback(error, '');
      const [first] = addresses;
      if (first === undefined) callback(new Error('the name has no address'), '');
      else if (options.all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    });
}

export const lookup = sparingLookup((hostname) => systemLookup(hostname, { all: true }));
