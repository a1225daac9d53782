import type { Endpoint } from '../evidence/inquiry.ts';

const v4 = String.raw`\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}`;
/** A host; a source file with its line (`main.go:42`) is none. */
const name = String.raw`(?:localhost|[a-zA-Z][\w-]*(?:\.[\w-]+)+(?<!\.(?:go|js|ts|mjs|cjs|py|rb|c|cc|cpp|h|rs|java|kt|scala|php|pl|lua|conf|cfg|cf|ini|ya?ml|json|toml|xml|sh))|\*)`;

/** How programs write an address with a port; group 1 the address, group 2 the port. */
const forms: readonly RegExp[] = [
  /\[([0-9a-fA-F:.]+)\]:(\d{1,5})\b/,
  // Node: ":::3000" is port 3000 of "::".
  /(?:^|[\s('"=])(::):(\d{1,5})\b/,
  new RegExp(`(?:^|[^\\w.])(${v4}|${name}):(\\d{1,5})\\b`),
  /\('([^']*)', (\d{1,5})\)/,
  new RegExp(`["'(]?(${v4}|${name}|[0-9a-fA-F:]+::?[0-9a-fA-F]*)["')]?,? port:? (\\d{1,5})\\b`),
  /\b(?:tcp|udp)[46]? ()?:(\d{1,5})\b/,
  /(?:^|[\s/])():(\d{2,5})(?=[\s,:;)]|$)/,
];
const portOn = new RegExp(
  `\\bport:?\\s{0,3}[#[]?(\\d{1,5})(?: on (?:host )?["']?(${v4}|${name}|[0-9a-fA-F:]*::[0-9a-fA-F:]*))?`,
  'i',
);

/** What programs that name no port call what they listen for, with its port (services(5)). */
const named: readonly (readonly [RegExp, number])[] = [
  [/\bSMTP socket\b|\bdaemon MTA\b/i, 25],
  [/\bdaemon MSA\b/i, 587],
  [/\bHTTPS (?:socket|listener|port)\b/i, 443],
  [/\bHTTP (?:socket|listener|port)\b/i, 80],
  [/\bDNS (?:socket|listener|port)\b/i, 53],
];

/** The address and port that a line names; undefined where it names no port. */
export function endpointIn(text: string): Endpoint | undefined {
  const protocol = /\budp[46]?\b/i.test(text) ? 'udp' : 'tcp';
  for (const form of forms) {
    const match = form.exec(text);
    if (match !== null) return endpoint(protocol, match[1] ?? '', Number(match[2]));
  }
  const match = portOn.exec(text);
  return match === null ? undefined : endpoint(protocol, match[2] ?? '', Number(match[1]));
}

/** Of several lines, the first that names one. */
export function endpointNear(texts: readonly string[]): Endpoint | undefined {
  for (const text of texts) {
    const found = endpointIn(text);
    if (found !== undefined) return found;
  }
  for (const text of texts) {
    const port = named.find(([pattern]) => pattern.test(text))?.[1];
    if (port !== undefined) return { protocol: 'tcp', address: undefined, port };
  }
  return undefined;
}

function endpoint(protocol: Endpoint['protocol'], address: string, port: number): Endpoint | undefined {
  if (port < 1 || port > 65535) return undefined;
  return { protocol, address: isWildcard(address) ? undefined : address, port };
}

export function isWildcard(address: string): boolean {
  return ['', '*', '0.0.0.0', '::', '[::]', '0:0:0:0:0:0:0:0'].includes(address);
}

/** "TCP port 80", "UDP 127.0.0.1:53", "TCP [::1]:80" */
export function endpointWords({ protocol, address, port }: Endpoint): string {
  if (address === undefined || isWildcard(address)) return `${protocol.toUpperCase()} port ${port}`;
  return `${protocol.toUpperCase()} ${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Of this machine, so that its sockets can be looked for here. */
export function isLocal(address: string | undefined): boolean {
  return address === undefined || /^(?:127\.|localhost$|::1$|0\.0\.0\.0$|::$)/.test(address);
}
