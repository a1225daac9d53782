import { isIPv4, isIPv6 } from 'node:net';

/** Where HTTP is served. */
export type Listen =
  | { readonly kind: 'off' }
  /** `host` without brackets; port 0 lets the kernel choose. */
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export type ListenResult =
  | { readonly ok: true; readonly listen: Listen }
  /** `found` says what is wrong with the text: `no port`. */
  | { readonly ok: false; readonly found: string };

export const defaultListen: Listen = { kind: 'tcp', host: '127.0.0.1', port: 9843 };

/** sun_path of unix(7) holds 108 bytes with its closing NUL. */
const maxSocketPathBytes = 107;

/** `HOST:PORT`, `[IPV6]:PORT`, `unix:/PATH` or `off`. */
export function parseListen(text: string): ListenResult {
  if (text === 'off') return { ok: true, listen: { kind: 'off' } };
  if (text.startsWith('unix:')) return parseSocketPath(text.slice('unix:'.length));
  const { address, name, port } =
    /^(?:\[(?<address>[^\]]*)\]|(?<name>[^[\]]*)):(?<port>[^:\]]*)$/.exec(text)?.groups ?? {};
  if (port === undefined) return { ok: false, found: 'no port' };
  if (name?.includes(':')) return { ok: false, found: 'an IPv6 address without its brackets' };
  const host = address ?? name ?? '';
  if (host === '') return { ok: false, found: 'no host (0.0.0.0 or [::] is every address)' };
  if (address === undefined ? !isHostName(host) : !isIPv6(host)) {
    return { ok: false, found: `"${host}" is no ${address === undefined ? 'host' : 'IPv6 address'}` };
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return { ok: false, found: `"${port}" is no port` };
  return { ok: true, listen: { kind: 'tcp', host, port: Number(port) } };
}

function parseSocketPath(path: string): ListenResult {
  if (!path.startsWith('/')) return { ok: false, found: 'a path that does not start with /' };
  if (path.endsWith('/')) return { ok: false, found: 'a directory, no socket' };
  if (path.includes('\0')) return { ok: false, found: 'a path with a NUL' };
  if (Buffer.byteLength(path) > maxSocketPathBytes) {
    return { ok: false, found: `a path longer than ${maxSocketPathBytes} bytes` };
  }
  return { ok: true, listen: { kind: 'unix', path } };
}

/** All digits and dots is an IPv4 address or a mistake. */
function isHostName(host: string): boolean {
  if (/^[\d.]+$/.test(host)) return isIPv4(host);
  return (
    host.length <= 253 && /^[a-z\d_]([a-z\d_-]*[a-z\d_])?(\.[a-z\d_]([a-z\d_-]*[a-z\d_])?)*\.?$/i.test(host)
  );
}
