import { existsSync } from 'node:fs';

export type BusChoice =
  | { readonly kind: 'system' }
  | { readonly kind: 'session' }
  | { readonly kind: 'address'; readonly address: string };

export type BusAddress =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** A leading NUL stands for Linux's abstract namespace, as in `net.connect`. */
export type SocketPath =
  | { readonly ok: true; readonly socketPath: string }
  | { readonly ok: false; readonly message: string };

const SYSTEM_SOCKET = '/run/dbus/system_bus_socket';
/** Where libdbus looked before /run. */
const OLD_SYSTEM_SOCKET = '/var/run/dbus/system_bus_socket';
/** `sun_path` in unix(7), less the NUL that ends or begins it. */
const MAX_PATH_BYTES = 107;
/** "Server Addresses" in the D-Bus specification: every other byte must be written `%xx`. */
const PLAIN_BYTE = /[-0-9A-Za-z_/.\\*]/u;

/** The address of the chosen bus, as one `unix:path=…` or `unix:abstract=…` that `connectBus` takes. */
export function busAddress(
  choice: BusChoice,
  env: NodeJS.ProcessEnv,
  uid: number,
  exists: (path: string) => boolean = existsSync,
): BusAddress {
  if (choice.kind === 'address')
    return normalized(choice.address, `ls -l ${SYSTEM_SOCKET} /run/user/${uid}/bus`);
  const variable = choice.kind === 'system' ? 'DBUS_SYSTEM_BUS_ADDRESS' : 'DBUS_SESSION_BUS_ADDRESS';
  const given = env[variable];
  // libdbus takes an empty variable for none.
  if (given !== undefined && given !== '') return normalized(given, `unset ${variable}`);
  if (choice.kind === 'session') {
    const runtimeDir = env['XDG_RUNTIME_DIR'];
    const folder = runtimeDir === undefined || runtimeDir === '' ? `/run/user/${uid}` : runtimeDir;
    return normalized(addressOf(`${folder}/bus`), 'unset XDG_RUNTIME_DIR');
  }
  const old = !exists(SYSTEM_SOCKET) && exists(OLD_SYSTEM_SOCKET);
  return { ok: true, address: addressOf(old ? OLD_SYSTEM_SOCKET : SYSTEM_SOCKET) };
}

/** The socket of the first address in `addresses` that flapd can use. */
export function socketPathOf(addresses: string): SocketPath {
  let refusal = 'it is empty';
  for (const address of addresses.split(';')) {
    const result = parseOne(address);
    if ('socketPath' in result) return { ok: true, ...result };
    refusal = result.refusal;
  }
  return { ok: false, message: `Cannot use bus address "${addresses}": ${refusal}; expected unix:path=…` };
}

/** The address of a socket. */
export function addressOf(socketPath: string): string {
  if (socketPath.startsWith('\0')) return `unix:abstract=${escapeValue(socketPath.slice(1))}`;
  return `unix:path=${escapeValue(socketPath)}`;
}

function normalized(addresses: string, hint: string): BusAddress {
  const result = socketPathOf(addresses);
  if (!result.ok) return { ...result, hint };
  return { ok: true, address: addressOf(result.socketPath) };
}

type Parsed = { readonly socketPath: string } | { readonly refusal: string };

function parseOne(address: string): Parsed {
  const colon = address.indexOf(':');
  if (colon === -1) return { refusal: address === '' ? 'it is empty' : 'it has no transport' };
  const transport = address.slice(0, colon);
  if (transport !== 'unix') return { refusal: `transport "${transport}" is not supported` };
  const values = new Map<string, string>();
  for (const pair of address.slice(colon + 1).split(',')) {
    const [key = '', value, ...more] = pair.split('=');
    if (value === undefined || more.length > 0) return { refusal: `"${pair}" is not key=value` };
    if (values.has(key)) return { refusal: `"${key}" is given twice` };
    values.set(key, value);
  }
  const path = values.get('path');
  const abstract = values.get('abstract');
  if (path !== undefined && abstract !== undefined) return { refusal: 'it has both "path" and "abstract"' };
  if (path !== undefined) return parsePath(path);
  if (abstract !== undefined) return parseAbstract(abstract);
  return { refusal: 'it has neither "path" nor "abstract"' };
}

function parsePath(escaped: string): Parsed {
  const result = unescapeValue(escaped);
  if ('refusal' in result) return result;
  if (!result.value.startsWith('/')) return { refusal: `the path "${result.value}" is not absolute` };
  if (result.value.includes('\0')) return { refusal: 'the path contains a NUL' };
  return { socketPath: result.value };
}

function parseAbstract(escaped: string): Parsed {
  const result = unescapeValue(escaped);
  if ('refusal' in result) return result;
  if (result.value === '') return { refusal: 'the abstract name is empty' };
  return { socketPath: `\0${result.value}` };
}

function escapeValue(value: string): string {
  let escaped = '';
  for (const byte of Buffer.from(value)) {
    const character = String.fromCharCode(byte);
    escaped += PLAIN_BYTE.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
  }
  return escaped;
}

function unescapeValue(escaped: string): { readonly value: string } | { readonly refusal: string } {
  const bytes: number[] = [];
  for (let at = 0; at < escaped.length; at += 1) {
    const character = escaped.charAt(at);
    if (character === '%') {
      const digits = escaped.slice(at + 1, at + 3);
      if (!/^[0-9A-Fa-f]{2}$/u.test(digits)) return { refusal: `"%${digits}" is not an escaped byte` };
      bytes.push(Number.parseInt(digits, 16));
      at += 2;
    } else if (PLAIN_BYTE.test(character)) {
      bytes.push(character.charCodeAt(0));
    } else {
      return { refusal: `"${character}" must be written "${escapeValue(character)}"` };
    }
  }
  if (bytes.length > MAX_PATH_BYTES)
    return { refusal: `${bytes.length} bytes are too long, ${MAX_PATH_BYTES} are the most` };
  try {
    return {
      value: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes)),
    };
  } catch {
    return { refusal: 'it is not UTF-8' };
  }
}
