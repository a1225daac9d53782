import { coerceError } from '../kit/errors.ts';

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was cut off',
  EPIPE: 'the connection was cut off',
  EHOSTUNREACH: 'the host is not reachable',
  ENETUNREACH: 'the network is not reachable',
  ENETDOWN: 'the network is down',
  ETIMEDOUT: 'the host does not answer',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name service does not answer',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody this host trusts',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody this host trusts',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by nobody this host trusts',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

/** Why a connection failed, in a clause. Both protocols of a host may have been tried: the last one speaks for all. */
export function networkFault(thrown: unknown): string {
  const error = coerceError(thrown);
  const last: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
  const code = last instanceof Error && 'code' in last ? String(last.code) : '';
  const cut = error.message === 'socket hang up' ? 'it hung up without an answer' : undefined;
  return cut ?? sentences[code] ?? coerceError(last).message;
}
