import { isIP } from 'node:net';
import type { Listen } from './listen.ts';

const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/**
 * Whether a Host header names us. A page whose own name was made to point at us (DNS rebinding) sends that name, so
 * names must be ours. Beyond loopback any plain address will do too: rebinding needs a name. Ports are not compared,
 * a tunnel may have changed them.
 */
export function ownHosts(
  listen: Listen,
  machineNames: readonly string[],
): (header: string | undefined) => boolean {
  if (listen.kind === 'unix') return () => true;
  const configured = listen.host.toLowerCase();
  const loopback = loopbackNames.includes(configured) || configured.startsWith('127.');
  const more = loopback ? [] : machineNames.map((name) => name.toLowerCase());
  const names = new Set([...loopbackNames, configured, ...more]);
  return (header) => {
    const name = hostName(header ?? '');
    return name !== undefined && (names.has(name) || (!loopback && isIP(name) !== 0));
  };
}

/** Without port, brackets and the root's dot. */
function hostName(header: string): string | undefined {
  const found = /^(?:\[(?<address>[\da-f:.]+)\]|(?<name>[\w.-]+?)\.?)(?::\d{1,5})?$/u.exec(
    header.toLowerCase(),
  );
  return found?.groups?.['address'] ?? found?.groups?.['name'];
}
