import type { Evidence } from '../evidence/evidence.ts';
import type { Conclusion, Endpoint, Listener, Listeners } from '../evidence/inquiry.ts';
import { endpointIn, endpointNear, endpointWords, isWildcard } from './endpoint.ts';
import type { Matcher } from './suspicion.ts';
import { proofOf, told } from './telling-lines.ts';

const pattern =
  /\baddress (?:is )?already in use\b|\bEADDRINUSE\b|\bconnection in use: \(|\bport \d{1,5}\b.{0,40}\balready (?:in use|being used|allocated)\b/i;

/** A port in the command line, where neither the log nor a socket unit names one. */
const portOption = /(?:^|\s)(?:--(?:[a-z]+-)?port[= ]|-p\s?)(\d{1,5})(?=\s|$)/;

export const addressInUse: Matcher = {
  id: 'address-in-use',
  looksFor: 'the log says that an address is already in use',
  match(evidence) {
    const found = told(evidence, pattern);
    if (found === undefined) return undefined;
    const proof = proofOf(evidence, pattern);
    const socket = /(?:unix[:/ ]|socket )\S*?(\/[^\s:'",)]+\.(?:sock|socket|s\.[^\s:'",)]+))/i.exec(
      found.line.text,
    )?.[1];
    const endpoint = endpointNear(found.near) ?? configuredEndpoint(evidence);
    if (endpoint === undefined) {
      const what = socket === undefined ? 'An address' : `The socket ${socket}`;
      return { sentence: `${what} that it wants to listen on is already in use.`, proof, state: 'likely' };
    }
    const sentence = `${endpointWords(endpoint)} is already in use.`;
    // Its own network can't be looked into from outside.
    if (evidence.service?.privateNetwork === true) return { sentence, proof, state: 'likely' };
    return {
      sentence,
      proof,
      state: 'likely',
      inquiry: {
        kind: 'listeners',
        ask: endpoint,
        conclude: (listeners) => conclude(evidence, endpoint, listeners),
      },
    };
  },
};

/** What its socket units or its command line say that it listens on. */
function configuredEndpoint({ service }: Evidence): Endpoint | undefined {
  const [only, ...others] = (service?.sockets ?? []).flatMap((text) => endpointIn(text) ?? []);
  if (only !== undefined && others.length === 0) return only;
  const command = service?.commands.find(({ setting }) => setting === 'ExecStart')?.argv.join(' ') ?? '';
  const port = portOption.exec(command)?.[1];
  return port === undefined ? undefined : { protocol: 'tcp', address: undefined, port: Number(port) };
}

function conclude({ unit, alike }: Evidence, endpoint: Endpoint, { listeners }: Listeners): Conclusion {
  const words = endpointWords(endpoint);
  const holders = listeners.filter((listener) => conflicts(endpoint, listener));
  const seen = holders.slice(0, 2).map(holderLine);
  const other = holders.find((holder) => holder.unit !== unit);
  if (other !== undefined) {
    const who = holderWords(other);
    return other.unit === undefined && other.pid === undefined
      ? {
          state: 'confirmed',
          sentence: `${words} is already in use, by ${who}.`,
          seen,
        }
      : {
          state: 'confirmed',
          sentence: `${words} is already in use: ${who} listens on it${sinceWords(other)}.`,
          seen,
        };
  }
  const [own] = holders;
  if (own !== undefined) {
    const sentence = `${words} is already in use by ${unit} itself: its ${processWords(own)} listens on it${sinceWords(own)}.`;
    return { state: 'confirmed', sentence, seen };
  }
  const nobody = `no other process listens on ${words}`;
  // Once may be bad luck: the holder has gone. Again and again, with nobody there, it is the service against itself.
  return alike >= 2
    ? {
        state: 'confirmed',
        sentence: `The conflict over ${words} is within ${unit} itself: nobody else listens on it, so its own configuration listens twice.`,
        seen: [`seen now: ${nobody}`],
      }
    : {
        state: 'likely',
        sentence: `${words} was in use, but nobody listens on it now: what held it has gone, or ${unit} listens on it twice.`,
        seen: [`seen now: ${nobody}`],
      };
}

/** A wildcard takes the port from every address, and the other way round. */
function conflicts(wanted: Endpoint, held: Listener): boolean {
  if (held.protocol !== wanted.protocol || held.port !== wanted.port) return false;
  const { address } = wanted;
  if (address === undefined || isWildcard(held.address) || address === 'localhost') return true;
  return address === held.address || !/^[\d.:a-f]+$/i.test(address);
}

function holderLine(listener: Listener): string {
  return `seen now: ${endpointWords(listener)} is held by ${holderWords(listener)}${sinceWords(listener)}`;
}

function holderWords({ pid, process, unit, unseen }: Listener): string {
  const who = pid === undefined ? undefined : `${process ?? 'a process'} (PID ${pid})`;
  if (unit === undefined) return who ?? unseenWords[unseen ?? 'rights'];
  return who === undefined ? unit : `${who} of ${unit}`;
}

const unseenWords: Readonly<Record<NonNullable<Listener['unseen']>, string>> = {
  rights: 'a process that this user may not see',
  gone: 'processes that come and go before they can be named',
  // NFS and its kin, or whoever shares this network from a process namespace outside.
  'no-process': 'no process that is seen here: the kernel itself, or a container',
};

function processWords({ pid, process }: Listener): string {
  return pid === undefined ? 'own process' : `${process ?? 'process'} (PID ${pid})`;
}

function sinceWords({ since }: Listener): string {
  return since === undefined ? '' : ` since ${since}`;
}
