import type { Evidence } from '../evidence/evidence.ts';
import { endpointIn, endpointNear, endpointWords, isLocal } from './endpoint.ts';
import { pathAsk } from './path-ask.ts';
import type { Matcher, Suspicion } from './suspicion.ts';
import { proofOf, told } from './telling-lines.ts';

const refused =
  /\bconnection refused\b|\bECONNREFUSED\b|\bcan't connect to (?:local )?\w+ server\b|\bno route to host\b|\bEHOSTUNREACH\b|\bconnection timed out\b|\bETIMEDOUT\b|\bdial (?:tcp|udp|unix)\b|\bcould not connect to\b|\bfailed to connect to \S{1,253} port \d|\bconnection to server\b.{0,200}\bfailed\b/i;

const unresolved =
  /\bENOTFOUND\b|\bEAI_AGAIN\b|\bcould not resolve host(?:name)?\b|\bcould not translate host name\b|\btemporary failure in name resolution\b|\bname or service not known\b|\bno such host\b|\bUnknownHostException\b|\bname does not resolve\b|\bhost not found in upstream\b|\bunknown host\b/i;

/** The name in such a message, by the words around it. */
const names: readonly RegExp[] = [
  /\blookup ([\w.-]{1,253})(?: on [\w.:[\]]+)?: no such host/i,
  /\b(?:ENOTFOUND|EAI_AGAIN) ([\w.-]{1,253})/,
  /\bcould not resolve host(?:name)?:? ["']?([\w.-]{1,253})/i,
  /\bhost name "([\w.-]{1,253})"/i,
  /\bUnknownHostException: ([\w.-]{1,253})/,
  /\bhost not found in upstream "([\w.-]{1,253})/i,
  /["'(]?([\w-]+(?:\.[\w-]+)*)["')]?(?::\d{1,5})?: (?:temporary failure in name resolution|name or service not known|name does not resolve)/i,
  /\bunknown host:? ["']?([\w.-]{1,253})/i,
];

const socketPath = /(?:unix:\/{0,2}|dial unix |socket ['"`]?|socket file ['"`]?)(\/[^\s:'"`)]{1,200})/i;

export const dependencyDown: Matcher = {
  id: 'dependency-down',
  looksFor: 'the log says that another service refused a connection, or that its name does not resolve',
  match(evidence) {
    return name(evidence) ?? connection(evidence);
  },
};

function name(evidence: Evidence): Suspicion | undefined {
  const found = told(evidence, unresolved);
  if (found === undefined) return undefined;
  const proof = proofOf(evidence, unresolved);
  const host = names.map((pattern) => pattern.exec(found.line.text)?.[1]).find((each) => each !== undefined);
  if (host === undefined)
    return { sentence: 'The name of a host that it needs does not resolve.', proof, state: 'likely' };
  return {
    sentence: `The name ${host} that it needs does not resolve.`,
    proof,
    state: 'likely',
    inquiry: {
      kind: 'host',
      ask: host,
      conclude: ({ resolved, detail }) =>
        resolved
          ? {
              state: 'likely',
              sentence: `The name ${host} that it needs did not resolve; it does now.`,
              seen: [`seen now: ${host} is ${detail}`],
            }
          : {
              state: 'confirmed',
              sentence: `The name ${host} that it needs does not resolve.`,
              seen: [`seen now: ${host}: ${detail}`],
            },
    },
  };
}

function connection(evidence: Evidence): Suspicion | undefined {
  const found = told(evidence, refused);
  if (found === undefined || /\bbind\b|\blisten\b/i.test(found.line.text)) return undefined;
  const proof = proofOf(evidence, refused);
  const isRefused = /refused/i.test(found.line.text);
  const socket = socketPath.exec(found.line.text)?.[1];
  if (socket !== undefined) return unixSocket(socket, proof);
  const endpoint = endpointIn(found.line.text) ?? endpointNear(found.near);
  if (endpoint === undefined)
    return { sentence: 'Another service that it needs could not be reached.', proof, state: 'likely' };
  const { address } = endpoint;
  const whom = endpointWords(endpoint);
  const did = isRefused ? 'refused the connection' : 'could not be reached';
  const sentence = `${whom} that it needs ${did}.`;
  if (!isLocal(address) || address === undefined || evidence.service?.privateNetwork === true) {
    // Nobody but the service itself is to knock on other machines.
    return { sentence, proof, state: 'likely' };
  }
  return {
    sentence,
    proof,
    state: 'likely',
    inquiry: {
      kind: 'listeners',
      ask: endpoint,
      conclude: ({ listeners }) => {
        const there = listeners.find(
          ({ protocol, port }) => protocol === endpoint.protocol && port === endpoint.port,
        );
        if (there === undefined)
          return {
            state: 'confirmed',
            sentence: `${whom} that it needs ${did}: nobody listens there.`,
            seen: [`seen now: nobody listens on ${whom}`],
          };
        return {
          state: 'likely',
          sentence: `${whom} that it needs ${did}; ${there.unit ?? 'somebody'} listens there now.`,
          seen: [`seen now: ${there.unit ?? there.process ?? 'somebody'} listens on ${whom}`],
        };
      },
    },
  };
}

function unixSocket(socket: string, proof: readonly string[]): Suspicion {
  return {
    sentence: `Nobody answers on the socket ${socket} that it needs.`,
    proof,
    state: 'likely',
    inquiry: {
      kind: 'path',
      ask: pathAsk(socket),
      conclude: ({ missing }) =>
        missing === undefined
          ? {
              state: 'likely',
              sentence: `Nobody answered on the socket ${socket} that it needs.`,
              seen: [`seen now: ${socket} exists`],
            }
          : {
              state: 'confirmed',
              sentence: `The socket ${socket} that it needs is not there: the service behind it is down.`,
              seen: [`seen now: ${missing} does not exist`],
            },
    },
  };
}
